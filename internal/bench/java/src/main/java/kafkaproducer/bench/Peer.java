package kafkaproducer.bench;

import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.internals.AppInfoParser;

/**
 * The peer of Kafka's own producer: takes the flags of load/settings.go, does the work, and prints the line of load/result.go.
 *
 * <p>It runs with the JVM's own choice of heap and collector.
 */
public final class Peer {
    public static void main(String[] args) throws Exception {
        Settings settings = new Settings(args);
        endAfter(settings.nanos("timeout"));
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(properties(settings), new ByteArraySerializer(), new ByteArraySerializer());
        Work work = new Work(settings, producer);
        Map<String, Double> figures = work.run();
        StringBuilder json = new StringBuilder();
        json.append("{\"version\":\"kafka-clients ").append(AppInfoParser.getVersion());
        json.append(" on Java ").append(Runtime.version().feature()).append("\",\"notes\":[\"warmed up for 4 s first, for the JVM's compiler\"]");
        json.append(",\"sent\":").append(work.sent()).append(",\"failed\":").append(work.failed());
        json.append(",\"figures\":{");
        String comma = "";
        for (Map.Entry<String, Double> figure : figures.entrySet()) {
            json.append(comma).append('"').append(figure.getKey()).append("\":").append(figure.getValue());
            comma = ",";
        }
        System.out.println(json.append("}}"));
        producer.close();
    }

    private static Properties properties(Settings settings) {
        Properties p = new Properties();
        p.put("bootstrap.servers", settings.text("bootstrap"));
        p.put("acks", settings.text("acks"));
        p.put("enable.idempotence", settings.text("idempotent"));
        p.put("compression.type", settings.text("codec"));
        p.put("linger.ms", Long.toString(settings.nanos("linger") / 1_000_000));
        p.put("batch.size", settings.text("batch"));
        p.put("buffer.memory", settings.text("buffer"));
        p.put("max.in.flight.requests.per.connection", settings.text("inflight"));
        return p;
    }

    /** Ends the process then, whatever became of the work. */
    private static void endAfter(long nanos) {
        Thread watch = new Thread(() -> {
            try {
                TimeUnit.NANOSECONDS.sleep(nanos);
            } catch (InterruptedException e) {
                return;
            }
            System.err.println("not done in time");
            Runtime.getRuntime().halt(3);
        });
        watch.setDaemon(true);
        watch.start();
    }

    private Peer() {}
}
