package kafkaproducer.interop;

import java.util.ArrayList;
import java.util.List;

/**
 * Runs one Kafka broker: formats its storage the first time, then becomes kafka.Kafka.
 *
 * <p>Arguments: the properties file, the cluster id, and any further ones of the program that formats the storage.
 * {@link Leash} ends it.
 */
public final class Broker {
    public static void main(String[] args) {
        String properties = args[0];
        String clusterId = args[1];

        List<String> format = new ArrayList<>(List.of("format", "--ignore-formatted"));
        format.addAll(List.of("--cluster-id", clusterId, "--config", properties));
        format.addAll(List.of(args).subList(2, args.length));
        int status = kafka.tools.StorageTool.execute(format.toArray(String[]::new), System.out);
        if (status != 0) {
            System.exit(status);
        }
        kafka.Kafka.main(new String[] {properties});
    }

    private Broker() {}
}
