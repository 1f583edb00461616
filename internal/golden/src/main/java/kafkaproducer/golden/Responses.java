package kafkaproducer.golden;

import static kafkaproducer.golden.Values.ID;
import static kafkaproducer.golden.Values.LONG;
import static kafkaproducer.golden.Values.MAX_ID;
import static kafkaproducer.golden.Values.UNICODE;
import static kafkaproducer.golden.Values.ints;
import static kafkaproducer.golden.Values.withUnknownTags;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.ApiVersionsResponseData.FinalizedFeatureKey;
import org.apache.kafka.common.message.ApiVersionsResponseData.SupportedFeatureKey;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.BatchIndexAndErrorMessage;
import org.apache.kafka.common.message.ProduceResponseData.LeaderIdAndEpoch;
import org.apache.kafka.common.message.ProduceResponseData.NodeEndpoint;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.message.SaslAuthenticateResponseData;
import org.apache.kafka.common.message.SaslHandshakeResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** The responses of the golden frames: for each version, named cases. */
final class Responses {
    private static final short NOT_LEADER = 6;

    static Map<String, ApiMessage> of(ApiKeys key, short version) {
        Map<String, ApiMessage> cases = new LinkedHashMap<>();
        switch (key) {
            case PRODUCE -> produce(cases, version);
            case METADATA -> metadata(cases, version);
            case INIT_PRODUCER_ID -> initProducerId(cases, version);
            case API_VERSIONS -> apiVersions(cases, version);
            case SASL_HANDSHAKE -> saslHandshake(cases);
            case SASL_AUTHENTICATE -> saslAuthenticate(cases, version);
            default -> throw new IllegalArgumentException(key.toString());
        }
        return cases;
    }

    private static void produce(Map<String, ApiMessage> cases, short version) {
        cases.put("empty", new ProduceResponseData());

        ProduceResponseData extremes = new ProduceResponseData().setThrottleTimeMs(Integer.MAX_VALUE);
        extremes.responses().mustAdd(topic(version, UNICODE, MAX_ID).setPartitionResponses(List.of(
            new PartitionProduceResponse().setIndex(Integer.MAX_VALUE).setBaseOffset(Long.MAX_VALUE)
                .setLogAppendTimeMs(Long.MAX_VALUE).setLogStartOffset(Long.MAX_VALUE),
            new PartitionProduceResponse().setIndex(Integer.MIN_VALUE).setErrorCode((short) -1).setBaseOffset(Long.MIN_VALUE)
                .setLogAppendTimeMs(Long.MIN_VALUE).setLogStartOffset(Long.MIN_VALUE),
            new PartitionProduceResponse().setErrorCode(Short.MAX_VALUE))));
        extremes.responses().mustAdd(topic(version, LONG, Uuid.ZERO_UUID));
        cases.put("extremes", extremes);

        ProduceResponseData many = new ProduceResponseData();
        for (int t = 0; t < 3; t++) {
            TopicProduceResponse topic = topic(version, "topic-" + t, new Uuid(t, -t));
            for (int p = 0; p < 50; p++) {
                topic.partitionResponses().add(new PartitionProduceResponse().setIndex(p).setBaseOffset(1L << p)
                    .setLogStartOffset(p));
            }
            many.responses().mustAdd(topic);
        }
        cases.put("many-partitions", many);

        if (version >= 8) {
            ProduceResponseData errors = new ProduceResponseData();
            errors.responses().mustAdd(topic(version, "email", ID).setPartitionResponses(List.of(
                new PartitionProduceResponse().setErrorCode((short) 87).setBaseOffset(-1).setErrorMessage(UNICODE)
                    .setRecordErrors(List.of(
                        new BatchIndexAndErrorMessage().setBatchIndex(0).setBatchIndexErrorMessage("no key"),
                        new BatchIndexAndErrorMessage().setBatchIndex(Integer.MAX_VALUE).setBatchIndexErrorMessage(null),
                        new BatchIndexAndErrorMessage().setBatchIndex(7).setBatchIndexErrorMessage(LONG))),
                new PartitionProduceResponse().setIndex(1).setErrorMessage("")
                    .setRecordErrors(List.of(new BatchIndexAndErrorMessage().setBatchIndexErrorMessage(""))))));
            cases.put("record-errors", errors);
        }
        if (version >= 10) {
            ProduceResponseData hints = new ProduceResponseData();
            hints.responses().mustAdd(topic(version, "email", ID).setPartitionResponses(List.of(
                moved(0, 0, 0), moved(1, Integer.MAX_VALUE, Integer.MAX_VALUE), moved(2, 5, -1), moved(3, -1, -1))));
            for (int node = 0; node < 30; node++) { // a tagged field whose size takes more than one byte
                hints.nodeEndpoints().mustAdd(new NodeEndpoint().setNodeId(node).setHost("broker-" + node)
                    .setPort(9092 + node).setRack(node % 2 == 0 ? null : "rack-" + node));
            }
            cases.put("leader-hints", hints);
        }
        if (version >= 9) {
            PartitionProduceResponse partition = withUnknownTags(new PartitionProduceResponse());
            ProduceResponseData unknown = withUnknownTags(new ProduceResponseData().setThrottleTimeMs(1));
            if (version >= 10) {
                partition.setCurrentLeader(withUnknownTags(new LeaderIdAndEpoch().setLeaderId(1).setLeaderEpoch(2)));
                unknown.nodeEndpoints().mustAdd(withUnknownTags(new NodeEndpoint().setNodeId(1).setHost("one").setPort(1)));
            }
            unknown.responses().mustAdd(withUnknownTags(topic(version, "email", ID)).setPartitionResponses(List.of(partition)));
            cases.put("unknown-tags", unknown);
        }
    }

    private static TopicProduceResponse topic(short version, String name, Uuid id) {
        return version >= 13 ? new TopicProduceResponse().setTopicId(id) : new TopicProduceResponse().setName(name);
    }

    private static PartitionProduceResponse moved(int index, int leader, int epoch) {
        return new PartitionProduceResponse().setIndex(index).setErrorCode(NOT_LEADER).setBaseOffset(-1)
            .setCurrentLeader(new LeaderIdAndEpoch().setLeaderId(leader).setLeaderEpoch(epoch));
    }

    private static void metadata(Map<String, ApiMessage> cases, short version) {
        cases.put("empty", new MetadataResponseData());

        MetadataResponseData full = new MetadataResponseData().setThrottleTimeMs(Integer.MAX_VALUE)
            .setClusterId("4L6g3nShT-eMCtK--X86sw").setControllerId(2);
        full.brokers().mustAdd(new MetadataResponseBroker().setNodeId(1).setHost("localhost").setPort(9092));
        full.brokers().mustAdd(new MetadataResponseBroker().setNodeId(2).setHost("::1").setPort(Integer.MAX_VALUE).setRack(""));
        full.brokers().mustAdd(
            new MetadataResponseBroker().setNodeId(Integer.MAX_VALUE).setHost(UNICODE).setPort(-1).setRack(LONG));
        MetadataResponseTopic topic = new MetadataResponseTopic().setName("email").setIsInternal(true);
        for (int p = 0; p < 40; p++) {
            topic.partitions().add(new MetadataResponsePartition().setPartitionIndex(p).setLeaderId(p % 3)
                .setLeaderEpoch(p * 1000).setReplicaNodes(ints(3)).setIsrNodes(ints(2)).setOfflineReplicas(ints(1)));
        }
        topic.partitions().add(new MetadataResponsePartition().setErrorCode((short) 5).setPartitionIndex(Integer.MAX_VALUE)
            .setLeaderId(-1).setReplicaNodes(ints(200)));
        full.topics().mustAdd(topic);
        full.topics().mustAdd(new MetadataResponseTopic().setErrorCode((short) 3).setName(UNICODE));
        full.topics().mustAdd(new MetadataResponseTopic().setErrorCode((short) 17).setName(LONG));
        if (version >= 8) {
            topic.setTopicAuthorizedOperations(0xdf8);
        }
        if (version >= 8 && version <= 10) {
            full.setClusterAuthorizedOperations(Integer.MAX_VALUE);
        }
        if (version >= 10) {
            topic.setTopicId(ID);
        }
        if (version >= 12) {
            full.topics().mustAdd(new MetadataResponseTopic().setErrorCode((short) 100).setName(null).setTopicId(MAX_ID));
        }
        cases.put("full", full);

        if (version >= 13) {
            cases.put("rebootstrap", new MetadataResponseData().setErrorCode((short) 129));
        }
        if (version >= 9) {
            MetadataResponseData unknown = withUnknownTags(new MetadataResponseData());
            unknown.brokers().mustAdd(withUnknownTags(new MetadataResponseBroker().setNodeId(1).setHost("one").setPort(1)));
            MetadataResponseTopic tagged = withUnknownTags(new MetadataResponseTopic().setName("email"));
            tagged.partitions().add(withUnknownTags(new MetadataResponsePartition().setReplicaNodes(ints(1))));
            unknown.topics().mustAdd(tagged);
            cases.put("unknown-tags", unknown);
        }
    }

    private static void initProducerId(Map<String, ApiMessage> cases, short version) {
        cases.put("failed", new InitProducerIdResponseData().setErrorCode((short) 31));
        cases.put("first", new InitProducerIdResponseData().setProducerId(0).setProducerEpoch((short) 0));
        cases.put("last", new InitProducerIdResponseData().setThrottleTimeMs(Integer.MAX_VALUE)
            .setProducerId(Long.MAX_VALUE).setProducerEpoch(Short.MAX_VALUE));
        if (version >= 2) {
            cases.put("unknown-tags", withUnknownTags(new InitProducerIdResponseData().setProducerId(1)));
        }
    }

    private static void apiVersions(Map<String, ApiMessage> cases, short version) {
        cases.put("empty", new ApiVersionsResponseData());
        ApiVersionsResponseData full = new ApiVersionsResponseData().setThrottleTimeMs(version >= 1 ? 7 : 0);
        for (short key = 0; key < 90; key++) {
            full.apiKeys().mustAdd(version(key, (short) (key % 3), (short) (key % 14)));
        }
        full.apiKeys().mustAdd(version(Short.MAX_VALUE, Short.MIN_VALUE, Short.MAX_VALUE));
        cases.put("apis", full);
        if (version == 0) {
            ApiVersionsResponseData refused = new ApiVersionsResponseData().setErrorCode((short) 35);
            refused.apiKeys().mustAdd(version((short) 18, (short) 0, (short) 4));
            cases.put("refused", refused);
        }
        if (version >= 3) {
            ApiVersionsResponseData features = full.duplicate().setFinalizedFeaturesEpoch(Long.MAX_VALUE).setZkMigrationReady(true);
            for (int i = 0; i < 20; i++) {
                features.supportedFeatures().mustAdd(new SupportedFeatureKey().setName("feature-" + i)
                    .setMinVersion((short) (i + 1)).setMaxVersion(Short.MAX_VALUE));
            }
            features.finalizedFeatures().mustAdd(new FinalizedFeatureKey().setName("transaction.version")
                .setMaxVersionLevel((short) 2).setMinVersionLevel((short) 2));
            cases.put("features", features);
            cases.put("epoch-zero", new ApiVersionsResponseData().setFinalizedFeaturesEpoch(0));

            ApiVersionsResponseData unknown = withUnknownTags(new ApiVersionsResponseData().setFinalizedFeaturesEpoch(1));
            unknown.apiKeys().mustAdd(withUnknownTags(version((short) 0, (short) 3, (short) 13)));
            unknown.supportedFeatures().mustAdd(withUnknownTags(
                new SupportedFeatureKey().setName(UNICODE).setMinVersion((short) 1).setMaxVersion((short) 1)));
            unknown.finalizedFeatures().mustAdd(withUnknownTags(new FinalizedFeatureKey().setName("")));
            cases.put("unknown-tags", unknown);
        }
    }

    private static ApiVersion version(short key, short min, short max) {
        return new ApiVersion().setApiKey(key).setMinVersion(min).setMaxVersion(max);
    }

    private static void saslHandshake(Map<String, ApiMessage> cases) {
        cases.put("empty", new SaslHandshakeResponseData());
        cases.put("refused", new SaslHandshakeResponseData().setErrorCode((short) 33)
            .setMechanisms(List.of("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "", UNICODE)));
    }

    private static void saslAuthenticate(Map<String, ApiMessage> cases, short version) {
        cases.put("empty", new SaslAuthenticateResponseData().setErrorMessage(null));
        cases.put("failed", new SaslAuthenticateResponseData().setErrorCode((short) 58).setErrorMessage(UNICODE));
        cases.put("step", new SaslAuthenticateResponseData().setErrorMessage("")
            .setAuthBytes("r=nonce,s=c2FsdA==,i=4096".getBytes(StandardCharsets.UTF_8))
            .setSessionLifetimeMs(version >= 1 ? Long.MAX_VALUE : 0));
        if (version >= 2) {
            cases.put("unknown-tags", withUnknownTags(new SaslAuthenticateResponseData().setErrorMessage(null)));
        }
    }

    private Responses() {
    }
}
