package producertest

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"kafkaproducer/protocol"
	"kafkaproducer/record"
)

// batch is what a Produce request has for one partition, on its way into the log or into a refusal.
type batch struct {
	conn    *conn
	request *Request
	acks    int16
	topic   string // "": an id that no topic has
	index   int32
	bytes   []byte

	header   record.Batch
	records  []recordRefusal
	message  string // the answer's; "": none
	out      outcome
	logStart int64
	leader   protocol.LeaderIDAndEpoch
	endpoint *protocol.NodeEndpoint // of the leader; nil: not told
}

// settle decides what becomes of the batch. It is false when the connection has ended meanwhile: nothing has happened then.
func (b *batch) settle(it fate) bool {
	config, no := b.lookUp()
	if it.code != protocol.None && !it.append {
		no = refusal{it.code, "a fault"}
	}
	if no.refused() {
		b.header, _, _ = record.ParseBatch(b.bytes) // for Attempts; whether it is right doesn't matter any more
	} else {
		no = b.validate(&config)
	}
	return b.finish(no, it)
}

// lookUp returns the settings of the topic, or why the partition can't be appended to here.
func (b *batch) lookUp() (TopicConfig, refusal) {
	c := b.conn.c
	c.mu.Lock()
	defer c.mu.Unlock()
	p, no := b.place()
	if no.refused() {
		return TopicConfig{}, no
	}
	return p.topic.config, refusal{}
}

// place finds the partition, nil when there is none, and says why it can't be appended to here. Called with the cluster's
// mu held.
func (b *batch) place() (*partition, refusal) {
	p := b.conn.c.findPartition(b.topic, b.index)
	switch {
	case b.topic == "" && b.request.Header.Version >= topicIDsSince:
		return nil, refusal{protocol.UnknownTopicID, "no topic has the id"}
	case p == nil:
		return nil, refuse(protocol.UnknownTopicOrPartition, "there is no %s-%d", b.topic, b.index)
	case b.acks < -1 || b.acks > 1:
		return p, refuse(protocol.InvalidRequiredAcks, "acks is %d", b.acks)
	case p.leader != b.conn.b.id:
		return p, refuse(protocol.NotLeaderOrFollower, "broker %d leads", p.leader)
	}
	return p, refusal{}
}

// validate checks the batch in itself.
func (b *batch) validate(config *TopicConfig) refusal {
	var v verdict
	b.header, v = parseBatch(b.bytes, b.request.Header.Version, config)
	now := b.conn.c.now()
	if !v.refused() && !b.conn.c.opts.SkipRecordValidation && !wellFormed(&b.header, b.bytes, config, now) {
		v = checkRecords(&b.header, config, now)
	}
	b.records = v.records
	if len(v.records) > 0 {
		b.message = v.reason
	}
	return v.refusal
}

// finish appends the batch, or refuses it for the reason given. Where a fault wants it to fail after the append, it does both.
func (b *batch) finish(no refusal, it fate) bool {
	c := b.conn.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if b.conn.gone() {
		return false
	}
	p, moved := b.place()
	if !no.refused() {
		no = moved // since it was looked up
	}
	now := c.now()
	b.out = outcome{refusal: no, baseOffset: -1, appendTime: -1}
	if !no.refused() {
		b.out = p.log.append(&b.header, b.bytes, b.rules(p, now), now)
	}
	done := b.out
	if it.code != protocol.None && !b.out.refused() {
		b.out.refusal = refusal{it.code, "a fault, after the append"}
	}
	if !b.out.refused() {
		p.log.sure = max(p.log.sure, b.out.baseOffset+int64(b.header.Count))
	}
	if it.code != protocol.None && b.out.code == it.code {
		b.records, b.message = it.records, it.message
	}
	if p != nil {
		b.hint(p)
		c.seen.attempt(c, p, b, done, now)
	}
	c.notify()
	if b.out.refused() && c.opts.Logger.Enabled(context.Background(), slog.LevelDebug) {
		c.opts.Logger.Debug("batch refused", "broker", b.conn.b.id, "partition", fmt.Sprintf("%s-%d", b.topic, b.index),
			"code", b.out.code.Name(), "reason", b.out.reason)
	}
	return true
}

func (b *batch) rules(p *partition, now time.Time) rules {
	r := rules{
		unknown: b.conn.c.opts.UnknownProducer, expiration: b.conn.c.opts.ProducerIDExpiration,
		leaderEpoch: p.leaderEpoch, appendTime: -1,
	}
	if p.topic.config.LogAppendTime {
		r.appendTime = now.UnixMilli()
	}
	return r
}

// hint adds what the answer says of the partition: where its log begins and who leads it. Called with the cluster's mu held.
func (b *batch) hint(p *partition) {
	c := b.conn.c
	switch b.out.code {
	case protocol.UnknownTopicOrPartition, protocol.NotLeaderOrFollower, protocol.MessageTooLarge, protocol.CorruptMessage,
		protocol.KafkaStorageError, protocol.InvalidRequiredAcks: // ReplicaManager.appendToLocalLog doesn't look it up
	default:
		b.logStart = p.log.start
	}
	if b.out.code != protocol.NotLeaderOrFollower || b.request.Header.Version < leaderHintsSince || c.opts.NoLeaderHints {
		return
	}
	b.leader = protocol.LeaderIDAndEpoch{LeaderID: p.leader, LeaderEpoch: p.leaderEpoch}
	if c.runs(p.leader) {
		l := c.broker(p.leader)
		b.endpoint = &protocol.NodeEndpoint{NodeID: l.id, Host: l.host, Port: l.port, Rack: l.rack}
	}
}

// answer is what the response says of the batch.
func (b *batch) answer() protocol.PartitionProduceResponse {
	a := protocol.PartitionProduceResponse{
		Index: b.index, ErrorCode: b.out.code, BaseOffset: b.out.baseOffset, LogAppendTimeMs: b.out.appendTime,
		LogStartOffset: b.logStart, CurrentLeader: b.leader,
	}
	if b.out.refused() {
		a.BaseOffset, a.LogAppendTimeMs = -1, -1
	}
	for _, r := range b.records {
		a.RecordErrors = append(a.RecordErrors, protocol.BatchIndexAndErrorMessage{
			BatchIndex: r.index, BatchIndexErrorMessage: &r.reason,
		})
	}
	if b.message != "" {
		a.ErrorMessage = &b.message
	}
	return a
}
