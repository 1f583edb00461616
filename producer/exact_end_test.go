package producer

import (
	"errors"
	"fmt"
	"time"

	"kafkaproducer/producer/internal/simulation"
	"kafkaproducer/protocol"
)

// How a run of the exact simulation ends, and what must hold then and at each moment before.

// probe sends a record to each topic, which must get through.
func (x *exact) probe() {
	x.phase = probing
	s := x.addSender(probeSender)
	for i := range x.s.Topics {
		s.add(exactRecord{topic: simulation.Topic(i), size: 10, overflow: OverflowBlock}, 1)
	}
	x.send(s)
}

// probed has the probes flushed once they are accepted.
func (x *exact) probed() {
	x.p.mu.Lock()
	x.done = x.p.startFlush()
	x.p.release(nil, aCall)
}

// checkProbes: once nothing is wrong any more, records get through.
func (x *exact) checkProbes() {
	if x.s.DeliveryTimeout < patience {
		return // too short for what must be found out first: a leader, a connection
	}
	if x.p.core.Fatal() != nil || x.s.Retries != 0 || x.s.Lies() {
		return
	}
	prober := x.senders[len(x.senders)-1]
	err := prober.stopped
	for n := 0; n < prober.next && err == nil; n++ {
		err = x.o.Outcome(probeSender, n).Err
	}
	if err != nil && !mayFail(&x.s, err) {
		x.o.Fail("nothing was wrong any more, but a record sent then failed: %w", err)
	}
}

// mayFail says whether a record may fail although nothing is wrong any more: behind one that failed, or because it may be in the log, or get
// there, and can't be sent again.
func mayFail(s *simulation.Schedule, err error) bool {
	var e *DeliveryError
	inDoubt := errors.As(err, &e) && e.Status == PossiblyPersisted
	return errors.Is(err, ErrBehindFailed) || s.Fences() && errors.Is(err, protocol.InvalidProducerEpoch) ||
		s.Recreates() && inDoubt && errors.Is(err, protocol.OutOfOrderSequenceNumber)
}

// check looks for what must hold at each moment.
func (x *exact) check() error {
	m := &x.p.memory
	most := m.limit + m.owed
	if x.divides {
		most += 1 << 20 // parts are not refused
	}
	switch {
	case x.o.Failed() != nil:
		return x.o.Failed()
	case x.w.Events > mostEvents:
		return fmt.Errorf("%d events, and no end", x.w.Events)
	case m.used < 0, m.owed < 0, m.owed > m.used, m.used > most:
		return fmt.Errorf("memory: %d of %d bytes are used, %d of them owed", m.used, m.limit, m.owed)
	case x.healed > 0 && x.phase < drained && x.w.Elapsed() > x.healed+2*time.Hour:
		return errors.New("two hours after all was well it isn't done")
	}
	return nil
}

// judge is called when nothing more happens.
func (x *exact) judge() error {
	p := x.p
	switch {
	case x.phase < drained:
		return fmt.Errorf("nothing more happens, but the run is at phase %d: %d batches live, %d in senders' queues", x.phase, p.core.Live(), len(x.senders[0].queue))
	case leftOver(p) != nil:
		return leftOver(p)
	case p.completer.running || len(p.completer.queue) > 0:
		return fmt.Errorf("in the end %d outcomes wait", len(p.completer.queue))
	case x.open != 0:
		return fmt.Errorf("in the end %d connections are open", x.open)
	}
	x.o.Moved = func() bool { return moved(p) }
	return x.o.Judge(x.c)
}

// leftOver says what a producer still counts as buffered when nothing is any more. Holds p.mu, in the whole simulation.
func leftOver(p *Producer) error {
	if m := &p.memory; m.used != 0 || m.owed != 0 || p.core.Live() != 0 || p.waiters.head != nil {
		return fmt.Errorf("in the end %d bytes of memory are used, %d owed, %d batches live", m.used, m.owed, p.core.Live())
	}
	for id, h := range p.holdings {
		if h.used != 0 || h.pace.backlog != 0 {
			return fmt.Errorf("in the end %d bytes count as broker %d's, %d as its backlog", h.used, id, h.pace.backlog)
		}
	}
	return nil
}
