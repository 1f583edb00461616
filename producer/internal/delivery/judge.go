package delivery

import "kafkaproducer/protocol"

// verdict is what an answer means for a batch.
type verdict struct {
	what    what
	err     error
	refresh bool // new metadata are wanted
	doubt   bool // the batch may have been appended all the same
	absent  bool // no attempt at the batch was appended, earlier ones included: a refusal for its number doesn't say that
	hole    bool // the batch's number can't be used any more: number anew from here
	refused bool // for its number: this attempt was not appended, nor was an earlier one under the same number, but for late requests
	free    bool // going again costs no retry and no backoff
}

type what int8

const (
	reject what = iota // fails
	accept             // in the log
	again              // goes back to the queue
	split              // goes again in parts
	fatal              // fails, and the producer with it
)

// judge reads an answer as the Java producer does (Sender.completeBatch and TransactionManager.canRetry of Kafka 4), for an
// idempotent producer and a plain one. The first case that applies decides.
func (c *Core) judge(b *Batch, res *Result) verdict {
	p, code := b.Partition, res.Code
	if res.Missing {
		return verdict{what: again, err: ErrMissing, doubt: true, refresh: true}
	}
	switch code {
	case protocol.None:
		return verdict{what: accept}
	case protocol.MessageTooLarge, protocol.RecordListTooLarge:
		// The limit may have been lowered since an attempt that was appended and not answered: see outOfOrder.
		if b.Count > 1 {
			return verdict{what: split, err: code}
		}
		return verdict{err: code}
	case protocol.ClusterAuthorizationFailed, protocol.TransactionalIDAuthorizationFailed,
		protocol.ProducerFenced, protocol.UnsupportedForMessageFormat:
		return verdict{what: fatal, err: code}
	}
	if b.numbered {
		switch code {
		case protocol.DuplicateSequenceNumber:
			// The broker has it, but no longer knows where. It says so with this code only when it can't
			// answer with the offset, so that there is none to give.
			res.BaseOffset, res.LogAppendTime = -1, -1
			return verdict{what: accept}
		case protocol.OutOfOrderSequenceNumber:
			return outOfOrder(p, b, code)
		case protocol.UnknownProducerID:
			return unknownProducer(p, b, res)
		case protocol.InvalidProducerEpoch:
			return c.fenced(p, b, code)
		}
	}
	v := verdict{err: code, refresh: code.RefreshMetadata(), doubt: mayHaveAppended(code)}
	if code.Retriable() {
		v.what = again
	}
	return v
}

// outOfOrder: something before b is missing. If that is still on its way, b follows it.
func outOfOrder(p *Partition, b *Batch, code protocol.ErrorCode) verdict {
	older := func(o *Batch) bool { return o != nil && o.numbered && o.order.before(b.order) }
	if older(p.flight.head) || older(p.queue.head) {
		return verdict{what: again, err: code, free: true, refused: true}
	}
	if b.whole || p.mayFollowLate(b) {
		// Or it is in the log already, with the batch it is a part of: the broker knows that one by its numbers, and not the parts.
		// Or it gets there yet, behind what is missing. Rather in doubt than twice.
		return verdict{err: code}
	}
	// Nothing is: either a batch that was given up is missing, or the log lost what it had acknowledged, or it is another one.
	p.hole.suspect = true
	return verdict{what: again, err: code, hole: true, refused: true}
}

// unknownProducer: the broker's log holds nothing of this producer (brokers before 2.5).
func unknownProducer(p *Partition, b *Batch, res *Result) verdict {
	if res.LogStartOffset == -1 {
		return verdict{what: again, err: res.Code} // it can't tell why; ask again
	}
	if p.mayFollowLate(b) {
		return verdict{err: res.Code}
	}
	// Retention took all we wrote (log start beyond our last acknowledged offset), or the log was truncated. An earlier
	// attempt at b is gone with it, if there was one.
	return verdict{what: again, err: res.Code, absent: true, hole: true, refused: true}
}

// fenced: the partition has seen a higher epoch of our producer id. The id is not ours alone: a new one is needed. What an
// earlier attempt at b did can't be found out under a new id: rather in doubt than twice.
func (c *Core) fenced(p *Partition, b *Batch, code protocol.ErrorCode) verdict {
	if c.id.current.id == p.id.id {
		c.id.current = producerID{}
	}
	if b.doubt {
		return verdict{err: code} // what is behind b may have been appended with it: it goes again under the numbers it has
	}
	return verdict{what: again, err: code, hole: true}
}

// mayHaveAppended says whether a leader may answer code after it has appended the batch. While it waits for the other replicas
// it can lose its leadership (NOT_LEADER_OR_FOLLOWER) or the partition itself (UNKNOWN_TOPIC_OR_PARTITION, KAFKA_STORAGE_ERROR): see
// DelayedProduce.tryComplete. What it has appended may be with its successor then. Codes we don't know may mean anything.
func mayHaveAppended(code protocol.ErrorCode) bool {
	switch code {
	case protocol.UnknownServerError, protocol.RequestTimedOut, protocol.NetworkException,
		protocol.NotEnoughReplicasAfterAppend, protocol.NotLeaderOrFollower, protocol.UnknownTopicOrPartition, protocol.KafkaStorageError:
		return true
	}
	return !code.Known()
}
