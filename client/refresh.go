package client

import (
	"log/slog"

	"kafkaproducer/protocol"
)

// How metadata is asked for and taken over. All of it runs on the control goroutine.

// question is the request for metadata that is under way, of which there is one at a time (schedule.asking), and its answer. The storage is
// used again: what comes again and again is mostly the same. It is the connection's, who is asked, until answered is called.
type question struct {
	call     Call
	names    []string
	request  protocol.MetadataRequest
	response protocol.MetadataResponse
	err      error
}

// prepare sets what is the same each time.
func (q *question) prepare(s *control) {
	q.request.AllowAutoTopicCreation = true
	q.request.Topics = []protocol.MetadataRequestTopic{} // nil would be all
	q.call.Request, q.call.Response = &q.request, &q.response
	q.call.Done = func(_ *Call, err error) {
		q.err = err
		s.post((*control).answered)
	}
}

// askMetadata asks a connected broker for what is due.
func (s *control) askMetadata(n *node) {
	q, c := &s.question, n.conn
	q.names = s.meta.begin(s.now, q.names[:0])
	topics := q.request.Topics[:0]
	for i := range q.names {
		topics = append(topics, protocol.MetadataRequestTopic{Name: &q.names[i]}) // by name always: ids are answered only since version 12
	}
	q.request.Topics = topics
	q.call.Version = c.versions.Max(protocol.MetadataKey, 1<<15-1)
	if err := c.enqueue(&q.call); err != nil {
		s.outbox.put(outcome{call: &q.call, err: err})
		return
	}
	c.flush(ByWriter)
}

// answered takes an answer over.
func (s *control) answered() {
	call, response, err := &s.question.call, &s.question.response, s.question.err
	var next *Cluster
	old := s.snapshot()
	m := merger{old: old, answer: response, used: s.used, epochs: call.Version >= reliableEpochs}
	if err == nil {
		m.fresh = s.another(old.ID, response.ClusterID)
		next, err = m.merge()
	}
	if err != nil {
		s.setTrouble(err)
		s.meta.end(s.now, false, false, false, s.random())
		if err == protocol.RebootstrapRequired {
			s.rebootstrap(err.Error(), true)
		}
		return
	}
	changed := differs(old, next, m.changed)
	if m.unsettled == nil && s.meta.missing(next.settled) {
		m.unsettled = errMissing
	}
	s.meta.end(s.now, true, changed, m.unsettled != nil, s.random())
	s.setTrouble(m.unsettled)
	if old.ID != "" && next.ID != "" && old.ID != next.ID {
		s.log.Warn("this is another cluster than before", "cluster", next.ID, "before", old.ID)
	}
	if m.changed {
		s.report(old, next)
	}
	for name, t := range next.Topics {
		if lasting(t.Err) && len(t.Partitions) == 0 && t != old.Topics[name] { // this answer says so: merger.topic
			s.meta.refuse(name) // who wants it asks again
		}
	}
	s.draft = next
	s.bootstrapped()
	s.arrange()
	if len(s.asked) > 0 {
		s.post((*control).strangers) // when the answer has been published
	}
}

// settled reports whether there is nothing to be asked about a topic. A snapshot keeps what an answer left out.
func (c *Cluster) settled(topic string) bool {
	t := c.Topics[topic]
	return known(t) || t != nil && lasting(t.Err)
}

// another reports whether an answer is another cluster's than what is known; where ids are not known, bootstrap.servers
// may have led anywhere.
func (s *control) another(old string, answered *string) bool {
	if old == "" || answered == nil {
		return s.boot
	}
	return old != *answered
}

// differs reports whether anything but the snapshot itself is new. topics: those may be.
func differs(old, next *Cluster, topics bool) bool {
	if old.ID != next.ID || len(old.Topics) != len(next.Topics) || len(old.Brokers) != len(next.Brokers) {
		return true
	}
	for id, b := range next.Brokers {
		if old.Brokers[id] != b {
			return true
		}
	}
	if !topics {
		return false
	}
	for name, t := range next.Topics {
		if old.Topics[name] != t {
			return true
		}
	}
	return false
}

// report logs when a topic's state changes: once, however long it lasts.
func (s *control) report(old, next *Cluster) {
	for name, t := range next.Topics {
		was := protocol.None
		if o := old.Topics[name]; o != nil {
			was = o.Err
		}
		switch {
		case t.Err == was:
		case t.Err == protocol.None:
			s.log.Info("topic is available", "topic", name, "partitions", len(t.Partitions))
		case t.Err.Retriable():
			s.log.Log(s.ctx, slog.LevelWarn, "topic is not available", "topic", name, "error", t.Err)
		default:
			s.log.Log(s.ctx, slog.LevelError, "topic is not available", "topic", name, "error", t.Err)
		}
	}
}
