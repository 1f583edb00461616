package kafkaproducer.interop;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads a whole topic: every partition from its first offset to the end it has when the reading begins. */
final class Reader {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    interface Sink {
        void take(ConsumerRecord<byte[], byte[]> record) throws IOException;
    }

    static Object read(Request r, Helper.Items items) throws IOException {
        return each(r, record -> items.add(describe(record)));
    }

    /** Gives every record to sink, and returns how many there were. */
    static long each(Request r, Sink sink) throws IOException {
        Map<String, Object> config = r.clientConfig(Map.of(
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false,
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 10_000,
            // Closing waits for the last fetch, which at the end of the topic waits this long for more.
            ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 10,
            ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 << 20));
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config, bytes, bytes)) {
            List<TopicPartition> partitions = consumer.partitionsFor(r.topic).stream()
                .map(p -> new TopicPartition(p.topic(), p.partition())).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            return drain(consumer, consumer.endOffsets(partitions), sink);
        }
    }

    private static long drain(KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends, Sink sink)
            throws IOException {
        long count = 0;
        long progress = System.nanoTime();
        List<TopicPartition> open = new ArrayList<>(ends.keySet());
        while (true) {
            open.removeIf(p -> consumer.position(p) >= ends.get(p));
            if (open.isEmpty()) {
                return count;
            }
            ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(200));
            for (ConsumerRecord<byte[], byte[]> record : records) {
                if (record.offset() < ends.get(new TopicPartition(record.topic(), record.partition()))) {
                    sink.take(record);
                    count++;
                }
            }
            if (!records.isEmpty()) {
                progress = System.nanoTime();
            } else if (System.nanoTime() - progress > PATIENCE.toNanos()) {
                throw new IOException("nothing came for " + PATIENCE + " though these partitions have not ended: " + open);
            }
        }
    }

    private static Request.Record describe(ConsumerRecord<byte[], byte[]> from) {
        Request.Record to = new Request.Record();
        to.partition = from.partition();
        to.offset = from.offset();
        to.timestamp = from.timestamp();
        to.timestampType = from.timestampType().toString();
        to.key = from.key();
        to.value = from.value();
        to.headers = new ArrayList<>();
        for (Header h : from.headers()) {
            to.headers.add(new Request.Header(h.key(), h.value()));
        }
        return to;
    }

    private Reader() {}
}
