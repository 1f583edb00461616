package kafkaproducer.golden;

import static kafkaproducer.golden.Values.ID;
import static kafkaproducer.golden.Values.LONG;
import static kafkaproducer.golden.Values.MAX_ID;
import static kafkaproducer.golden.Values.UNICODE;
import static kafkaproducer.golden.Values.records;
import static kafkaproducer.golden.Values.withUnknownTags;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** The requests of the golden frames: for each version, named cases. */
final class Requests {
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
        cases.put("empty", new ProduceRequestData());

        TopicProduceDataCollection one = new TopicProduceDataCollection();
        one.mustAdd(topic(version, "email", ID).setPartitionData(List.of(partition(0, records(40)))));
        cases.put("one-batch", new ProduceRequestData().setAcks((short) -1).setTimeoutMs(30_000).setTopicData(one));

        TopicProduceDataCollection odd = new TopicProduceDataCollection();
        odd.mustAdd(topic(version, UNICODE, MAX_ID).setPartitionData(List.of(
            partition(Integer.MAX_VALUE, null), partition(Integer.MIN_VALUE, MemoryRecords.EMPTY), partition(1, records(600)))));
        odd.mustAdd(topic(version, LONG, Uuid.ZERO_UUID).setPartitionData(List.of()));
        cases.put("nulls-and-extremes", new ProduceRequestData().setTransactionalId(UNICODE).setAcks(Short.MAX_VALUE)
            .setTimeoutMs(Integer.MAX_VALUE).setTopicData(odd));

        TopicProduceDataCollection many = new TopicProduceDataCollection();
        for (int t = 0; t < 3; t++) {
            TopicProduceData topic = topic(version, "topic-" + t, new Uuid(t, -t));
            for (int p = 0; p < 50; p++) {
                topic.partitionData().add(partition(p, records(p)));
            }
            many.mustAdd(topic);
        }
        cases.put("many-partitions",
            new ProduceRequestData().setTransactionalId("").setAcks((short) 1).setTimeoutMs(1500).setTopicData(many));

        if (version >= 9) {
            TopicProduceDataCollection topics = new TopicProduceDataCollection();
            topics.mustAdd(withUnknownTags(topic(version, "email", ID))
                .setPartitionData(List.of(withUnknownTags(partition(5, records(10))))));
            cases.put("unknown-tags", withUnknownTags(new ProduceRequestData().setAcks((short) -1).setTopicData(topics)));
        }
    }

    private static TopicProduceData topic(short version, String name, Uuid id) {
        return version >= 13 ? new TopicProduceData().setTopicId(id) : new TopicProduceData().setName(name);
    }

    private static PartitionProduceData partition(int index, BaseRecords records) {
        return new PartitionProduceData().setIndex(index).setRecords(records);
    }

    private static void metadata(Map<String, ApiMessage> cases, short version) {
        cases.put("all-topics", new MetadataRequestData().setTopics(null));
        cases.put("no-topics", new MetadataRequestData().setTopics(List.of()).setAllowAutoTopicCreation(false));
        MetadataRequestData topics = new MetadataRequestData().setTopics(List.of(
            new MetadataRequestTopic().setName("email"), new MetadataRequestTopic().setName(UNICODE),
            new MetadataRequestTopic().setName(""), new MetadataRequestTopic().setName(LONG)));
        cases.put("topics", topics);
        if (version >= 8) {
            MetadataRequestData operations = topics.duplicate().setIncludeTopicAuthorizedOperations(true);
            if (version <= 10) {
                operations.setIncludeClusterAuthorizedOperations(true);
            }
            cases.put("authorized-operations", operations);
        }
        if (version >= 10) {
            cases.put("by-id", new MetadataRequestData().setTopics(List.of(
                new MetadataRequestTopic().setTopicId(ID).setName(null),
                new MetadataRequestTopic().setTopicId(MAX_ID).setName(null))));
        }
        if (version >= 9) {
            cases.put("unknown-tags", withUnknownTags(new MetadataRequestData().setTopics(
                List.of(withUnknownTags(new MetadataRequestTopic().setName("email"))))));
        }
    }

    private static void initProducerId(Map<String, ApiMessage> cases, short version) {
        cases.put("idempotent", new InitProducerIdRequestData().setTransactionalId(null).setTransactionTimeoutMs(Integer.MAX_VALUE));
        cases.put("transactional", new InitProducerIdRequestData().setTransactionalId(UNICODE).setTransactionTimeoutMs(60_000));
        if (version >= 3) {
            cases.put("next-epoch", new InitProducerIdRequestData().setTransactionalId(null)
                .setProducerId(Long.MAX_VALUE).setProducerEpoch(Short.MAX_VALUE));
            cases.put("first-producer", new InitProducerIdRequestData().setTransactionalId("")
                .setProducerId(0).setProducerEpoch((short) 0));
        }
        if (version >= 2) {
            cases.put("unknown-tags", withUnknownTags(new InitProducerIdRequestData().setTransactionalId(null)));
        }
    }

    private static void apiVersions(Map<String, ApiMessage> cases, short version) {
        cases.put("empty", new ApiVersionsRequestData());
        if (version >= 3) {
            cases.put("software", new ApiVersionsRequestData()
                .setClientSoftwareName("kafkaproducer").setClientSoftwareVersion("1.0.0"));
            cases.put("unknown-tags", withUnknownTags(new ApiVersionsRequestData()
                .setClientSoftwareName(UNICODE).setClientSoftwareVersion(LONG)));
        }
        if (version >= 5) {
            cases.put("broker", new ApiVersionsRequestData()
                .setClientSoftwareName("kafkaproducer").setClientSoftwareVersion("1.0.0")
                .setClusterId("4L6g3nShT-eMCtK--X86sw").setNodeId(Integer.MAX_VALUE));
        }
    }

    private static void saslHandshake(Map<String, ApiMessage> cases) {
        cases.put("empty", new SaslHandshakeRequestData());
        cases.put("plain", new SaslHandshakeRequestData().setMechanism("PLAIN"));
        cases.put("unicode", new SaslHandshakeRequestData().setMechanism(UNICODE));
    }

    private static void saslAuthenticate(Map<String, ApiMessage> cases, short version) {
        cases.put("empty", new SaslAuthenticateRequestData());
        cases.put("plain", new SaslAuthenticateRequestData().setAuthBytes("\0user\0secret".getBytes(StandardCharsets.UTF_8)));
        cases.put("long", new SaslAuthenticateRequestData().setAuthBytes(new byte[1000]));
        if (version >= 2) {
            cases.put("unknown-tags", withUnknownTags(new SaslAuthenticateRequestData().setAuthBytes(new byte[127])));
        }
    }

    private Requests() {
    }
}
