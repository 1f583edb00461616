package kafkaproducer.interop;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The records of a chaos run: what goroutine (here: thread) g sends as its n-th. The Go side has the same in chaos/numbers.go.
 *
 * <p>The key is one of a few, or null for each fourth. The value is "g n key padding.", with '-' for a null key, so
 * that a record under a foreign key, or with a part of its value missing, is seen.
 */
final class Numbers {
    private static final int KEYS = 1000;
    private static final int PADDING = 150;

    static String key(int g, int n) {
        return n % 4 == 3 ? null : "k" + (n * 7919L + g) % KEYS;
    }

    static byte[] keyBytes(int g, int n) {
        String key = key(g, n);
        return key == null ? null : key.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] value(int g, int n) {
        String key = key(g, n);
        String head = g + " " + n + " " + (key == null ? "-" : key) + " ";
        return (head + "x".repeat((int) (n * 31L % PADDING)) + ".").getBytes(StandardCharsets.UTF_8);
    }

    /** The g and n of a record, or null where it is none that a run sends. */
    static int[] parse(ConsumerRecord<byte[], byte[]> record) {
        String[] words = new String(record.value() == null ? new byte[0] : record.value(), StandardCharsets.UTF_8).split(" ", 3);
        try {
            int g = Integer.parseInt(words[0]);
            int n = Integer.parseInt(words[1]);
            boolean own = Arrays.equals(record.value(), value(g, n)) && Arrays.equals(record.key(), keyBytes(g, n));
            return own ? new int[] {g, n} : null;
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return null;
        }
    }

    private Numbers() {}
}
