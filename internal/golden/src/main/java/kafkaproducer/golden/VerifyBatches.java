package kafkaproducer.golden;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;

/**
 * Reads batches that the Go code wrote, in the form of {@link BatchFile}, with the classes that brokers and consumers
 * use, and compares them to the records they were made of. Its argument is their folder.
 */
public final class VerifyBatches {

    public static void main(String[] args) throws IOException {
        int batches = 0;
        int records = 0;
        List<String> wrong = new ArrayList<>();
        for (Path path : BatchFile.in(Path.of(args[0]))) {
            BatchFile file = BatchFile.read(path);
            for (BatchFile.Batch batch : file.batches()) {
                try {
                    verify(file, batch);
                } catch (RuntimeException e) {
                    wrong.add(path.getFileName() + ", " + batch.codec() + " " + batch.level() + ": " + e);
                }
                batches++;
                records += file.records().size();
            }
        }
        wrong.forEach(System.out::println);
        System.out.println(batches + " batches, " + records + " records, " + wrong.size() + " batches wrong");
        System.exit(wrong.isEmpty() && batches > 0 ? 0 : 1);
    }

    private static void verify(BatchFile file, BatchFile.Batch want) {
        List<MutableRecordBatch> all = new ArrayList<>();
        MemoryRecords.readableRecords(ByteBuffer.wrap(want.bytes())).batches().forEach(all::add);
        equal("number of batches", 1, all.size());
        DefaultRecordBatch batch = (DefaultRecordBatch) all.get(0);
        batch.ensureValid(); // size and checksum
        equal("size", want.bytes().length, batch.sizeInBytes());
        equal("base offset", 0L, batch.baseOffset());
        equal("last offset", (long) file.records().size() - 1, batch.lastOffset());
        equal("leader epoch", -1, batch.partitionLeaderEpoch());
        equal("timestamp type", TimestampType.CREATE_TIME, batch.timestampType());
        equal("largest timestamp", file.records().stream().mapToLong(SimpleRecord::timestamp).max().getAsLong(), batch.maxTimestamp());
        equal("producer id", file.producerId(), batch.producerId());
        equal("producer epoch", file.producerEpoch(), batch.producerEpoch());
        equal("base sequence", file.baseSequence(), batch.baseSequence());
        equal("transactional", false, batch.isTransactional());
        equal("control", false, batch.isControlBatch());
        equal("codec", want.codec(), batch.compressionType().name);
        equal("count", file.records().size(), batch.countOrNull());
        int i = 0;
        for (Record r : batch) {
            equal("offset", (long) i, r.offset());
            // SimpleRecord compares timestamp, key, value and headers.
            equal("record " + i, file.records().get(i), new SimpleRecord(r));
            i++;
        }
        equal("number of records", file.records().size(), i);
    }

    private static void equal(String what, Object want, Object got) {
        if (!want.equals(got)) {
            throw new IllegalStateException(what + " is " + got + ", want " + want);
        }
    }
}
