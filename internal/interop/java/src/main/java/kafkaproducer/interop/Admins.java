package kafkaproducer.interop;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What the tests ask of a cluster besides reading and writing. */
final class Admins {
    private static final int TIMEOUT_MS = 30_000;
    /** One for each list of brokers and way in, kept for the life of the process. */
    private static final Map<Map<String, Object>, Admin> open = new HashMap<>();

    private static Admin admin(Request r) {
        Map<String, Object> config = r.clientConfig(Map.of(
            AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 200,
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS,
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000));
        return open.computeIfAbsent(config, Admin::create);
    }

    /** The ids of the brokers that are registered and not fenced. */
    static Object nodes(Request r) throws Exception {
        return admin(r).describeCluster().nodes().get(TIMEOUT_MS, TimeUnit.MILLISECONDS)
            .stream().map(Node::id).sorted().toList();
    }

    static Object create(Request r) throws Exception {
        NewTopic topic = new NewTopic(r.topic, r.partitions, r.replication).configs(r.config);
        admin(r).createTopics(List.of(topic)).all().get();
        awaitLeaders(r, r.partitions);
        return true;
    }

    static Object delete(Request r) throws Exception {
        admin(r).deleteTopics(List.of(r.topic)).all().get();
        return true;
    }

    /**
     * Metadata names a new topic and its leaders a moment before they know that they lead. Only a leader can tell its
     * log's end.
     */
    private static void awaitLeaders(Request r, int partitions) throws Exception {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (int p = 0; p < partitions; p++) {
            ends.put(new TopicPartition(r.topic, p), OffsetSpec.latest());
        }
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MS);
        while (true) {
            try {
                admin(r).listOffsets(ends).all().get();
                return;
            } catch (ExecutionException e) {
                // The client asks again by itself while there is no leader, but not while there is no topic.
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException) || System.nanoTime() > deadline) {
                    throw e;
                }
            }
        }
    }

    static Object grow(Request r) throws Exception {
        admin(r).createPartitions(Map.of(r.topic, NewPartitions.increaseTo(r.partitions))).all().get();
        awaitLeaders(r, r.partitions);
        return true;
    }

    static Object controller(Request r) throws Exception {
        return admin(r).describeMetadataQuorum().quorumInfo().get(TIMEOUT_MS, TimeUnit.MILLISECONDS).leaderId();
    }

    /** Makes preferred replicas leaders; answers how many were not and are now. */
    static Object elect(Request r) throws Exception {
        Map<TopicPartition, Optional<Throwable>> outcomes =
            admin(r).electLeaders(ElectionType.PREFERRED, null).partitions().get();
        return outcomes.entrySet().stream()
            .filter(e -> e.getKey().topic().equals(r.topic) && e.getValue().isEmpty()).count();
    }

    static Object reassign(Request r) throws Exception {
        Map<TopicPartition, Optional<NewPartitionReassignment>> wanted = new HashMap<>();
        for (int p = 0; p < r.replicas.size(); p++) {
            wanted.put(new TopicPartition(r.topic, p), Optional.of(new NewPartitionReassignment(r.replicas.get(p))));
        }
        admin(r).alterPartitionReassignments(wanted).all().get();
        return true;
    }

    /** Each partition's leader (-1: none) and in-sync replicas, in the order of the partitions. */
    static Object describe(Request r) throws Exception {
        TopicDescription topic = admin(r).describeTopics(List.of(r.topic)).allTopicNames().get().get(r.topic);
        List<Object> partitions = new ArrayList<>();
        for (TopicPartitionInfo p : topic.partitions()) {
            int leader = p.leader() == null ? -1 : p.leader().id();
            partitions.add(Map.of("leader", leader, "isr", p.isr().stream().map(Node::id).toList()));
        }
        return partitions;
    }

    private Admins() {}
}
