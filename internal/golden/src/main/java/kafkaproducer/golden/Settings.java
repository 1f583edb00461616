package kafkaproducer.golden;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/**
 * Writes what Kafka's producer and java.util.Properties make of settings. Fields are separated by tabs; text in quotes is
 * escaped as Go's strconv.Unquote reads it.
 *
 * <ul>
 * <li>{@code definition.tsv}: each property's name, type, default and validator
 * <li>{@code values.tsv}: property, value, then {@code ok} and what it is parsed to, or {@code error}
 * <li>{@code load.tsv}: a text, then key and value by turns of what Properties.load reads from it, or {@code error}
 * </ul>
 */
public final class Settings {
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        try (PrintWriter out = writer(folder.resolve("definition.tsv"))) {
            definition(out);
        }
        try (PrintWriter out = writer(folder.resolve("values.tsv"))) {
            values(out);
        }
        try (PrintWriter out = writer(folder.resolve("load.tsv"))) {
            load(out);
        }
    }

    private static void definition(PrintWriter out) {
        for (ConfigDef.ConfigKey key : new TreeMap<>(ProducerConfig.configDef().configKeys()).values()) {
            String validator = key.validator == null ? "" : key.validator.toString();
            String value = key.hasDefault() ? String.valueOf(key.defaultValue) : "(required)";
            out.println(key.name + "\t" + key.type + "\t" + quote(value) + "\t" + quote(validator));
        }
    }

    private static final List<String> NUMBERS = List.of("-131073", "-131072", "-5", "-2", "-1", "0", "1", "2", "5", "6", "9", "10",
        "17", "18", "22", "23", "4999", "5000", "5001", "65536", "2147483647", "2147483648", "9223372036854775807",
        "9223372036854775808", "+3", " 3\t", "3.0", "1e3", "0x10", "1_000", "three", "", "-");
    private static final List<String> SHORTS = List.of("-32769", "-1", "0", "1", "60", "300", "900", "901", "3600", "3601", "32767", "32768",
        "+3", " 3\t", "3.0", "1e2", "0x10", "three", "");
    private static final List<String> BOOLEANS = List.of("true", "false", "TRUE", " False ", "yes", "1", "on", "");
    private static final List<String> WORDS = List.of("all", "ALL", "-1", "0", "1", "2", "none", "None", "gzip", "snappy", "lz4",
        "LZ4", "zstd", " zstd ", "brotli", "rebootstrap", "REBOOTSTRAP", "use_all_dns_ips", "USE_ALL_DNS_IPS", "default",
        "resolve_canonical_bootstrap_servers_only", "PLAINTEXT", "plaintext", "TLS", "SSL", "sasl_plaintext", "SASL_SSL", " Sasl_Ssl ", "full", "Full", "incremental", "INCREMENTAL",
        "half", "INFO", "info", "DEBUG", "TRACE", "WARN", "");
    private static final List<String> FRACTIONS = List.of("-1", "-0.01", "0", "0.0", ".05", "0.05", "0.25", "0.26", "0.49", "0.5", " 0.8\t",
        "8e-1", "0.8E0", "1", "1.", "1.0", "1.01", "+0.9", "1e999", "Infinity", "0,8", "80%", "half", "", "-", ".", "1_0");
    private static final Map<ConfigDef.Type, List<String>> VALUES = Map.of(
        ConfigDef.Type.INT, NUMBERS, ConfigDef.Type.LONG, NUMBERS, ConfigDef.Type.SHORT, SHORTS, ConfigDef.Type.DOUBLE, FRACTIONS,
        ConfigDef.Type.BOOLEAN, BOOLEANS, ConfigDef.Type.STRING, WORDS);

    private static void values(PrintWriter out) {
        for (ConfigDef.ConfigKey key : new TreeMap<>(ProducerConfig.configDef().configKeys()).values()) {
            boolean security = key.name.startsWith("ssl.") || key.name.startsWith("sasl.");
            if (security && key.type == ConfigDef.Type.STRING || key.name.startsWith("transaction")) {
                continue; // Kafka checks those strings where they are used
            }
            for (String value : VALUES.getOrDefault(key.type, List.of())) {
                out.println(key.name + "\t" + quote(value) + "\t" + parsed(key.name, value));
            }
        }
    }

    /** The value as the producer's constructor takes it, together with the properties that must be there. */
    private static String parsed(String name, String value) {
        Map<String, Object> properties = new HashMap<>(Map.of(
            "bootstrap.servers", "localhost:9092",
            "enable.idempotence", "false", // with which max.in.flight.requests.per.connection may exceed 5
            "key.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer",
            "value.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer"));
        properties.put(name, value);
        try {
            return "ok\t" + quote(Objects.toString(new ProducerConfig(properties).values().get(name)));
        } catch (ConfigException e) {
            return "error";
        }
    }

    private static final List<String> TEXTS = List.of(
        "", "a=b", "a:b", "a b", "a\tb", "a\fb", "a = b", "a : b", "a  =  : b", "a==b", "a=:b", "a", "a=", "=b", ":b", "  a=b", "\t\f a=b",
        "a=b \t", "a=b\n", "a=b\r", "a=b\r\n", "a=1\nb=2\rc=3\r\nd=4", "\n\r\n  \n\t\na=b\n\n", "#a=b\nc=d", "  !a=b\nc=d", "#a=b\\\nc=d",
        "a=b#c", "a#b=c", "a=#b", "a=b\\\nc", "a=b\\\n   c", "a=b\\\r\n\tc", "a=b\\\rc", "a=b\\\\\nc=d", "a=b\\\\\\\nc=d", "a\\\nb=c", "a=\\\nb", "a\\\n=b",
        "a=b\\\n#c", "a=b\\\n\nc=d", "a=b\\", "a=b\\\n", "\\", "\\\n", "\\\r\n", "\\\n#a\nb", "\\#a=b", "\\!a=b", "a\\=b=c", "a\\:b=c", "a\\ b=c", "a\\\tb c", "\\=a",
        "a=\\t\\n\\r\\f\\b\\x\\\"\\'\\\\", "a=\\u0041\\u00e9\\u20ac", "\\u0061=b", "a=\\u000a", "a=\\uD83D\\uDE00", "a=\\u004", "a=\\u", "a=\\u00zz", "a=\\u+041", "a=\\U0041",
        "a=\\\\u0041", "a=1\na=2", "é=ü", "a=\u20ac \ud83d\ude00", "a=b\u00a0", "a=b\u2028c", "a=b\u0085c", "a\u000bb=c", "key.with.dots = value, with, commas ",
        "# Kafka\nbootstrap.servers = one:9092,\\\n                    two:9092\nlinger.ms: 5\nacks all\n");

    private static final String[] PIECES = {"a", "b", "é", "=", ":", " ", "\t", "\f", "\\", "\\", "\n", "\n", "\r", "\r\n", "#", "!", "\\u0041", "\\t", "\\\n", "\\\r\n", "ü\ud83d\ude00"};

    private static void load(PrintWriter out) throws IOException {
        List<String> texts = new ArrayList<>(TEXTS);
        Random random = new Random(1);
        for (int i = 0; i < 1500; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = 1 + random.nextInt(12); n > 0; n--) {
                text.append(PIECES[random.nextInt(PIECES.length)]);
            }
            texts.add(text.toString());
        }
        for (String text : texts) {
            out.println(quote(text) + loaded(text));
        }
    }

    private static String loaded(String text) throws IOException {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(text));
        } catch (IllegalArgumentException e) {
            return "\terror";
        }
        StringBuilder pairs = new StringBuilder();
        for (Map.Entry<Object, Object> entry : new TreeMap<>(properties).entrySet()) {
            pairs.append('\t').append(quote((String) entry.getKey())).append('\t').append(quote((String) entry.getValue()));
        }
        return pairs.toString();
    }

    private static String quote(String s) {
        StringBuilder quoted = new StringBuilder("\"");
        s.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').appendCodePoint(c);
            } else if (c >= ' ' && c < 0x7f) {
                quoted.appendCodePoint(c);
            } else {
                quoted.append(String.format(c > 0xffff ? "\\U%08x" : "\\u%04x", c));
            }
        });
        return quoted.append('"').toString();
    }

    private static PrintWriter writer(Path path) throws IOException {
        return new PrintWriter(Files.newBufferedWriter(path, StandardCharsets.UTF_8)) {
            @Override
            public void println(String line) {
                write(line + "\n"); // on every system
            }
        };
    }

    private Settings() {
    }
}
