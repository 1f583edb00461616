package kafkaproducer.bench;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The records of load/payload.go, to the byte. */
final class Payload {
    private static final String[] WORDS = {
        "order", "created", "paid", "shipped", "email", "service", "user", "login", "failed", "retry",
        "warehouse", "eu-west", "us-east"
    };

    private long state = 1;

    private int next(int n) {
        state = state * 6364136223846793005L + 1442695040888963407L;
        return (int) Long.remainderUnsigned(state >>> 33, n);
    }

    /** n different values. */
    static byte[][] values(int n, int size) {
        Payload random = new Payload();
        byte[][] values = new byte[n][];
        for (int i = 0; i < n; i++) {
            StringBuilder b = new StringBuilder();
            b.append("{\"id\":").append(random.next(1_000_000_000)).append(random.next(1_000_000_000));
            b.append(",\"ts\":17000").append(random.next(100_000_000));
            while (b.length() < size) {
                b.append(",\"").append(random.word()).append("\":\"").append(random.word()).append('-');
                b.append(random.next(1_000_000)).append('"');
            }
            values[i] = Arrays.copyOf(b.toString().getBytes(StandardCharsets.UTF_8), size);
        }
        return values;
    }

    private String word() {
        return WORDS[next(WORDS.length)];
    }

    /** n different keys, or the only one that is none. */
    static byte[][] keys(int n) {
        byte[][] keys = new byte[Math.max(1, n)][];
        for (int i = 0; i < n; i++) {
            keys[i] = ("user-" + i).getBytes(StandardCharsets.UTF_8);
        }
        return keys;
    }

    private Payload() {}
}
