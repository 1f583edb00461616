package main

// keyPartition returns the partition where Kafka's own clients put a key. It is written anew from the definition of MurmurHash2, and not
// taken from package producer, as it is what that is checked with.
func keyPartition(key []byte, partitions int32) int32 {
	const m, seed = 0x5bd1e995, 0x9747b28c
	h := uint32(seed) ^ uint32(len(key))
	whole := len(key) / 4 * 4
	for i := 0; i < whole; i += 4 {
		k := uint32(key[i]) | uint32(key[i+1])<<8 | uint32(key[i+2])<<16 | uint32(key[i+3])<<24
		k *= m
		k ^= k >> 24
		k *= m
		h *= m
		h ^= k
	}
	if tail := key[whole:]; len(tail) > 0 {
		for i, b := range tail {
			h ^= uint32(b) << (8 * i)
		}
		h *= m
	}
	h ^= h >> 13
	h *= m
	h ^= h >> 15
	return int32(h&0x7fffffff) % partitions
}
