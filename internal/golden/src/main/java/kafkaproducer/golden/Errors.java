package kafkaproducer.golden;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidMetadataException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.utils.internals.AppInfoParser;

/** Writes errors.tsv: the error codes of Kafka and what the Java client makes of them. */
public final class Errors {
    public static void main(String[] args) throws IOException {
        StringBuilder out = new StringBuilder();
        out.append("# The error codes in kafka-clients ").append(AppInfoParser.getVersion()).append(".\n");
        out.append("# Written by internal/golden (Errors); don't edit.\n");
        out.append("# code, name, a RetriableException, an InvalidMetadataException, exception\n");
        for (var error : org.apache.kafka.common.protocol.Errors.values()) {
            ApiException exception = error.exception();
            out.append(error.code()).append('\t')
                .append(error.name()).append('\t')
                .append(exception instanceof RetriableException).append('\t')
                .append(exception instanceof InvalidMetadataException).append('\t')
                .append(exception == null ? "-" : exception.getClass().getSimpleName()).append('\n');
        }
        Files.writeString(Path.of(args[0], "errors.tsv"), out, StandardCharsets.UTF_8);
    }

    private Errors() {
    }
}
