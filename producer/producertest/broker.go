package producertest

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"strconv"
)

// broker is a broker of the cluster. All but the first two fields are guarded by the cluster's mu.
type broker struct {
	id   int32
	rack *string

	host   string
	addr   string        // where it listens
	port   int32         // of addr; clients are told host and port
	name   string        // host:port, as clients are told
	ln     net.Listener  // nil: not running
	conns  []*conn       // in the order in which they were accepted
	paused chan struct{} // closed by ResumeBroker; nil: not paused
	frozen *view         // what Metadata of this broker shows instead of the truth; nil: the truth
	stored bool          // it stopped in an orderly way, and knows of producers what it has written down
}

// addBroker starts a broker with the next id.
func (c *Cluster) addBroker() (*broker, error) {
	b := new(broker)
	c.locked(func() {
		c.lastID++
		b.id = c.lastID
		if i := int(b.id) - 1; i < len(c.opts.Racks) {
			b.rack = &c.opts.Racks[i]
		}
	})
	if err := c.open(b, ""); err != nil {
		return nil, err
	}
	return b, nil
}

// open starts a broker at addr, or at a new address when addr is empty.
func (c *Cluster) open(b *broker, addr string) error {
	ln, err := c.network.listen(addr)
	if err != nil {
		return err
	}
	at := placeOf(ln)
	c.locked(func() {
		if c.closed {
			ln.Close()
			return
		}
		b.addr, b.host, b.port, b.ln = at.name, at.host, int32(at.addr.Port), ln
		b.name = b.addr
		if i := int(b.id) - 1; i < len(c.opts.Hosts) {
			b.host = c.opts.Hosts[i]
			b.name = net.JoinHostPort(b.host, strconv.Itoa(at.addr.Port))
		}
		if c.broker(b.id) == nil {
			c.brokers = append(c.brokers, b) // the newest has the highest id
		}
		c.shown = nil
		if c.opts.World == nil {
			c.running.Go(func() { c.accept(b, ln) })
		}
	})
	return nil
}

// accept takes connections until the listener is closed.
func (c *Cluster) accept(b *broker, ln net.Listener) {
	for {
		nc, err := ln.Accept()
		if err != nil {
			return
		}
		c.locked(func() {
			if b.ln != ln { // stopped meanwhile
				nc.Close()
				return
			}
			c.seen.counts.Connections++
			k := newConn(c, b, nc, c.seen.counts.Connections)
			b.conns = append(b.conns, k)
			c.running.Go(k.serve)
		})
	}
}

// halt stops a broker. Called with mu held.
func (c *Cluster) halt(b *broker) {
	if b.ln == nil {
		return
	}
	b.ln.Close()
	b.ln = nil
	open := b.conns
	b.conns = nil
	for _, k := range open {
		k.close()
	}
	c.resume(b)
	b.frozen = nil
	c.shown = nil
}

// forget takes a connection out that has ended. Called with mu held.
func (b *broker) forget(k *conn) {
	if i, ok := slices.BinarySearchFunc(b.conns, k.number, func(k *conn, n int) int { return cmp.Compare(k.number, n) }); ok {
		b.conns = slices.Delete(b.conns, i, i+1)
	}
}

func (c *Cluster) resume(b *broker) {
	if b.paused != nil {
		close(b.paused)
		b.paused = nil
		for _, k := range b.conns {
			if k.world != nil {
				k.world.resumed()
			}
		}
	}
}

// StopBroker stops a broker as a crash does: its connections end, nothing listens at its address, requests it has not
// answered are lost, and partitions that it leads have no leader until it is back or MoveLeader gives them another.
// It does nothing to a broker that is stopped.
func (c *Cluster) StopBroker(id int32) {
	c.locked(func() { c.halt(c.mustBroker("StopBroker", id)) })
}

// ShutdownBroker stops a broker in an orderly way: other running brokers, round robin, take over what it leads first. What nobody
// can take over it leads again once it is back, and knows the last batch of each producer then, as ReloadProducers has it.
func (c *Cluster) ShutdownBroker(id int32) {
	c.locked(func() {
		b := c.mustBroker("ShutdownBroker", id)
		others := slices.DeleteFunc(c.runningIDs(), func(other int32) bool { return other == id })
		if len(others) > 0 {
			c.handOver(others, func(p *partition) bool { return p.leader == id })
		}
		b.stored = b.stored || b.ln != nil
		c.halt(b)
	})
}

// StartBroker starts a stopped broker at the address it had. Its logs are as they were, and it leads again what has
// got no other leader meanwhile. It does nothing to a broker that runs.
func (c *Cluster) StartBroker(id int32) { c.restart("StartBroker", id, false) }

// StartBrokerElsewhere is StartBroker with a new address.
func (c *Cluster) StartBrokerElsewhere(id int32) { c.restart("StartBrokerElsewhere", id, true) }

func (c *Cluster) restart(method string, id int32, elsewhere bool) {
	var b *broker
	var runs bool
	var addr string
	c.locked(func() {
		b = c.mustBroker(method, id)
		runs = b.ln != nil
		if !elsewhere {
			addr = b.addr
		}
	})
	if runs {
		return
	}
	c.locked(func() { c.recall(b) })
	if err := c.open(b, addr); err != nil {
		panic(fmt.Sprintf("producertest: %s: %v", method, err))
	}
}

// recall has a broker that stopped in an orderly way read what it wrote down of producers. Called with mu held.
func (c *Cluster) recall(b *broker) {
	if !b.stored {
		return
	}
	b.stored = false
	for _, t := range c.topics {
		for _, p := range t.partitions {
			if p.leader == b.id {
				p.log.reload()
			}
		}
	}
}

// AddBroker starts one more broker and returns its id. It leads nothing until MoveLeader or a new partition.
func (c *Cluster) AddBroker() int32 {
	b, err := c.addBroker()
	if err != nil {
		panic(fmt.Sprintf("producertest: AddBroker: %v", err))
	}
	return b.id
}

// ReplaceBrokers stops all brokers for good and starts as many others, with other ids at other addresses, which lead
// the same partitions: what happens to a long-lived program's cluster in the course of years, in a moment.
func (c *Cluster) ReplaceBrokers() {
	var old int
	c.locked(func() {
		old = len(c.brokers)
		for _, b := range c.brokers {
			c.halt(b)
		}
		c.brokers = nil
	})
	for range old {
		c.AddBroker()
	}
	c.locked(func() { c.handOver(c.runningIDs(), func(*partition) bool { return true }) })
}

// PauseBroker makes a broker hang, as SIGSTOP does: it accepts connections and reads no requests, and answers nothing more
// until ResumeBroker. What was sent to it meanwhile takes effect then.
func (c *Cluster) PauseBroker(id int32) {
	c.locked(func() {
		if b := c.mustBroker("PauseBroker", id); b.ln != nil && b.paused == nil {
			b.paused = make(chan struct{})
		}
	})
}

// ResumeBroker ends PauseBroker.
func (c *Cluster) ResumeBroker(id int32) {
	c.locked(func() { c.resume(c.mustBroker("ResumeBroker", id)) })
}

// CloseConnections closes the connections that a broker has now, or all brokers with id 0. New ones are accepted.
func (c *Cluster) CloseConnections(id int32) {
	c.locked(func() {
		for _, b := range c.brokers {
			if id != 0 && b != c.mustBroker("CloseConnections", id) {
				continue
			}
			for _, k := range b.conns {
				k.close()
			}
		}
	})
}

// BrokerIDs returns the ids of the brokers, stopped ones too, in order.
func (c *Cluster) BrokerIDs() []int32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	ids := make([]int32, len(c.brokers))
	for i, b := range c.brokers {
		ids[i] = b.id
	}
	return ids
}

// Addr returns the address of a broker, the last one it had when it is stopped.
func (c *Cluster) Addr(id int32) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mustBroker("Addr", id).name
}

// mustBroker returns a broker. Called with mu held.
func (c *Cluster) mustBroker(method string, id int32) *broker {
	b := c.broker(id)
	if b == nil {
		panic(fmt.Sprintf("producertest: %s: there is no broker %d", method, id))
	}
	return b
}

// broker returns a broker, nil when there is none. Called with mu held.
func (c *Cluster) broker(id int32) *broker {
	for _, b := range c.brokers {
		if b.id == id {
			return b
		}
	}
	return nil
}

// runningIDs returns the ids of the brokers that run, in order. Called with mu held.
func (c *Cluster) runningIDs() []int32 {
	ids := make([]int32, 0, 2*len(c.brokers))
	for _, b := range c.brokers {
		if b.ln != nil {
			ids = append(ids, b.id)
		}
	}
	return ids
}
