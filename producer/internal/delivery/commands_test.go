package delivery

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"kafkaproducer/protocol"
)

// commands are the commands of a session; it describes them.
var commands = map[string]func(*session, command) error{
	"config":        (*session).config,
	"producer-id":   (*session).producerID,
	"partition":     (*session).partition,
	"metadata-done": func(s *session, _ command) error { s.core.MetadataDone(s.now); return nil },
	"connected-old": func(s *session, c command) error { return s.node(c, s.upByName) }, // Kafka before 4.1
	"connected":     func(s *session, c command) error { return s.node(c, s.up) },
	"unreachable":   func(s *session, c command) error { return s.node(c, s.core.NodeDown) },
	"send":          (*session).send,
	"full":          (*session).full,
	"answer":        (*session).answer,
	"disconnect":    (*session).disconnect,
	"tick":          (*session).tick,
	"wait":          (*session).wait,
	"expire":        (*session).expire,
	"flush":         func(s *session, _ command) error { s.flushes = append(s.flushes, s.core.Flush(s.now)); return nil },
	"pressure":      func(s *session, c command) error { s.core.Pressure(s.now, c.word(0) == "on"); return nil },
	"abort":         func(s *session, _ command) error { s.core.Abort(s.now, errAborted); return nil },
	"gapless":       func(s *session, c command) error { return s.with(c, func(p *Partition) { p.Gapless = true }) },
	"resume":        func(s *session, c command) error { return s.with(c, s.core.Resume) },
	"evacuate":      (*session).evacuate,
	"withdraw":      (*session).withdraw,
	"drop":          func(s *session, _ command) error { s.core.DropOldest(s.now, errDropped, anyBatch); return nil },
	"acknowledged":  (*session).acknowledged,
}

var (
	errAborted      = errors.New("the producer was closed")
	errDisconnected = errors.New("the connection was lost")
	errDropped      = errors.New("dropped to make room")
)

func anyBatch(*Batch) bool { return true }

func (s *session) config(c command) error {
	if s.core != nil {
		return errors.New("the core runs already")
	}
	for key, value := range c.value {
		switch key {
		case "enable.idempotence":
			s.cfg.Idempotent = value == "true"
			continue
		case "gather":
			g, known := gatherNamed[value]
			if !known {
				return fmt.Errorf("gather=%s: no such value", value)
			}
			s.cfg.Gather = g
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil {
			return err
		}
		ms := time.Duration(n) * time.Millisecond
		switch key {
		case "retries":
			s.cfg.Retries = n
		case "max.in.flight.requests.per.connection":
			s.cfg.MaxInFlight = n
		case "max.request.size":
			s.cfg.MaxRequestSize = n
		case "linger.ms":
			s.cfg.Linger = ms
		case "delivery.timeout.ms":
			s.cfg.DeliveryTimeout = ms
		case "retry.backoff.ms":
			s.cfg.RetryBackoff = ms
		case "retry.backoff.max.ms":
			s.cfg.RetryBackoffMax = ms
		default:
			return fmt.Errorf("%s: no such property here", key)
		}
	}
	return nil
}

// gatherNamed are the values of Config.Gather by what they are called in transcripts.
var gatherNamed = map[string]Gather{"where-queued": GatherWhereQueued, "never": GatherNever, "always": GatherAlways}

func (s *session) producerID(c command) error {
	if c.word(0) == "failed" {
		code, err := codeNamed(c.word(1))
		if err != nil {
			return err
		}
		s.core.ProducerIDFailed(s.now, code)
		return nil
	}
	id, err := strconv.ParseInt(c.word(0), 10, 64)
	if err != nil {
		return err
	}
	epoch, err := c.number("epoch", 0)
	s.core.ProducerID(s.now, id, int16(epoch))
	return err
}

func (s *session) partition(c command) error {
	name := c.word(0)
	p := s.partitions[name]
	if p == nil {
		topic, index, _ := strings.Cut(name, "-")
		n, err := strconv.ParseInt(index, 10, 32)
		if err != nil {
			return err
		}
		made := NewPartition(topic, int32(n))
		p = &made
		s.partitions[name] = p
	}
	leader := int(NoLeader)
	if c.value["leader"] != "none" {
		var err error
		if leader, err = c.number("leader", leader); err != nil {
			return err
		}
	}
	epoch, err := c.number("epoch", max(0, int(p.leaderEpoch)))
	if err != nil {
		return err
	}
	topic, err := c.number("topic-id", 0)
	s.core.SetLeader(s.now, p, int32(leader), int32(epoch), protocol.UUID{15: byte(topic)})
	return err
}

// up is NodeUp for a broker that has Produce 13.
func (s *session) up(now Time, id int32) { s.core.NodeUp(now, id, true) }

// upByName is NodeUp for one that hasn't.
func (s *session) upByName(now Time, id int32) { s.core.NodeUp(now, id, false) }

func (s *session) node(c command, tell func(Time, int32)) error {
	id, err := strconv.ParseInt(c.word(0), 10, 32)
	if err == nil {
		tell(s.now, int32(id))
	}
	return err
}

func (s *session) send(c command) error {
	p, err := s.known(c.word(1))
	if err != nil {
		return err
	}
	n, err := c.number("records", 1)
	if err != nil {
		return err
	}
	name := c.word(0)
	if s.batches[name] != nil {
		return fmt.Errorf("%s was sent before", name)
	}
	if last := p.queue.tail; last != nil && last.state == Open {
		s.Close(last) // a batch is begun when the one before takes no more
		s.core.Filled(s.now, last)
	}
	b := &Batch{Partition: p, Owner: newPayload(name, 0, 0, int32(n)), Count: int32(n)}
	s.batches[name] = b
	s.core.Opened(s.now, b)
	if c.word(2) == "full" {
		return s.full(c)
	}
	return nil
}

func (s *session) full(c command) error {
	b := s.batches[c.word(0)]
	if b == nil {
		return fmt.Errorf("%s: no such batch", c.word(0))
	}
	if b.state == Open {
		s.Close(b)
	}
	s.core.Filled(s.now, b)
	return nil
}

func (s *session) answer(c command) error {
	r, err := s.request(c.word(0))
	if err != nil {
		return err
	}
	throttle, err := s.duration(c.value["throttle"])
	if err != nil {
		return err
	}
	results := make([]Result, len(r.Batches))
	for i, b := range r.Batches {
		text := c.word(1)
		if len(r.Batches) > 1 {
			text = c.value[nameOf(b)]
		}
		if results[i], err = parseResult(text); err != nil {
			return err
		}
	}
	s.core.Answered(s.now, r, results, throttle)
	return nil
}

func (s *session) disconnect(c command) error {
	id, err := strconv.ParseInt(c.word(0), 10, 32)
	if err != nil {
		return err
	}
	unwritten := strings.Split(c.value["unwritten"], ",")
	var lost []openRequest
	s.open = slices.DeleteFunc(s.open, func(o openRequest) bool {
		if o.r.Node == int32(id) {
			lost = append(lost, o)
			return true
		}
		return false
	})
	for _, o := range lost {
		s.core.Failed(s.now, o.r, !slices.Contains(unwritten, strconv.Itoa(o.number)), errDisconnected)
	}
	s.core.NodeDown(s.now, int32(id))
	return nil
}

func (s *session) tick(c command) error {
	d, err := s.duration(c.word(0))
	if err != nil {
		return err
	}
	end := s.now.after(Time(d))
	for due := s.core.NextDeadline(); due <= end; due = s.core.NextDeadline() {
		s.now = max(s.now, due)
		s.core.Tick(s.now)
		s.take()
		if s.core.NextDeadline() <= s.now {
			return errors.New("the core is due again at the same time")
		}
	}
	s.now = end
	return nil
}

func (s *session) wait(command) error {
	due := s.core.NextDeadline()
	if due == Never {
		return errors.New("nothing is due")
	}
	s.now = max(s.now, due)
	s.core.Tick(s.now)
	return nil
}

func (s *session) expire(c command) error {
	b := s.core.live.head
	if b == nil || !strings.HasPrefix(nameOf(b)+".", c.word(0)+".") {
		return fmt.Errorf("%s is not the oldest batch", c.word(0))
	}
	age(s.core, s.now)
	s.core.Tick(s.now)
	return nil
}

// age makes the oldest batch, all parts of it, as old as delivery.timeout.ms. A batch's age counts for nothing but for the
// order in which batches expire, so that this is a history with longer waits between sends.
func age(c *Core, now Time) {
	opened := c.live.head.opened
	for b := c.live.head; b != nil && b.opened == opened; b = c.live.next(b) {
		b.created = now - Time(c.cfg.DeliveryTimeout)
	}
}

// known returns a partition by its name.
func (s *session) known(name string) (*Partition, error) {
	p := s.partitions[name]
	if p == nil {
		return nil, fmt.Errorf("%s: no such partition", name)
	}
	return p, nil
}

// with does something with the partition that a command names.
func (s *session) with(c command, do func(*Partition)) error {
	p, err := s.known(c.word(0))
	if err != nil {
		return err
	}
	do(p)
	return nil
}

func (s *session) evacuate(c command) error {
	to := s.partitions[c.word(1)]
	return s.with(c, func(p *Partition) {
		s.core.Evacuate(s.now, p, func(*Batch) *Partition { return to })
	})
}

func (s *session) withdraw(c command) error {
	b := s.batches[c.word(0)]
	if b == nil || !b.Unsent() {
		return fmt.Errorf("%s: no such batch, or it was sent", c.word(0))
	}
	i, err := strconv.Atoi(c.word(1))
	withdraw(b, int32(i))
	return err
}

func (s *session) acknowledged(c command) error {
	p, err := s.known(c.word(0))
	if err != nil {
		return err
	}
	next, err := c.number("next", 0)
	if err != nil || next <= 0 || next > math.MaxInt32 {
		return fmt.Errorf("next=%s: want 1 to %d", c.value["next"], math.MaxInt32)
	}
	writtenBefore(s.core, s.now, p, int32(next))
	return nil
}

// writtenBefore has p as if it had acknowledged all sequences before next under the producer's id.
func writtenBefore(c *Core, now Time, p *Partition, next int32) {
	p.restart(c.id.current)
	p.next, p.acked, p.ackedEnd, p.proven = next, next-1, int64(next)-1, now.after(Time(provenFor))
}
