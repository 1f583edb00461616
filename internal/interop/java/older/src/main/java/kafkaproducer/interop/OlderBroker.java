package kafkaproducer.interop;

import org.apache.zookeeper.server.ServerConfig;
import org.apache.zookeeper.server.ZooKeeperServerMain;

/**
 * Runs one Kafka broker of a release that needs ZooKeeper, with a ZooKeeper in the same process: a cluster of one.
 *
 * <p>Arguments: the properties files of Kafka and of ZooKeeper. {@link Leash} ends it.
 */
public final class OlderBroker {
    public static void main(String[] args) throws Exception {
        ServerConfig config = new ServerConfig();
        config.parse(args[1]);
        Thread zookeeper = new Thread(() -> run(config), "zookeeper");
        zookeeper.setDaemon(true);
        zookeeper.start();
        kafka.Kafka.main(new String[] {args[0]});
    }

    private static void run(ServerConfig config) {
        try {
            new ZooKeeperServerMain().runFromConfig(config);
        } catch (Exception e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    private OlderBroker() {}
}
