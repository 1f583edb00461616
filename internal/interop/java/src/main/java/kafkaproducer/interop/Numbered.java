package kafkaproducer.interop;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Numbered records: a value begins with a decimal number, and the records 0 to count-1 are sent in that order.
 * A topic is whole when each number is in it once, and each key's numbers rise in one single partition.
 */
final class Numbered {
    private static final int EXAMPLES = 10;

    /** What was found in a topic. It is whole when records equals count and all the other counts are 0. */
    static final class Verdict {
        public long records;
        public long missing;
        public long doubled;
        public long outOfOrder;
        /** Keys seen in more than one partition. */
        public long strayed;
        /** Values without a number, or with one that is not below count. */
        public long alien;
        public Map<Integer, Long> partitions = new TreeMap<>();
        public List<String> examples = new ArrayList<>();

        private void example(String what, ConsumerRecord<byte[], byte[]> r, long number) {
            if (examples.size() < EXAMPLES) {
                examples.add(what + ": number " + number + " at partition " + r.partition() + " offset " + r.offset());
            }
        }
    }

    private static final class Key {
        int partition;
        long last = -1;
        boolean strayed;
    }

    static Object verify(Request r) throws IOException {
        Verdict verdict = new Verdict();
        BitSet seen = new BitSet(Math.toIntExact(r.count));
        Map<String, Key> keys = new HashMap<>();
        verdict.records = Reader.each(r, record -> {
            verdict.partitions.merge(record.partition(), 1L, Long::sum);
            long number = number(record.value());
            if (number < 0 || number >= r.count) {
                verdict.alien++;
                verdict.example("alien", record, number);
                return;
            }
            if (seen.get((int) number)) {
                verdict.doubled++;
                verdict.example("doubled", record, number);
                return;
            }
            seen.set((int) number);
            if (record.key() != null) {
                String name = new String(record.key(), StandardCharsets.ISO_8859_1);
                follow(keys.computeIfAbsent(name, k -> new Key()), record, number, verdict);
            }
        });
        verdict.missing = r.count - seen.cardinality();
        int hole = seen.nextClearBit(0);
        if (hole < r.count) {
            verdict.examples.add("missing: number " + hole + " is the first");
        }
        return verdict;
    }

    private static void follow(Key key, ConsumerRecord<byte[], byte[]> record, long number, Verdict verdict) {
        if (key.last < 0) {
            key.partition = record.partition();
        } else if (key.partition != record.partition() && !key.strayed) {
            key.strayed = true;
            verdict.strayed++;
            verdict.example("strayed", record, number);
        }
        if (number < key.last) {
            verdict.outOfOrder++;
            verdict.example("out of order after " + key.last, record, number);
        }
        key.last = Math.max(key.last, number);
    }

    /** The number that a value begins with; -1: none. */
    private static long number(byte[] value) {
        if (value == null) {
            return -1;
        }
        long n = 0;
        int i = 0;
        while (i < value.length && i < 18 && value[i] >= '0' && value[i] <= '9') {
            n = n * 10 + (value[i++] - '0');
        }
        return i == 0 ? -1 : n;
    }

    /** Sends count numbered records over the given number of keys with Java's producer; answers how many failed. */
    static Object write(Request r) {
        AtomicLong failed = new AtomicLong();
        try (KafkaProducer<byte[], byte[]> producer = Writer.producer(r)) {
            for (long i = 0; i < r.count; i++) {
                byte[] key = ("key-" + i % r.keys).getBytes(StandardCharsets.UTF_8);
                byte[] value = Long.toString(i).getBytes(StandardCharsets.UTF_8);
                producer.send(new ProducerRecord<>(r.topic, key, value), (metadata, e) -> {
                    if (e != null) {
                        failed.incrementAndGet();
                    }
                });
            }
        }
        return failed.get();
    }

    private Numbered() {}
}
