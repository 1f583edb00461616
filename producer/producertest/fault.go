package producertest

import (
	"fmt"
	"slices"

	"kafkaproducer/protocol"
)

// Fault is something that goes wrong: what, to which requests, how often. A function such as Fail or Swallow says what;
// methods narrow it down, each returning a changed copy. Without them a fault befalls every Produce request to any
// broker until it is lifted. Cluster.Inject puts it in force.
//
// What befalls a request as a whole counts requests. What befalls batches (Fail and its kin, on Produce requests) counts
// batches, of which a request has one for each partition.
type Fault struct {
	name      string
	keys      []protocol.Key // what it is about; nil: Produce
	anyKey    bool
	broker    int32  // 0: any
	topic     string // "": any
	partition int32  // -1: any
	when      func(Request) bool
	skip      int
	every     int     // 0: each
	chance    float64 // 0: certain
	times     int     // 0: without end

	plan  func(*plan, *Fault) // what it does to a request; nil: nothing
	batch func(*fate)         // what it does to a batch; nil: nothing
	dial  dialOutcome
	write func(size int) int // how much of a write by a client gets through before the connection is reset; nil: all
	lose  bool               // what doesn't get through, and all that follows, is lost unnoticed instead
}

func newFault(name string) Fault { return Fault{name: name, partition: -1} }

// String returns the fault's name.
func (f Fault) String() string { return f.name }

// Once lets the fault happen one time.
func (f Fault) Once() Fault { return f.Times(1) }

// Times lets the fault happen n times; 0: until it is lifted.
func (f Fault) Times(n int) Fault { f.times = n; return f }

// Skip spares the first n requests or batches that the fault is about.
func (f Fault) Skip(n int) Fault { f.skip = n; return f }

// Every lets the fault happen to each nth of those that it is about and that Skip doesn't spare, the first included.
func (f Fault) Every(n int) Fault { f.every = n; return f }

// Chance lets the fault happen with the probability p, at random as Options.Seed has it.
func (f Fault) Chance(p float64) Fault { f.chance = p; return f }

// OnBroker confines the fault to one broker.
func (f Fault) OnBroker(id int32) Fault { f.broker = id; return f }

// OnTopic confines the fault to requests that are about a topic, and to batches for it.
func (f Fault) OnTopic(topic string) Fault { f.topic = topic; return f }

// On confines the fault to requests that are about a partition, and to batches for it. A Metadata request is about
// the partitions of the topics it asks for.
func (f Fault) On(topic string, partition int32) Fault {
	f.topic, f.partition = topic, partition
	return f
}

// OnRequests makes the fault one of these requests instead of Produce requests.
func (f Fault) OnRequests(keys ...protocol.Key) Fault { f.keys = slices.Clone(keys); return f }

// OnAnyRequest makes the fault one of all requests.
func (f Fault) OnAnyRequest() Fault { f.anyKey = true; return f }

// When confines the fault to requests for which cond is true, and all that earlier calls have confined it to. It runs on the
// connection's goroutine and may call the cluster's methods, with the exception of Close.
func (f Fault) When(cond func(Request) bool) Fault {
	if before := f.when; before != nil {
		f.when = func(r Request) bool { return before(r) && cond(r) }
	} else {
		f.when = cond
	}
	return f
}

// Injection is a fault in force.
type Injection struct {
	c *Cluster
	f Fault // final

	seen   int // requests or batches that it was about; guarded by c.mu, as the rest
	hits   int
	lifted bool
}

// Inject puts a fault in force. Of several that would set an error code the one that was injected first does.
func (c *Cluster) Inject(f Fault) *Injection {
	if f.name == "" {
		panic("producertest: Inject: a zero Fault; make one with a function such as Fail")
	}
	i := &Injection{c: c, f: f}
	c.locked(func() { c.faults = append(slices.Clone(c.faults), i) })
	return i
}

// Lift ends the fault. What it has done to answers that are under way stays.
func (i *Injection) Lift() {
	i.c.locked(func() { i.c.remove(i) })
}

// Hits returns how often the fault has happened.
func (i *Injection) Hits() int {
	i.c.mu.Lock()
	defer i.c.mu.Unlock()
	return i.hits
}

// take counts one more request, batch or dial that the fault is about, and reports whether the fault happens to it.
func (i *Injection) take() bool {
	i.c.mu.Lock()
	defer i.c.mu.Unlock()
	if i.lifted {
		return false
	}
	i.seen++
	n := i.seen - i.f.skip
	switch {
	case n <= 0,
		i.f.every > 0 && (n-1)%i.f.every != 0,
		i.f.chance > 0 && i.c.random.Float64() >= i.f.chance:
		return false
	}
	i.hits++
	if i.hits == i.f.times {
		i.c.remove(i)
	}
	i.c.notify()
	return true
}

// remove takes a fault out of force. Called with mu held.
func (c *Cluster) remove(i *Injection) {
	i.lifted = true
	c.faults = slices.DeleteFunc(slices.Clone(c.faults), func(o *Injection) bool { return o == i })
}

// injections returns the faults in force. The slice is not changed any more.
func (c *Cluster) injections() []*Injection {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.faults
}

// plan makes a plan of what the faults in force do to a request.
func (c *Cluster) plan(p *plan, faults []*Injection, r *Request) {
	for _, i := range faults {
		f := &i.f
		ofBatches := f.batch != nil && r.Header.Key == protocol.ProduceKey
		if f.plan == nil || ofBatches || !f.about(r) || !i.take() {
			continue
		}
		f.plan(p, f)
		c.opts.Logger.Debug("fault", "fault", f.name, "broker", r.Broker, "connection", r.Conn, "request", r.Header.Key)
	}
}

// fate returns what the faults in force do to one batch of a Produce request.
func (c *Cluster) fate(faults []*Injection, r *Request, topic string, partition int32) fate {
	for _, i := range faults {
		f := &i.f
		if f.batch == nil || !f.aboutKey(r) || !f.aboutPartition(topic, partition) || !i.take() {
			continue
		}
		var it fate
		f.batch(&it)
		c.opts.Logger.Debug("fault", "fault", f.name, "broker", r.Broker, "connection", r.Conn,
			"partition", fmt.Sprintf("%s-%d", topic, partition))
		return it
	}
	return fate{}
}

// aboutKey reports whether the fault is about such requests to that broker, wherever the batches go.
func (f *Fault) aboutKey(r *Request) bool {
	switch {
	case f.broker != 0 && f.broker != r.Broker:
		return false
	case f.anyKey:
	case f.keys == nil && r.Header.Key != protocol.ProduceKey:
		return false
	case f.keys != nil && !slices.Contains(f.keys, r.Header.Key):
		return false
	}
	return f.when == nil || f.when(*r)
}

func (f *Fault) aboutPartition(topic string, partition int32) bool {
	return (f.topic == "" || f.topic == topic) && (f.partition < 0 || f.partition == partition)
}

// about reports whether the fault is about the request as a whole.
func (f *Fault) about(r *Request) bool {
	if f.topic == "" {
		return f.aboutKey(r)
	}
	switch m := r.Message.(type) {
	case *protocol.ProduceRequest:
		return slices.ContainsFunc(r.Partitions, func(tp TopicPartition) bool {
			return f.aboutPartition(tp.Topic, tp.Partition)
		}) && f.aboutKey(r)
	case *protocol.MetadataRequest:
		return (m.Topics == nil || slices.ContainsFunc(m.Topics, func(t protocol.MetadataRequestTopic) bool {
			return t.Name != nil && *t.Name == f.topic
		})) && f.aboutKey(r)
	}
	return false
}

// intN returns a random number in [0, n), the same ones for the same seed.
func (c *Cluster) intN(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.random.IntN(n)
}

// dialOutcome is what a fault does to an attempt to connect.
type dialOutcome int8

const (
	dialConnects dialOutcome = iota
	dialRefused
	dialHangs
)

// dialFault returns what the faults in force do to an attempt to connect to addr.
func (c *Cluster) dialFault(addr string) dialOutcome {
	for _, i := range c.injections() {
		if i.f.dial == dialConnects || i.f.broker != 0 && i.f.broker != c.brokerAt(addr) {
			continue
		}
		if i.take() {
			return i.f.dial
		}
	}
	return dialConnects
}

// wire is what becomes of a direction of a connection.
type wire int8

const (
	wireWhole wire = iota
	wireCut        // the connection is reset
	wireDead       // nothing more gets through, and nobody is told
)

// cutWrite returns how much of what a client writes to a broker gets through, and what happens then.
func (c *Cluster) cutWrite(broker int32, size int) (n int, then wire) {
	for _, i := range c.injections() {
		if i.f.write != nil && (i.f.broker == 0 || i.f.broker == broker) && i.take() {
			if i.f.lose {
				return i.f.write(size), wireDead
			}
			return i.f.write(size), wireCut
		}
	}
	return size, wireWhole
}

// brokerAt returns the id of the broker with the address, 0 when there is none.
func (c *Cluster) brokerAt(addr string) int32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range c.brokers {
		if b.addr == addr || b.name == addr {
			return b.id
		}
	}
	return 0
}
