package kafkaproducer.interop;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;

/** A request of any kind; each kind uses some of the fields. */
final class Request {
    public String op;
    public String bootstrap;
    /** Properties of every client: how to get in. */
    public Map<String, String> client = Map.of();
    public String topic;
    public int partitions;
    public short replication;
    /** Of a topic, or of a producer. */
    public Map<String, String> config = Map.of();
    public List<Record> records = List.of();
    /** Of each partition, the preferred leader first. */
    public List<List<Integer>> replicas = List.of();
    /** Where an answer that is too long for a pipe goes. */
    public String file;
    /** Of numbered records: how many, and over how many keys. */
    public long count;
    public int keys;

    /** The configuration of a client: the given one, and what every client of this request has. */
    Map<String, Object> clientConfig(Map<String, ?> config) {
        Map<String, Object> all = new HashMap<>(config);
        all.putAll(client);
        all.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        return all;
    }

    /** A record as it is written and read; bytes are base64 in JSON, null stays null. */
    static final class Record {
        public Integer partition;
        public Long offset;
        public Long timestamp;
        public String timestampType;
        public byte[] key;
        public byte[] value;
        public List<Header> headers = List.of();
    }

    static final class Header {
        public String key;
        public byte[] value;

        public Header() {}

        Header(String key, byte[] value) {
            this.key = key;
            this.value = value;
        }
    }
}
