package kafkaproducer.interop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The reference: the same records through Kafka's own producer. */
final class Writer {
    /** Sends the request's records, and answers with where each of them went, in the order they were given. */
    static Object write(Request r, Helper.Items items) throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer = producer(r)) {
            for (Request.Record record : r.records) {
                sent.add(producer.send(new ProducerRecord<>(
                    r.topic, record.partition, record.timestamp, record.key, record.value, headers(record))));
            }
        }
        for (Future<RecordMetadata> f : sent) {
            items.add(describe(f.get()));
        }
        return sent.size();
    }

    static KafkaProducer<byte[], byte[]> producer(Request r) {
        ByteArraySerializer bytes = new ByteArraySerializer();
        return new KafkaProducer<>(r.clientConfig(r.config), bytes, bytes);
    }

    private static List<Header> headers(Request.Record record) {
        return record.headers.stream().map(h -> (Header) new RecordHeader(h.key, h.value)).toList();
    }

    private static Request.Record describe(RecordMetadata from) throws IOException {
        Request.Record to = new Request.Record();
        to.partition = from.partition();
        to.offset = from.offset();
        to.timestamp = from.timestamp();
        return to;
    }

    private Writer() {}
}
