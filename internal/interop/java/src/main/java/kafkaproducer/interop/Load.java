package kafkaproducer.interop;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Java's producer in a chaos run: the same load, and the same report of it, as worker.go has for the producers in Go.
 *
 * <p>The argument is a Job in JSON. The program ends with its standard input, and prints a Report when it is through.
 */
public final class Load {
    static final class Job {
        public String client;
        public String topic;
        public Map<String, String> properties = Map.of();
        public int goroutines;
        public int each;
        public long length; // nanoseconds over which the records are spread
        public long close;  // nanoseconds that closing may take
        public String journal;
    }

    static final class Report {
        public int[] ends;
        public long peakPending;
        public long longestMillis;
        public List<long[]> stalls = new ArrayList<>(); // from and to, milliseconds since 1970
        public Map<String, Long> failures = new HashMap<>();
        public long closeMillis;
        public String closeError = "";
    }

    // As in ledger.go.
    private static final int ACKNOWLEDGED = 1;
    private static final int REFUSED = 5;
    private static final int FAILED = 6;

    private static final long STALL_MILLIS = 100;

    private final Job job;
    private final Report report = new Report();
    private final DataOutputStream journal;
    private final AtomicLong pending = new AtomicLong();
    private final AtomicLong pendingBytes = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();
    private volatile boolean watching = true;

    private Load(Job job) throws IOException {
        this.job = job;
        this.journal = new DataOutputStream(new BufferedOutputStream(new FileOutputStream(job.journal), 1 << 16));
        this.report.ends = new int[job.goroutines];
    }

    public static void main(String[] args) throws Exception {
        Thread leash = new Thread(Load::awaitEndOfInput, "leash");
        leash.setDaemon(true);
        leash.start();
        Load load = new Load(Helper.JSON.readValue(args[0], Job.class));
        load.run();
        System.out.println(Helper.JSON.writeValueAsString(load.report));
    }

    private static void awaitEndOfInput() {
        try {
            while (System.in.read() >= 0) {
                continue;
            }
        } catch (IOException e) {
            System.err.println("leash: " + e);
        }
        Runtime.getRuntime().halt(3);
    }

    private void run() throws Exception {
        ByteArraySerializer bytes = new ByteArraySerializer();
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(new HashMap<>(job.properties), bytes, bytes);
        Thread watch = new Thread(this::watch, "watch");
        watch.start();
        System.out.println("ready");
        long begin = System.nanoTime();
        List<Thread> senders = new ArrayList<>();
        for (int g = 0; g < job.goroutines; g++) {
            int own = g;
            Thread t = new Thread(() -> send(producer, own, begin), "sender-" + g);
            t.start();
            senders.add(t);
        }
        for (Thread t : senders) {
            t.join();
        }
        long closing = System.nanoTime();
        try {
            producer.close(java.time.Duration.ofNanos(job.close));
        } catch (RuntimeException e) {
            report.closeError = e.toString();
        }
        report.closeMillis = (System.nanoTime() - closing) / 1_000_000;
        watching = false;
        watch.join();
        synchronized (journal) {
            journal.close();
        }
        report.peakPending = peak.get();
    }

    private void send(KafkaProducer<byte[], byte[]> producer, int g, long begin) {
        for (int n = 0; n < job.each; n++) {
            if (n % 16 == 0) {
                long ahead = begin + job.length / job.each * n - System.nanoTime();
                if (ahead > 1_000_000) {
                    LockSupport.parkNanos(ahead);
                }
            }
            one(producer, g, n);
            report.ends[g] = n + 1;
        }
    }

    private void one(KafkaProducer<byte[], byte[]> producer, int g, int n) {
        byte[] key = Numbers.keyBytes(g, n);
        byte[] value = Numbers.value(g, n);
        int size = value.length + (key == null ? 0 : key.length);
        long sent = System.nanoTime();
        pending.incrementAndGet();
        try {
            producer.send(new ProducerRecord<>(job.topic, key, value), (m, e) -> {
                pending.decrementAndGet();
                pendingBytes.addAndGet(-size);
                done(g, n, m, e, sent);
            });
        } catch (RuntimeException e) {
            pending.decrementAndGet();
            note(g, n, REFUSED, -1, -1, sent, e);
            return;
        }
        peak.accumulateAndGet(pendingBytes.addAndGet(size), Math::max);
    }

    private void done(int g, int n, RecordMetadata m, Exception e, long sent) {
        if (e != null) {
            note(g, n, FAILED, m == null ? -1 : m.partition(), -1, sent, e);
            return;
        }
        acknowledged.incrementAndGet();
        note(g, n, ACKNOWLEDGED, m.partition(), m.offset(), sent, null);
    }

    /** Writes an event as ledger.go reads it. */
    private void note(int g, int n, int kind, int partition, long offset, long sent, Exception why) {
        long millis = (System.nanoTime() - sent) / 1_000_000;
        synchronized (journal) {
            report.longestMillis = Math.max(report.longestMillis, kind == REFUSED ? 0 : millis);
            if (why != null) {
                report.failures.merge(why.getClass().getSimpleName(), 1L, Long::sum);
            }
            try {
                journal.writeShort(g);
                journal.writeByte(kind);
                journal.writeByte(0);
                journal.writeInt(n);
                journal.writeInt(partition);
                journal.writeLong(offset);
                journal.writeInt((int) millis);
            } catch (IOException e) {
                e.printStackTrace();
                Runtime.getRuntime().halt(4);
            }
        }
    }

    /** Looks for times without acknowledgement while there was something to acknowledge. */
    private void watch() {
        long last = -1;
        long since = System.currentTimeMillis();
        while (watching) {
            LockSupport.parkNanos(10_000_000);
            long now = System.currentTimeMillis();
            long count = acknowledged.get();
            if (count != last || pending.get() == 0) {
                addStall(since, now);
                last = count;
                since = now;
            }
        }
        addStall(since, System.currentTimeMillis());
    }

    private void addStall(long from, long to) {
        if (to - from >= STALL_MILLIS) {
            report.stalls.add(new long[] {from, to});
        }
    }

    /** Where each record of a topic stands, as ledger.go reads it: partition, offset, g (-1: none of ours), n. */
    static Object positions(Request r) throws IOException {
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(new FileOutputStream(r.file), 1 << 16))) {
            return Reader.each(r, record -> {
                int[] number = Numbers.parse(record);
                out.writeInt(record.partition());
                out.writeLong(record.offset());
                out.writeInt(number == null ? -1 : number[0]);
                out.writeInt(number == null ? -1 : number[1]);
            });
        }
    }
}
