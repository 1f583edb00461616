package kafkaproducer.interop;

import java.util.ArrayList;
import java.util.List;

/**
 * Runs one Kafka broker: formats its storage the first time, then becomes kafka.Kafka.
 *
 * <p>Standard input is a leash: the test holds the other end, and when it ends, however it ends, the broker
 * ends too. So nothing is left running when a test binary is killed.
 *
 * <p>Arguments: the properties file, the cluster id, and any further ones of the program that formats the storage.
 */
public final class Broker {
    public static void main(String[] args) {
        String properties = args[0];
        String clusterId = args[1];

        Thread leash = new Thread(Broker::awaitEndOfInput, "leash");
        leash.setDaemon(true);
        leash.start();

        List<String> format = new ArrayList<>(List.of("format", "--ignore-formatted"));
        format.addAll(List.of("--cluster-id", clusterId, "--config", properties));
        format.addAll(List.of(args).subList(2, args.length));
        int status = kafka.tools.StorageTool.execute(format.toArray(String[]::new), System.out);
        if (status != 0) {
            System.exit(status);
        }
        kafka.Kafka.main(new String[] {properties});
    }

    private static void awaitEndOfInput() {
        try {
            while (System.in.read() >= 0) {
                continue;
            }
        } catch (java.io.IOException e) {
            System.err.println("leash: " + e);
        }
        Runtime.getRuntime().halt(3);
    }

    private Broker() {}
}
