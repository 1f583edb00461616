package kafkaproducer.golden;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.utils.Utils;

/**
 * Writes keys with their hash and the partition that it means: a line is the key in hexadecimal digits (- when it is empty),
 * the hash, and for several numbers of partitions NUMBER:PARTITION.
 */
public final class Partitions {

    private static final int[] NUMBERS = {1, 2, 3, 7, 8, 10, 12, 50, 64, 100, 1_000, 4_096, Integer.MAX_VALUE};

    public static void main(String[] args) throws IOException {
        List<byte[]> keys = new ArrayList<>();
        // The hash takes four bytes at a time: each length of the remainder, with small and with large bytes.
        for (int length = 0; length <= 20; length++) {
            byte[] small = new byte[length];
            byte[] large = new byte[length];
            for (int i = 0; i < length; i++) {
                small[i] = (byte) i;
                large[i] = (byte) (0xff - i);
            }
            keys.add(small);
            if (length > 0) {
                keys.add(large);
            }
        }
        for (String text : new String[] {"key", "user-1", "user-2", "email-service-1", "ключ", "鍵", "🔑", "a".repeat(1_000)}) {
            keys.add(text.getBytes(StandardCharsets.UTF_8));
        }
        Random random = new Random(1);
        for (int i = 0; i < 500; i++) {
            byte[] key = new byte[1 + random.nextInt(40)];
            random.nextBytes(key);
            keys.add(key);
        }
        StringBuilder out = new StringBuilder();
        for (byte[] key : keys) {
            int hash = Utils.murmur2(key);
            out.append(key.length == 0 ? "-" : HexFormat.of().formatHex(key)).append(' ').append(hash);
            for (int n : NUMBERS) {
                out.append(' ').append(n).append(':').append(Utils.toPositive(hash) % n);
            }
            out.append('\n');
        }
        Files.writeString(Path.of(args[0]).resolve("murmur2"), out);
    }
}
