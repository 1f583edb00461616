package kafkaproducer.golden;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.utils.internals.AppInfoParser;

/** Writes schema.tsv: the facts that Kafka's message schemas state about each field, without their prose. */
public final class Schema {
    private static final ObjectMapper JSON = new ObjectMapper().enable(JsonParser.Feature.ALLOW_COMMENTS);

    public static void main(String[] args) throws IOException {
        StringBuilder out = new StringBuilder();
        out.append("# What the message schemas in kafka-clients ").append(AppInfoParser.getVersion()).append(" state.\n");
        out.append("# Written by internal/golden (Schema); don't edit.\n");
        out.append("# A line with \"message\": name, kind, API key, valid versions, flexible versions, whether the latest version is unstable.\n");
        out.append("# A line with \"field\": message, path, type, versions, nullable versions, default, tag, tagged versions, ignorable, flexible versions;\n");
        out.append("# what the schema does not state is \"-\". A struct's fields follow the field that has it.\n");
        for (String api : List.of("Produce", "Metadata", "InitProducerId", "ApiVersions", "SaslHandshake", "SaslAuthenticate")) {
            message(api + "Request", out);
            message(api + "Response", out);
        }
        message("RequestHeader", out);
        message("ResponseHeader", out);
        Files.writeString(Path.of(args[0], "schema.tsv"), out, StandardCharsets.UTF_8);
    }

    private static void message(String name, StringBuilder out) throws IOException {
        JsonNode schema;
        try (InputStream in = Schema.class.getResourceAsStream("/common/message/" + name + ".json")) {
            schema = JSON.readTree(in);
        }
        if (schema.has("commonStructs")) {
            throw new IllegalStateException(name + " has common structs, which are not provided for");
        }
        line(out, "message", name, fact(schema, "type"), fact(schema, "apiKey"), fact(schema, "validVersions"),
            fact(schema, "flexibleVersions"), fact(schema, "latestVersionUnstable"));
        fields(name, "", schema.get("fields"), out);
    }

    private static void fields(String message, String parent, JsonNode fields, StringBuilder out) {
        for (JsonNode field : fields) {
            String path = parent + fact(field, "name");
            line(out, "field", message, path, fact(field, "type"), fact(field, "versions"), fact(field, "nullableVersions"),
                fact(field, "default"), fact(field, "tag"), fact(field, "taggedVersions"), fact(field, "ignorable"),
                fact(field, "flexibleVersions"));
            if (field.has("fields")) {
                fields(message, path + ".", field.get("fields"), out);
            }
        }
    }

    private static String fact(JsonNode node, String name) {
        return node.has(name) ? node.get(name).asText() : "-";
    }

    private static void line(StringBuilder out, String... columns) {
        out.append(String.join("\t", columns)).append('\n');
    }

    private Schema() {
    }
}
