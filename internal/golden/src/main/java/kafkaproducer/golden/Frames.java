package kafkaproducer.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.RequestHeaderDataJsonConverter;
import org.apache.kafka.common.message.ResponseHeaderDataJsonConverter;
import org.apache.kafka.common.network.Send;
import org.apache.kafka.common.network.TransferableChannel;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.SendBuilder;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;
import org.apache.kafka.common.utils.internals.AppInfoParser;

/** Writes frames/: requests and responses as the Java client puts them on the wire, beside their values. */
public final class Frames {
    /** The versions that the Go code has. */
    private static final Map<ApiKeys, short[]> VERSIONS = Map.of(
        ApiKeys.PRODUCE, range(3, 13),
        ApiKeys.METADATA, range(4, 13),
        ApiKeys.INIT_PRODUCER_ID, range(0, 5),
        ApiKeys.API_VERSIONS, new short[] {0, 3, 4, 5},
        ApiKeys.SASL_HANDSHAKE, range(0, 1),
        ApiKeys.SASL_AUTHENTICATE, range(0, 2));

    private static final String[] CLIENT_IDS = {"email-service-1", null, "", "prod\u00fccer-\u65e5\u672c-\ud83d\ude80"};
    private static final int[] CORRELATION_IDS = {0, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, -1};

    public static void main(String[] args) throws Exception {
        Path folder = Files.createDirectories(Path.of(args[0], "frames"));
        for (var entry : VERSIONS.entrySet()) {
            ApiKeys key = entry.getKey();
            StringBuilder requests = new StringBuilder(preamble());
            StringBuilder responses = new StringBuilder(preamble());
            int n = 0;
            for (short version : entry.getValue()) {
                for (var named : Requests.of(key, version).entrySet()) {
                    request(requests, key, version, named.getKey(), named.getValue(), n++);
                }
                for (var named : Responses.of(key, version).entrySet()) {
                    response(responses, key, version, named.getKey(), named.getValue(), n++);
                }
            }
            Files.writeString(folder.resolve(key.name + "Request.txt"), requests, StandardCharsets.UTF_8);
            Files.writeString(folder.resolve(key.name + "Response.txt"), responses, StandardCharsets.UTF_8);
        }
    }

    private static String preamble() {
        return "# Frames of kafka-clients " + AppInfoParser.getVersion() + ".\n"
            + "# Written by internal/golden (Frames); don't edit.\n"
            + "# Four lines each: version and name of the case; header; body; the frame in hex, its size first.\n";
    }

    private static void request(StringBuilder out, ApiKeys key, short version, String name, ApiMessage data, int n)
        throws Exception {
        RequestHeader header = new RequestHeader(
            key, version, CLIENT_IDS[n % CLIENT_IDS.length], CORRELATION_IDS[n % CORRELATION_IDS.length]);
        JsonNode headerJson = RequestHeaderDataJsonConverter.write(header.data(), header.headerVersion());
        write(out, version, name, headerJson, json(data, version), SendBuilder.buildRequestSend(header, data));
    }

    private static void response(StringBuilder out, ApiKeys key, short version, String name, ApiMessage data, int n)
        throws Exception {
        short headerVersion = key.responseHeaderVersion(version);
        ResponseHeader header = new ResponseHeader(CORRELATION_IDS[n % CORRELATION_IDS.length], headerVersion);
        JsonNode headerJson = ResponseHeaderDataJsonConverter.write(header.data(), headerVersion);
        write(out, version, name, headerJson, json(data, version), SendBuilder.buildResponseSend(header, data, version));
    }

    private static void write(StringBuilder out, short version, String name, JsonNode header, JsonNode body, Send send)
        throws IOException {
        out.append('\n').append(version).append(' ').append(name).append('\n')
            .append(header).append('\n')
            .append(body).append('\n')
            .append(HexFormat.of().formatHex(bytes(send))).append('\n');
    }

    /** The values as Kafka's own generated converter writes them. */
    private static JsonNode json(ApiMessage data, short version) throws Exception {
        JsonNode json = (JsonNode) Class.forName(data.getClass().getName() + "JsonConverter")
            .getMethod("write", data.getClass(), short.class, boolean.class)
            .invoke(null, data, version, true);
        if (data instanceof ProduceRequestData produce) {
            addRecords(produce, json);
        }
        return json;
    }

    /** The converter writes records as an empty string. This makes them what it writes for other bytes: base64. */
    private static void addRecords(ProduceRequestData data, JsonNode json) {
        int t = 0;
        for (var topic : data.topicData()) {
            JsonNode partitions = json.get("topicData").get(t++).get("partitionData");
            int p = 0;
            for (var partition : topic.partitionData()) {
                ObjectNode node = (ObjectNode) partitions.get(p++);
                if (partition.records() instanceof MemoryRecords records) {
                    byte[] bytes = new byte[records.sizeInBytes()];
                    records.buffer().get(bytes);
                    node.put("records", bytes);
                }
            }
        }
    }

    private static byte[] bytes(Send send) throws IOException {
        Wire wire = new Wire();
        while (!send.completed()) {
            send.writeTo(wire);
        }
        return wire.bytes.toByteArray();
    }

    /** A connection that keeps what is sent. */
    private static final class Wire implements TransferableChannel {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public int write(ByteBuffer source) {
            int n = source.remaining();
            byte[] b = new byte[n];
            source.get(b);
            bytes.writeBytes(b);
            return n;
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            long n = 0;
            for (int i = offset; i < offset + length; i++) {
                n += write(sources[i]);
            }
            return n;
        }

        @Override
        public long write(ByteBuffer[] sources) {
            return write(sources, 0, sources.length);
        }

        @Override
        public boolean hasPendingWrites() {
            return false;
        }

        @Override
        public long transferFrom(FileChannel file, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
        }
    }

    private static short[] range(int from, int to) {
        short[] versions = new short[to - from + 1];
        for (int v = from; v <= to; v++) {
            versions[v - from] = (short) v;
        }
        return versions;
    }

    private Frames() {
    }
}
