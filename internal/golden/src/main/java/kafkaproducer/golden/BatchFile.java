package kafkaproducer.golden;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Utils;

/**
 * Records and the batches that were made of them, as one text file. The same form goes both ways: {@link Batches} writes
 * it for the Go code to read, and the Go code writes it for {@link VerifyBatches}. A line is one of
 *
 * <pre>
 * producer ID EPOCH SEQUENCE     -1 -1 -1 without an id
 * record TIMESTAMP KEY VALUE
 * header KEY VALUE               of the record above
 * batch CODEC LEVEL BYTES        all the records above; - when the codec has no levels
 * </pre>
 *
 * Bytes are {@code null}, or an x with hexadecimal digits, after which *N says that they are repeated.
 */
record BatchFile(long producerId, short producerEpoch, int baseSequence, List<SimpleRecord> records, List<Batch> batches) {

    /** A batch of the records. */
    record Batch(String codec, String level, byte[] bytes) {}

    /** All files of a folder, by name. */
    static List<Path> in(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".txt")).sorted().toList();
        }
    }

    static BatchFile read(Path file) throws IOException {
        String[] producer = {"", "-1", "-1", "-1"};
        List<SimpleRecord> records = new ArrayList<>();
        List<Batch> batches = new ArrayList<>();
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            String[] f = line.split(" ");
            switch (f[0]) {
                case "producer" -> producer = f;
                case "record" -> records.add(new SimpleRecord(Long.parseLong(f[1]), bytes(f[2]), bytes(f[3])));
                case "header" -> records.set(records.size() - 1, withHeader(records.get(records.size() - 1), f[1], f[2]));
                case "batch" -> batches.add(new Batch(f[1], f[2], bytes(f[3])));
                default -> throw new IllegalArgumentException(file + ": " + line);
            }
        }
        return new BatchFile(Long.parseLong(producer[1]), Short.parseShort(producer[2]), Integer.parseInt(producer[3]), records, batches);
    }

    private static SimpleRecord withHeader(SimpleRecord r, String key, String value) {
        Header[] headers = Arrays.copyOf(r.headers(), r.headers().length + 1);
        headers[r.headers().length] = new RecordHeader(new String(bytes(key), StandardCharsets.UTF_8), bytes(value));
        return new SimpleRecord(r.timestamp(), Utils.toNullableArray(r.key()), Utils.toNullableArray(r.value()), headers);
    }

    void write(Path file) {
        StringBuilder out = new StringBuilder("producer " + producerId + " " + producerEpoch + " " + baseSequence + "\n");
        for (SimpleRecord r : records) {
            out.append("record " + r.timestamp() + " " + text(Utils.toNullableArray(r.key())) + " " + text(Utils.toNullableArray(r.value())) + "\n");
            for (Header h : r.headers()) {
                out.append("header " + text(h.key().getBytes(StandardCharsets.UTF_8)) + " " + text(h.value()) + "\n");
            }
        }
        for (Batch b : batches) {
            out.append("batch " + b.codec + " " + b.level + " " + text(b.bytes) + "\n");
        }
        try {
            Files.writeString(file, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] bytes(String text) {
        if (text.equals("null")) {
            return null;
        }
        String[] parts = text.substring(1).split("\\*", 2);
        return repeat(HexFormat.of().parseHex(parts[0]), parts.length == 1 ? 1 : Integer.parseInt(parts[1]));
    }

    static byte[] repeat(byte[] unit, int times) {
        byte[] all = new byte[unit.length * times];
        for (int i = 0; i < all.length; i++) {
            all[i] = unit[i % unit.length];
        }
        return all;
    }

    static String text(byte[] bytes) {
        if (bytes == null) {
            return "null";
        }
        for (int unit = 1; unit <= 16 && bytes.length >= 64; unit++) {
            byte[] first = Arrays.copyOf(bytes, unit);
            if (bytes.length % unit == 0 && Arrays.equals(bytes, repeat(first, bytes.length / unit))) {
                return "x" + HexFormat.of().formatHex(first) + "*" + bytes.length / unit;
            }
        }
        return "x" + HexFormat.of().formatHex(bytes);
    }
}
