package delivery

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"kafkaproducer/protocol"
)

var seeds = flag.Uint64("seeds", 1000, "how many random clusters TestModel runs")

// model is a cluster as far as the core can tell: logs with Kafka's producer state, leaders, and connections that answer in
// order. A seed decides what the cluster and the network do; the oracle compares what the core said with what the logs hold.
type model struct {
	*harness
	random *rand.Rand
	parts  []*Partition
	logs   map[*Partition]*brokerLog[modelBatch]
	down   map[int32]bool
	opened map[*Partition]int
	sifted []*Batch
	gaps   []*modelGap
	moved  map[string]bool // names
	birth  map[string]int  // order of opening within the partition, by name
	ended  map[string]Outcome
	sent   map[string]bool // names: some request held it
	faults bool
	late   []*modelLate
}

// modelBatch is a batch in a log.
type modelBatch struct {
	name       string
	producerID int64
}

// modelGap is what a gapless partition owes: all that was opened behind the batch that failed, until the caller knew, fails too.
type modelGap struct {
	p      *Partition
	failed string
	end    int // how many batches were opened in p when the caller knew; 0: not yet
}

func newModel(t *testing.T, seed uint64) *model {
	random := rand.New(rand.NewPCG(seed, 1))
	cfg := defaults()
	cfg.Seed = seed
	cfg.MaxInFlight = 1 + random.IntN(5)
	cfg.Linger = time.Duration(random.IntN(3)) * 5 * time.Millisecond
	cfg.DeliveryTimeout = time.Duration(1+random.IntN(10)) * time.Second
	if random.IntN(4) == 0 {
		cfg.Retries = random.IntN(3)
	}
	cfg.Gather = Gather(random.IntN(3))
	m := &model{
		random: random, logs: map[*Partition]*brokerLog[modelBatch]{}, down: map[int32]bool{},
		opened: map[*Partition]int{}, birth: map[string]int{}, ended: map[string]Outcome{}, moved: map[string]bool{}, sent: map[string]bool{},
		faults: true,
	}
	m.harness = newHarness(t, cfg)
	m.core = New(cfg, m)
	m.core.Record(nil)
	epoch := int16(0)
	if random.IntN(4) == 0 {
		epoch = 32766
	}
	m.core.ProducerID(m.now, 7, epoch)
	for i := range 1 + random.IntN(3) {
		leader := int32(1 + random.IntN(3))
		p := m.partition("t", int32(i), leader)
		p.Gapless = random.IntN(4) == 0
		m.parts = append(m.parts, p)
		m.logs[p] = &brokerLog[modelBatch]{leader: leader}
	}
	for id := range int32(3) {
		m.core.NodeUp(m.now, id+1, true)
	}
	m.collect()
	return m
}

// Sift notes the batches that come into being.
func (m *model) Sift(b *Batch, errors []protocol.BatchIndexAndErrorMessage) (*Batch, []protocol.BatchIndexAndErrorMessage) {
	rest, errors := m.harness.Sift(b, errors)
	if rest != nil {
		m.sifted = append(m.sifted, rest)
		m.moved[m.names[rest]] = m.moved[m.names[b]]
	}
	return rest, errors
}

// Split notes that what was sent as a whole was sent.
func (m *model) Split(b *Batch) []*Batch {
	parts := m.harness.Split(b)
	for _, q := range parts {
		m.sent[m.names[q]] = m.sent[m.names[b]]
	}
	return parts
}

// collect carries out what the core asks for.
func (m *model) collect() {
	for {
		m.core.Take(&m.acts)
		for _, b := range m.acts.Outcomes {
			name := m.names[b]
			if _, twice := m.ended[name]; twice {
				m.t.Fatalf("%s has two outcomes", name)
			}
			m.ended[name] = b.Outcome
			if o := b.Outcome; o.Err != nil && o.Certainty != NotPersisted && !m.sent[name] {
				m.t.Fatalf("%s was never sent, and is said to be in doubt: %v", name, o.Err)
			}
			if b.Outcome.Gap {
				m.gaps = append(m.gaps, &modelGap{p: b.Partition, failed: name})
			}
			m.logf("%v outcome %s", time.Duration(m.now), m.outcome(b))
		}
		for _, r := range m.acts.Send {
			m.requests = append(m.requests, r)
			for _, b := range r.Batches {
				m.sent[m.names[b]] = true
			}
			m.logf("%v send %s", time.Duration(m.now), m.request(r))
			if m.down[r.Node] {
				m.t.Fatalf("a request for node %d, which is down", r.Node)
			}
		}
		if len(m.acts.Send) == 0 && len(m.acts.Connect) == 0 && !m.acts.NewProducerID && !m.acts.RefreshMetadata {
			return
		}
		for _, id := range m.acts.Connect {
			if m.faults && m.random.IntN(3) == 0 {
				m.pass1(50 * time.Millisecond)
				m.core.NodeDown(m.now, id)
			} else {
				m.down[id] = false
				m.core.NodeUp(m.now, id, true)
			}
		}
		if m.acts.NewProducerID {
			m.core.ProducerID(m.now, int64(8+m.random.IntN(1000)), 0)
		}
		if m.acts.RefreshMetadata && (!m.faults || m.random.IntN(2) == 0) {
			m.metadata()
		}
	}
}

func (m *model) metadata() {
	for _, p := range m.parts {
		m.core.SetLeader(m.now, p, m.logs[p].leader, m.logs[p].epoch, protocol.UUID{})
	}
}

// pass1 moves the clock in one step: what is due in between is handled late, as on a busy machine.
func (m *model) pass1(d time.Duration) {
	m.now = m.now.after(Time(d))
	m.core.Tick(m.now)
}

// serve lets the node of the oldest request handle it, or not.
func (m *model) serve() {
	if len(m.requests) == 0 {
		return
	}
	node := m.requests[m.random.IntN(len(m.requests))].Node
	i := 0
	for m.requests[i].Node != node { // the oldest of that connection
		i++
	}
	r := m.requests[i]
	fault := 100
	if m.faults {
		fault = m.random.IntN(30)
	}
	if fault == 0 {
		m.cut(node) // before it was handled, or any of those behind it
		return
	}
	m.requests = append(m.requests[:i], m.requests[i+1:]...)
	results := make([]Result, len(r.Batches))
	for k, b := range r.Batches {
		results[k] = m.handle(node, b)
	}
	if fault == 1 { // handled, but the answer is lost
		m.logf("%v answer lost: %s", time.Duration(m.now), m.request(r))
		m.core.Failed(m.now, r, true, errLost)
		m.cut(node)
		return
	}
	m.logf("%v answer %s: %v", time.Duration(m.now), m.request(r), results)
	m.core.Answered(m.now, r, results, 0)
}

func (m *model) handle(node int32, b *Batch) Result {
	l := m.logs[b.Partition]
	res := Result{LogAppendTime: -1, LogStartOffset: -1, BaseOffset: -1}
	if l.leader != node {
		res.Code = protocol.NotLeaderOrFollower
		return res
	}
	if m.faults {
		switch m.random.IntN(40) {
		case 0:
			res.Code = protocol.NotEnoughReplicas
			return res
		case 1:
			res.Code = protocol.InvalidRecord
			if b.Count > 1 && m.random.IntN(2) == 0 {
				res.RecordErrors = make([]protocol.BatchIndexAndErrorMessage, 1)
			}
			return res
		case 2: // the leader appends, but can't tell what became of it
			if res.Code = m.append(m.names[b], b); res.Code == protocol.None {
				res.Code = protocol.RequestTimedOut
			}
			return res
		case 3:
			m.append(m.names[b], b)
			res.Missing = true
			return res
		case 4: // it appends, and leads no more before the others have it
			if res.Code = m.append(m.names[b], b); res.Code == protocol.None {
				res.Code = protocol.NotLeaderOrFollower
			}
			return res
		}
	}
	res.Code = m.append(m.names[b], b)
	return res
}

// append has the log of b's partition take it, or not.
func (m *model) append(name string, b *Batch) protocol.ErrorCode {
	res, _ := m.logs[b.Partition].append(b, modelBatch{name, b.ProducerID})
	return res.Code
}

// cut ends the connection to a node. Requests that it had not handled yet it may handle all the same, in order.
func (m *model) cut(node int32) {
	m.logf("%v cut %d", time.Duration(m.now), node)
	handled := m.random.IntN(4)
	m.down[node] = true
	left := m.requests[:0:0]
	var lost []*Request
	for _, r := range m.requests {
		if r.Node == node {
			lost = append(lost, r)
		} else {
			left = append(left, r)
		}
	}
	m.requests = left
	for i, r := range lost {
		if i < handled {
			for _, b := range r.Batches {
				if m.logs[b.Partition].leader == node {
					m.append(m.names[b], b)
				}
			}
		}
		late := i >= handled && m.random.IntN(2) == 0
		if late {
			m.delay(r)
		}
		m.core.Failed(m.now, r, i < handled || late || m.random.IntN(2) == 0, errLost)
	}
	m.core.NodeDown(m.now, node)
}

func (m *model) step() {
	if m.random.IntN(4) == 0 {
		m.serveLate()
	}
	switch n := m.random.IntN(20); {
	case n < 8:
		p := m.parts[m.random.IntN(len(m.parts))]
		m.opened[p]++
		name := fmt.Sprintf("%d.%03d", p.Index, m.opened[p])
		b := &Batch{Partition: p, Count: int32(1 + m.random.IntN(3)), Pinned: m.random.IntN(2) == 0}
		m.names[b] = name
		m.core.Opened(m.now, b)
	case n < 15:
		m.serve()
	case n < 18:
		m.pass1(time.Duration(m.random.IntN(1000)) * time.Millisecond / 10)
	case n < 19 && m.random.IntN(3) == 0:
		l := m.logs[m.parts[m.random.IntN(len(m.parts))]]
		if l.leader = int32(1 + m.random.IntN(3)); m.random.IntN(5) == 0 {
			l.leader = NoLeader
		}
		l.epoch++
		m.logf("%v leader moves", time.Duration(m.now))
		if m.random.IntN(2) == 0 {
			m.metadata()
		}
	case m.random.IntN(10) == 0:
		m.pass1(3 * time.Second)
	case m.random.IntN(2) == 0:
		m.evacuate()
	default:
		m.resume()
	}
	m.collect()
}

// evacuate moves what may be moved from a partition without leader.
func (m *model) evacuate() {
	for _, p := range m.parts {
		if p.Leaderless(m.now) > 0 {
			m.core.Evacuate(m.now, p, func(b *Batch) *Partition {
				q := m.parts[m.random.IntN(len(m.parts))]
				if b.Pinned {
					m.t.Fatalf("%s is for %d and no other, and is asked to move", m.names[b], p.Index)
				}
				if q == p || q.Gap() != nil {
					return nil
				}
				m.logf("%v %s moves to %d", time.Duration(m.now), m.names[b], q.Index)
				m.moved[m.names[b]] = true
				return q
			})
		}
	}
}

// resume lets the caller know of the failures in gapless partitions.
func (m *model) resume() {
	for _, g := range m.gaps {
		if g.end == 0 {
			g.end = m.opened[g.p]
			m.core.Resume(g.p)
		}
	}
}

// heal ends all faults and lets the core finish.
func (m *model) heal() {
	m.faults = false
	m.resume()
	for _, l := range m.logs {
		if l.leader == NoLeader {
			l.leader = 1
			l.epoch++
		}
	}
	m.metadata()
	m.collect()
	for range 3000 {
		if m.core.Live() == 0 && len(m.requests) == 0 {
			return
		}
		m.serve()
		m.collect()
		m.pass1(10 * time.Millisecond)
		m.collect()
	}
	m.t.Fatalf("%d batches have no outcome", m.core.Live())
}

// The promise, under a random cluster: nothing acknowledged is lost, nothing is twice, nothing is out of order, and what fails
// says truthfully whether it may be there.
func TestModel(t *testing.T) {
	for seed := range *seeds {
		runModel(t, seed)
	}
}

func runModel(t *testing.T, seed uint64) {
	m := newModel(t, seed)
	defer func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
			for _, l := range m.log {
				t.Log(l)
			}
		}
	}()
	for range 150 {
		m.step()
	}
	m.heal()
	m.judge()
}
