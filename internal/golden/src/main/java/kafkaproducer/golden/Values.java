package kafkaproducer.golden;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Values that are worth a place in a golden frame. */
final class Values {
    static final String UNICODE = "t\u00f4pic-\u65e5\u672c\u8a9e-\ud83d\ude80";
    static final Uuid ID = Uuid.fromString("a-topic_id-AAECAwQFBgw");
    static final Uuid MAX_ID = new Uuid(-1, -1);

    /** A string whose compact length is the first to take two bytes. */
    static final String LONG = "x".repeat(127);

    static MemoryRecords records(int valueSize) {
        return MemoryRecords.withRecords(Compression.NONE,
            new SimpleRecord(1_700_000_000_000L, "key".getBytes(StandardCharsets.UTF_8), new byte[valueSize]),
            new SimpleRecord(1_700_000_000_001L, null, "value".getBytes(StandardCharsets.UTF_8)));
    }

    /** Adds tagged fields as a later version may bring them. */
    static <M extends Message> M withUnknownTags(M message) {
        message.unknownTaggedFields().add(new RawTaggedField(20, new byte[0]));
        message.unknownTaggedFields().add(new RawTaggedField(1_000_000, new byte[200]));
        return message;
    }

    static List<Integer> ints(int n) {
        List<Integer> ints = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            ints.add(i % 2 == 0 ? i : Integer.MAX_VALUE - i);
        }
        return ints;
    }

    private Values() {
    }
}
