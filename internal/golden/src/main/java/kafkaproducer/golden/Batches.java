package kafkaproducer.golden;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Utils;

/** Writes the batches that Kafka's producer makes of some lists of records, with each codec. */
public final class Batches {

    private static final long TIME = 1_700_000_000_000L;

    private final Path folder;

    private Batches(Path folder) {
        this.folder = folder;
    }

    public static void main(String[] args) {
        Batches b = new Batches(Path.of(args[0]));
        b.plain("one", record(TIME, null, "value"));
        b.plain("keyed", record(TIME, "key", "value"), record(TIME, "key", "value"), record(TIME + 1, "other", "value"));
        b.plain("nulls", record(TIME, null, null), record(TIME, "", ""), record(TIME, "key", null), record(TIME, null, ""));
        b.plain("headers", headers());
        b.plain("backwards", record(TIME, null, "a"), record(TIME - 1, null, "b"), record(TIME - 64, null, "c"), record(TIME - 65, null, "d"),
            record(TIME - 86_400_000, null, "e"), record(TIME + 86_400_000, null, "f"), record(0, null, "g"));
        b.plain("extreme-timestamps", record(0, null, "a"), record(Long.MAX_VALUE, null, "b"), record(RecordBatch.NO_TIMESTAMP, null, "c"));
        b.plain("no-timestamp", record(RecordBatch.NO_TIMESTAMP, null, "a"), record(RecordBatch.NO_TIMESTAMP, null, "b"));
        b.plain("log", log(500));
        b.plain("noise", noise());
        b.plain("varints", varints());
        b.plain("big", record(TIME, "key", "0123456789abcde".repeat(5_000)), record(TIME, "key", "after it"));
        b.plain("many", many(8_300));

        SimpleRecord[] two = {record(TIME, null, "a"), record(TIME, null, "b")};
        b.write("producer", 4_000, (short) 7, 0, List.of(two));
        b.write("producer-largest", Long.MAX_VALUE, Short.MAX_VALUE, Integer.MAX_VALUE, List.of(two));
        b.write("sequence-wraps", 1, (short) 0, Integer.MAX_VALUE - 1, List.of(log(4)));
    }

    private static SimpleRecord record(long timestamp, String key, String value, Header... headers) {
        return new SimpleRecord(timestamp, utf8(key), utf8(value), headers);
    }

    private static byte[] utf8(String s) {
        return s == null ? null : s.getBytes(StandardCharsets.UTF_8);
    }

    private static SimpleRecord[] headers() {
        Header[] many = new Header[70];
        for (int i = 0; i < many.length; i++) {
            many[i] = new RecordHeader("key-" + i, utf8("value-" + i));
        }
        return new SimpleRecord[] {
            record(TIME, null, "a", new RecordHeader("null", (byte[]) null), new RecordHeader("empty", new byte[0])),
            record(TIME, "key", null, new RecordHeader("", utf8("of an empty key")), new RecordHeader("twice", utf8("1")), new RecordHeader("twice", utf8("2"))),
            record(TIME, null, "c", new RecordHeader("ключ-鍵-🔑", utf8("значение")), new RecordHeader("binary", new byte[] {0, (byte) 0xff, (byte) 0x80})),
            record(TIME, null, "d", many),
            record(TIME, null, "e", new RecordHeader("k".repeat(64), utf8("v".repeat(9_000)))),
            record(TIME, null, "f"),
        };
    }

    /** Lines such as a service logs. */
    private static SimpleRecord[] log(int n) {
        SimpleRecord[] records = new SimpleRecord[n];
        Random random = new Random(1);
        for (int i = 0; i < n; i++) {
            String value = "{\"id\":" + random.nextInt(1_000_000) + ",\"event\":\"page_view\",\"path\":\"/item/" + random.nextInt(1_000) + "\"}";
            records[i] = record(TIME + i / 10, "user-" + random.nextInt(100), value);
        }
        return records;
    }

    /** What does not compress. */
    private static SimpleRecord[] noise() {
        Random random = new Random(2);
        SimpleRecord[] records = new SimpleRecord[3];
        for (int i = 0; i < records.length; i++) {
            byte[] value = new byte[1_000];
            random.nextBytes(value);
            records[i] = new SimpleRecord(TIME, null, value);
        }
        return records;
    }

    /** Lengths and timestamps on both sides of where a varint gets longer. */
    private static SimpleRecord[] varints() {
        List<SimpleRecord> records = new ArrayList<>();
        for (int boundary : new int[] {1 << 6, 1 << 13}) {
            for (int d : new int[] {-11, -10, -9, -8, -7, -1, 0}) {
                records.add(record(TIME + boundary + d, null, "v".repeat(boundary + d)));
                records.add(record(TIME - boundary + d, "k".repeat(boundary + d), "v"));
            }
        }
        return records.toArray(new SimpleRecord[0]);
    }

    /** So many that the offset deltas get longer, twice. */
    private static SimpleRecord[] many(int n) {
        SimpleRecord[] records = new SimpleRecord[n];
        for (int i = 0; i < n; i++) {
            records[i] = record(TIME, null, "");
        }
        return records;
    }

    private void plain(String name, SimpleRecord... records) {
        write(name, RecordBatch.NO_PRODUCER_ID, RecordBatch.NO_PRODUCER_EPOCH, RecordBatch.NO_SEQUENCE, List.of(records));
    }

    private void write(String name, long producerId, short producerEpoch, int baseSequence, List<SimpleRecord> records) {
        BatchFile file = new BatchFile(producerId, producerEpoch, baseSequence, records, new ArrayList<>());
        byte[] uncompressed = batch(file, Compression.NONE);
        file.batches().add(new BatchFile.Batch("none", "-", uncompressed));
        file.batches().add(new BatchFile.Batch("snappy", "-", batch(file, Compression.snappy().build())));
        // Kafka's default level first, which has to do for a large batch.
        boolean large = uncompressed.length > 40_000;
        for (int level : large ? new int[] {-1} : new int[] {-1, 1, 9}) {
            file.batches().add(new BatchFile.Batch("gzip", "" + level, batch(file, Compression.gzip().level(level).build())));
        }
        for (int level : large ? new int[] {9} : new int[] {9, 1, 17}) {
            file.batches().add(new BatchFile.Batch("lz4", "" + level, batch(file, Compression.lz4().level(level).build())));
        }
        for (int level : large ? new int[] {3} : new int[] {3, -5, 19}) {
            file.batches().add(new BatchFile.Batch("zstd", "" + level, batch(file, Compression.zstd().level(level).build())));
        }
        file.write(folder.resolve(name + ".txt"));
    }

    private static byte[] batch(BatchFile file, Compression compression) {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
        try (MemoryRecordsBuilder builder = MemoryRecords.builder(buffer, RecordBatch.MAGIC_VALUE_V2, compression, TimestampType.CREATE_TIME,
                0, RecordBatch.NO_TIMESTAMP, file.producerId(), file.producerEpoch(), file.baseSequence())) {
            file.records().forEach(builder::append);
            return Utils.toArray(builder.build().buffer());
        }
    }
}
