package producertest

import (
	"crypto/tls"
	"maps"
	"slices"
	"time"

	"kafkaproducer/protocol"
)

// Request is a request as a broker decoded it.
type Request struct {
	Broker    int32
	Conn      int       // the connection's number in the cluster, counted from 1 in the order they were accepted
	Time      time.Time // when the last byte of it was read
	Header    protocol.RequestHeader
	Message   protocol.Request // not to be changed
	Size      int              // bytes, the size field included
	Throttled bool             // it came before the throttle time was over that the client was told of (KIP-219)
	// Partitions are those that a Produce request has batches for, with the names of their topics also where the request
	// has ids ("" for an id that no topic has).
	Partitions []TopicPartition
	// Principal is who sent it: the user of SASL; else, with a client certificate, its subject, such as CN=email-service;
	// else Anonymous. It is who the client was until then where the request authenticates it.
	Principal string
	// TLS is how the connection is encrypted; nil: not at all.
	TLS *tls.ConnectionState
}

// Anonymous is a client that nobody has asked who it is.
const Anonymous = "ANONYMOUS"

// BareFrame is the version of SaslAuthenticate in the header of a Request that had none: SASL's messages after
// SaslHandshake v0 are frames of their own.
const BareFrame = -1

// TopicPartition names a partition.
type TopicPartition struct {
	Topic     string
	Partition int32
}

// Attempt is a batch that came to a partition, and what became of it.
type Attempt struct {
	Time   time.Time
	Broker int32
	Conn   int // as in Request

	ProducerID    int64 // -1: not idempotent. The header's fields are 0 when it could not be read
	ProducerEpoch int16
	BaseSequence  int32
	Count         int32 // records

	Code       protocol.ErrorCode // the answer's
	Reason     string             // for the code, in words; "": None
	Appended   bool               // this attempt put the batch into the log, whatever the answer was
	Duplicate  bool               // the batch was in the log before
	BaseOffset int64              // where it is in the log; -1: it isn't
}

// Stats counts what a cluster has seen since it was started.
type Stats struct {
	Connections int                        // accepted
	Open        int                        // of them, not ended yet
	Requests    map[protocol.Key]int       // read, by API
	Batches     int64                      // appended
	Records     int64                      // appended
	Bytes       int64                      // of the batches that were appended, as they were sent
	Duplicates  int64                      // batches that were in the log before
	Refused     map[protocol.ErrorCode]int // batches answered with an error, by code, those that a fault appended too

	TLSFailures            int // handshakes
	Authentications        int // of SASL that succeeded, the next one included
	Reauthentications      int // of them, those that continued a session (KIP-368)
	AuthenticationFailures int // of both kinds
	ExpiredSessions        int // connections closed since the client went on after its session's end

	Held int // requests that came and are still to be carried out: DelayRequest, Orphan
}

// observations is what a cluster has seen. Guarded by the cluster's mu.
type observations struct {
	counts          Stats            // all but Open
	kept            []Request        // the newest ones
	tlsFailures     []TLSFailure     // the newest ones
	authentications []Authentication // the newest ones
	keep            int              // how many newest ones; see newest
}

// observe makes a request known, before it takes effect.
func (c *Cluster) observe(r *Request) {
	hook := c.opts.OnRequest
	c.mu.Lock()
	if hook != nil || c.opts.KeepRequests > 0 || len(c.faults) > 0 {
		r.Partitions = c.partitionsOf(r)
	}
	c.seen.counts.Requests[r.Header.Key]++
	c.seen.kept = keepNewest(c.seen.kept, *r, c.seen.keep)
	c.notify()
	c.mu.Unlock()
	if hook != nil {
		hook(*r)
	}
}

// partitionsOf names the partitions of a Produce request. Called with mu held.
func (c *Cluster) partitionsOf(r *Request) []TopicPartition {
	m, ok := r.Message.(*protocol.ProduceRequest)
	if !ok {
		return nil
	}
	n := 0
	for i := range m.TopicData {
		n += len(m.TopicData[i].PartitionData)
	}
	all := make([]TopicPartition, 0, n)
	for i := range m.TopicData {
		t := &m.TopicData[i]
		name := c.nameOf(t, r.Header.Version)
		for j := range t.PartitionData {
			all = append(all, TopicPartition{name, t.PartitionData[j].Index})
		}
	}
	return all
}

// keepNewest adds x to those of which newest returns the last n. It drops old ones half a buffer at a time, so that each is
// moved once.
func keepNewest[T any](kept []T, x T, n int) []T {
	if n <= 0 {
		return nil
	}
	if len(kept) >= 2*n {
		kept = append(make([]T, 0, 2*n), kept[len(kept)-n:]...)
	}
	return append(kept, x)
}

// newest returns the last n, at most. They are not changed any more.
func newest[T any](kept []T, n int) []T {
	return kept[max(0, len(kept)-max(0, n)):len(kept):len(kept)]
}

// refuseTLS makes a failed handshake known. Called with the cluster's mu held.
func (o *observations) refuseTLS(f TLSFailure) {
	o.counts.TLSFailures++
	o.tlsFailures = keepNewest(o.tlsFailures, f, o.keep)
}

// authenticated makes the end of an exchange known. Called with the cluster's mu held.
func (o *observations) authenticated(a Authentication) {
	switch {
	case a.Code != protocol.None:
		o.counts.AuthenticationFailures++
	case a.Again:
		o.counts.Reauthentications++
		fallthrough
	default:
		o.counts.Authentications++
	}
	o.authentications = keepNewest(o.authentications, a, o.keep)
}

// attempt makes known what became of a batch; done is what the log said to it. Called with the cluster's mu held.
func (o *observations) attempt(c *Cluster, p *partition, b *batch, done outcome, now time.Time) {
	appended := !done.refused() && !done.duplicate
	switch {
	case appended:
		o.counts.Batches++
		o.counts.Records += int64(b.header.Count)
		o.counts.Bytes += int64(len(b.bytes))
	case done.duplicate:
		o.counts.Duplicates++
	}
	if b.out.refused() {
		o.counts.Refused[b.out.code]++
	}
	if c.opts.KeepRequests < 0 {
		return
	}
	p.attempts = append(p.attempts, Attempt{
		Time: now, Broker: b.conn.b.id, Conn: b.conn.number,
		ProducerID: b.header.ProducerID, ProducerEpoch: b.header.ProducerEpoch,
		BaseSequence: b.header.BaseSequence, Count: b.header.Count,
		Code: b.out.code, Reason: b.out.reason, Appended: appended, Duplicate: done.duplicate, BaseOffset: done.baseOffset,
	})
}

// Requests returns the requests that the brokers have read, in that order, of the APIs named or of all. The newest ones
// are remembered, as Options.KeepRequests says.
func (c *Cluster) Requests(keys ...protocol.Key) []Request {
	c.mu.Lock()
	kept := newest(c.seen.kept, c.seen.keep)
	c.mu.Unlock()
	var found []Request
	for _, r := range kept {
		if len(keys) == 0 || slices.Contains(keys, r.Header.Key) {
			found = append(found, r)
		}
	}
	return found
}

// RequestCount returns how many requests of an API the brokers have read.
func (c *Cluster) RequestCount(key protocol.Key) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen.counts.Requests[key]
}

// Stats returns what the cluster has counted.
func (c *Cluster) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.seen.counts
	s.Requests, s.Refused = maps.Clone(s.Requests), maps.Clone(s.Refused)
	for _, b := range c.brokers {
		s.Open += len(b.conns)
	}
	return s
}
