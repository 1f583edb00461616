package kafkaproducer.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** One run of the producer: load/work.go, in Java. */
final class Work {
    private static final int START_RECORDS = 100;
    private static final long START_NANOS = 2_000_000_000L;

    /** The compiler of the JVM needs to have seen the code at work, so that the work is done for so long before the clock starts. */
    private static final long WARM_UP_NANOS = 4_000_000_000L;

    private final Settings settings;
    private final KafkaProducer<byte[], byte[]> producer;
    private final String[] topics;
    private final byte[][] keys;
    private final byte[][] values;
    private final AtomicLong acked = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private long[] latencies = {};
    private long sent;

    Work(Settings settings, KafkaProducer<byte[], byte[]> producer) {
        this.settings = settings;
        this.producer = producer;
        topics = new String[(int) Math.max(1, settings.number("topics"))];
        for (int i = 0; i < topics.length; i++) {
            topics[i] = settings.text("topic").replace("%d", Integer.toString(i));
        }
        keys = Payload.keys((int) settings.number("keys"));
        values = Payload.values((int) settings.number("values"), (int) settings.number("size"));
    }

    private void send(long i, Callback callback) {
        byte[] key = keys[(int) (i % keys.length)];
        byte[] value = values[(int) (i % values.length)];
        producer.send(new ProducerRecord<>(topics[(int) (i % topics.length)], key, value), callback);
    }

    private void count(Exception error) {
        (error == null ? acked : failed).incrementAndGet();
    }

    /** Does the work and returns the figures of the result. */
    Map<String, Double> run() throws Exception {
        start();
        String mode = settings.text("mode");
        if (mode.equals("idle")) {
            return idle();
        }
        work(mode, WARM_UP_NANOS);
        sent = acked.getAndSet(0);
        latencies = new long[0];
        System.gc();
        long cpu = Usage.cpuNanos();
        long begin = System.nanoTime();
        work(mode, settings.nanos("for"));
        double seconds = (System.nanoTime() - begin) / 1e9;
        Map<String, Double> figures = new TreeMap<>();
        figures.put("cpu_ns", (double) (Usage.cpuNanos() - cpu) / acked.get());
        figures.put("krec_s", acked.get() / seconds / 1e3);
        figures.put("peak_mb", Usage.peakMegabytes());
        if (latencies.length > 0) {
            Arrays.sort(latencies);
            figures.put("p50_us", quantile(0.50));
            figures.put("p95_us", quantile(0.95));
            figures.put("p99_us", quantile(0.99));
        }
        sent += acked.get();
        return figures;
    }

    long sent() {
        return sent;
    }

    long failed() {
        return failed.get();
    }

    /** Records one by one, at least one to each topic. */
    private void start() throws InterruptedException {
        long begin = System.nanoTime();
        for (int i = 0; i < topics.length || i < START_RECORDS && System.nanoTime() - begin < START_NANOS; i++) {
            oneByOne(i, 1);
        }
    }

    private void work(String mode, long nanos) throws Exception {
        int records = (int) Math.min(settings.number("records"), Integer.MAX_VALUE);
        switch (mode) {
            case "throughput" -> throughput(nanos);
            case "onebyone" -> oneByOne(0, records);
            case "paced" -> paced(records);
            default -> throw new IllegalArgumentException("no such mode: " + mode);
        }
    }

    private void throughput(long nanos) throws InterruptedException {
        int senders = (int) settings.number("senders");
        long records = settings.number("records");
        long begin = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        Callback callback = (metadata, error) -> count(error);
        for (int g = 0; g < senders; g++) {
            long first = g;
            Thread thread = new Thread(() -> {
                long n = 0;
                for (long i = first; i < records; i += senders) {
                    if (nanos > 0 && n++ % 64 == 0 && System.nanoTime() - begin >= nanos) {
                        return;
                    }
                    send(i, callback);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        producer.flush();
    }

    private void oneByOne(int first, int records) throws InterruptedException {
        latencies = new long[records];
        // Made for each record: there is only one on its way.
        CountDownLatch[] done = new CountDownLatch[1];
        Callback callback = (metadata, error) -> {
            count(error);
            done[0].countDown();
        };
        for (int i = 0; i < records; i++) {
            long begin = System.nanoTime();
            done[0] = new CountDownLatch(1);
            send(first + i, callback);
            done[0].await();
            latencies[i] = System.nanoTime() - begin;
        }
    }

    private void paced(int records) throws InterruptedException {
        latencies = new long[records];
        CountDownLatch outcomes = new CountDownLatch(records);
        long gap = 1_000_000_000L / settings.number("rate");
        long begin = System.nanoTime();
        for (int i = 0; i < records; i++) {
            long due = begin + i * gap;
            int place = i;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            send(i, (metadata, error) -> {
                latencies[place] = System.nanoTime() - due;
                count(error);
                outcomes.countDown();
            });
        }
        outcomes.await();
    }

    private Map<String, Double> idle() throws InterruptedException {
        sent = acked.get();
        Thread.sleep(3000);
        long cpu = Usage.threadNanos();
        Thread.sleep(3000);
        return new TreeMap<>(Map.of("idle_us_s", (Usage.threadNanos() - cpu) / 1e3 / 3));
    }

    /** The value below which a part of the sorted latencies lies, in microseconds: the nearest rank. */
    private double quantile(double part) {
        int rank = (int) Math.ceil(part * latencies.length);
        return latencies[Math.min(Math.max(rank, 1), latencies.length) - 1] / 1e3;
    }
}
