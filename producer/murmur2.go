package producer

import "encoding/binary"

// murmur2 is the hash of org.apache.kafka.common.utils.Utils.murmur2: MurmurHash2 of 32 bits with Kafka's seed. The
// partition of every keyed record ever produced follows from it, so no bit of it may ever differ from Java's.
func murmur2(key []byte) uint32 {
	const (
		seed = 0x9747b28c
		m    = 0x5bd1e995
		r    = 24
	)
	h := seed ^ uint32(len(key))
	for len(key) >= 4 {
		k := binary.LittleEndian.Uint32(key) * m
		k ^= k >> r
		h = h*m ^ k*m
		key = key[4:]
	}
	switch len(key) {
	case 3:
		h ^= uint32(key[2]) << 16
		fallthrough
	case 2:
		h ^= uint32(key[1]) << 8
		fallthrough
	case 1:
		h = (h ^ uint32(key[0])) * m
	}
	h = (h ^ h>>13) * m
	return h ^ h>>15
}

// partitionForKey is where Kafka's clients put a record with this key: BuiltInPartitioner.partitionForKey. All
// partitions of the topic count, available or not, else a key would wander with every leader election.
func partitionForKey(key []byte, partitions int32) int32 {
	return int32(murmur2(key) & 0x7fffffff % uint32(partitions)) // Utils.toPositive clears the sign, it is not abs
}
