package producer

// Partitioner chooses the partition of records that don't name one (Record.Partition nil). It stands for Kafka's
// partitioner.class: where Config.Partitioner is nil, Kafka's default is in force, which is
//   - with a key: murmur2 of the key modulo the number of partitions, exactly as the Java client;
//   - without a key, or with partitioner.ignore.keys: one partition until batch.size bytes went to it, then another one
//     (KIP-480, KIP-794), chosen at random with the short queues preferred.
//
// A Partitioner is called inside Send, by as many goroutines at once as send; it must not block and must not call the
// Producer. It cannot fail: a record it has no place for gets a number outside the topic, for example -1, and Send
// returns a *PartitionError that says so.
type Partitioner interface {
	// Partition returns the record's partition, 0 to t.Partitions-1. The record comes by value, as a pointer
	// would cost an allocation a record; its Key, Value and Headers are the caller's and must be neither changed
	// nor kept.
	Partition(r Record, t TopicInfo) int32
}

// TopicInfo is what a Partitioner may know about a record's topic.
type TopicInfo struct {
	// Name is the topic's name.
	Name string
	// Partitions is how many the topic has: they are numbered from 0.
	Partitions int32
	// Available are the partitions that have a leader, ascending; none in the worst case. It is shared by all
	// callers and must not be changed.
	Available []int32
}
