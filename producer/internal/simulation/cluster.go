package simulation

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"kafkaproducer/client/world"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
	"kafkaproducer/record"
)

// Cluster is a cluster of the test kit to which the steps of a schedule happen. It remembers what was in topics that are gone.
type Cluster struct {
	*producertest.Cluster
	settings Settings
	after    func(time.Duration, func())
	rest     func(time.Duration) bool // lets time pass in which the producer does nothing

	mu      sync.Mutex // guards the following: what happens later may happen on a goroutine of its own
	faults  []injected
	graves  []grave
	expired map[place][]record.Record // what retention took, else
	pauses  int                       // of brokers, that go on
	breaks  []broken                  // of the next connections
	broke   map[bool]int              // how many connections did, by broken.babbles
	absent  map[string]int32          // topics that are gone for a moment, and their partitions
}

// injected is a fault that a step put in force.
type injected struct {
	step Step
	in   *producertest.Injection
}

// grave is what a partition held when its topic was deleted, or what retention took of it.
type grave struct {
	topic     string
	partition int32
	records   []record.Record
}

// Topic returns the name of a topic of a schedule.
func Topic(i int) string { return topicNames[i%len(topicNames)] }

var topicNames = []string{"t0", "t1", "t2", "t3"}

// NewCluster starts the cluster of a schedule. after has something happen later; rest lets time pass in which the producer sends
// nothing, and returns false when it has something to send. Without a World it is one in memory, for testing/synctest.
func NewCluster(s Settings, w world.World, after func(time.Duration, func()), rest func(time.Duration) bool) (*Cluster, error) {
	topics := map[string]int32{}
	for i := range s.Topics {
		topics[Topic(i)] = int32(s.Partitions)
	}
	options := producertest.Options{
		World: w, InMemory: w == nil, Brokers: s.Brokers, Topics: topics, AutoCreate: -1, Release: s.Release, Seed: s.Seed,
		MaxMessageBytes: s.MaxMessage, KeepRequests: -1,
	}
	if w != nil {
		s.Protocol = "" // there is neither TLS nor SASL
	}
	s.guard(&options)
	c, err := producertest.New(options)
	if err != nil {
		return nil, err
	}
	if s.Epoch > 0 {
		c.SetNextProducer(firstID, int16(s.Epoch))
	}
	return &Cluster{Cluster: c, settings: s, after: after, rest: rest, absent: map[string]int32{}, broke: map[bool]int{}, expired: map[place][]record.Record{}}, nil
}

// firstID is the first producer id that a cluster gives out.
const firstID = 1000

// Bootstrap is a bootstrap server that leads to whichever broker there is, as the name of a load balancer does.
const Bootstrap = "bootstrap:9092"

// Dial connects to a broker, or to any that runs by the name of Bootstrap.
func (c *Cluster) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	nc, err := c.dial(ctx, network, addr)
	if c.settings.Protocol != "" && err == nil {
		nc = c.breakable(nc)
	}
	return nc, err
}

func (c *Cluster) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if addr != Bootstrap {
		return c.Cluster.Dial(ctx, network, addr)
	}
	var nc net.Conn
	err := errNobody
	for _, server := range c.BootstrapServers() {
		if nc, err = c.Cluster.Dial(ctx, network, server); err == nil {
			break
		}
	}
	return nc, err
}

var errNobody = errors.New("there is no broker")

// expiration is how long a producer has written nothing when brokers forget it. Earlier, with batches under way, they could not know
// duplicates. Kafka's default of producer.id.expiration.ms is a day.
const expiration = 11 * time.Minute

// callerSteps are the steps that callers of the producer do: send, flush, close, cancel. Who runs a schedule does them.
var callerSteps = []string{"send", "flush", "close", "cancel"}

// clusterSteps are the steps that happen to the cluster, or to time.
var clusterSteps = []string{
	"fault", "stop", "elsewhere", "shutdown", "pause", "move", "leaderless", "freeze", "hangup", "replace", "recreate", "grow", "expire",
	"fence", "reload", "lose", "retain", "jump",
}

func (s *Step) check() error {
	if s.Do == "fault" {
		_, err := s.fault()
		return err
	}
	if all := slices.Concat(callerSteps, clusterSteps, guardSteps); !slices.Contains(all, s.Do) {
		return fmt.Errorf("no step is called %q; there are %q", s.Do, all)
	}
	return nil
}

// ByCaller says that a step is for callers to do.
func (s *Step) ByCaller() bool { return slices.Contains(callerSteps, s.Do) }

// broker returns the broker that a step is about: the settings' numbers are taken round those there are now.
func (c *Cluster) broker(n int) int32 {
	ids := c.BrokerIDs()
	return ids[max(n-1, 0)%len(ids)]
}

func (c *Cluster) partition(s *Step) int32 {
	return int32(max(s.Partition, 0)) % c.Partitions(Topic(s.Topic%c.settings.Topics))
}

// later has something happen to the cluster later.
func (c *Cluster) later(d time.Duration, f func()) {
	c.after(d, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		f()
	})
}

// Apply has a step happen. Steps about what isn't there have no effect.
func (c *Cluster) Apply(s Step) {
	if s.Do == "expire" {
		c.expire()
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	topic := Topic(s.Topic % c.settings.Topics)
	id := c.broker(s.Broker)
	there := func(do func()) func() { // later, if the broker is still one of the cluster
		return func() {
			if slices.Contains(c.BrokerIDs(), id) {
				do()
			}
		}
	}
	switch s.Do {
	case "fault":
		f, err := s.fault()
		if err != nil {
			panic(err)
		}
		if s.Broker > 0 {
			f = f.OnBroker(id)
		}
		c.faults = append(c.faults, injected{s, c.Inject(f.Times(max(s.N, 1)))})
	case "stop":
		c.StopBroker(id)
		c.later(s.For, there(func() { c.StartBroker(id) }))
	case "elsewhere":
		c.StopBroker(id)
		c.later(s.For, there(func() { c.StartBrokerElsewhere(id) }))
	case "shutdown":
		c.ShutdownBroker(id)
		c.later(s.For, there(func() { c.StartBroker(id) }))
	case "pause":
		c.PauseBroker(id)
		c.pauses++
		c.later(s.For, func() {
			c.pauses--
			there(func() { c.ResumeBroker(id) })()
		})
	case "freeze":
		c.later(s.For, c.FreezeMetadata(id))
	case "hangup":
		c.CloseConnections(id)
	case "replace":
		c.ReplaceBrokers()
	case "password", "certificate", "cut", "babble":
		c.applyToGuard(&s)
	case "reload":
		c.ReloadProducers("")
	case "fence":
		c.FenceProducer(int64(firstID+s.Sender), int16(s.N))
	default:
		if c.absent[topic] == 0 {
			c.applyToTopic(s, topic, id)
		}
	}
}

// expire has brokers forget all producers after a rest. What is on its way to a broker, or waits there to be carried out, isn't
// for as long as that: it comes first, and then the brokers have nothing to forget yet.
func (c *Cluster) expire() {
	waits := func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.pauses > 0 || c.Stats().Held > 0
	}
	before := c.RequestCount(protocol.ProduceKey)
	if waits() || !c.rest(expiration) {
		return
	}
	c.after(0, func() {
		if c.RequestCount(protocol.ProduceKey) == before && !waits() && c.rest(0) {
			c.ExpireProducers("")
		}
	})
}

func (c *Cluster) applyToTopic(s Step, topic string, broker int32) {
	switch s.Do {
	case "move":
		c.MoveLeader(topic, c.partition(&s), broker)
	case "lose":
		p := c.partition(&s)
		c.LoseTail(topic, p)
		c.MoveLeader(topic, p, broker)
	case "retain":
		c.retain(topic, c.partition(&s), s.N)
	case "leaderless":
		p := c.partition(&s)
		c.MoveLeader(topic, p, -1)
		c.later(s.For, func() {
			if c.Partitions(topic) > p && c.Leader(topic, p) == -1 {
				c.MoveLeader(topic, p, c.broker(s.Broker))
			}
		})
	case "grow":
		c.AddPartitions(topic, c.Partitions(topic)+1)
	case "recreate":
		for p := range c.Partitions(topic) {
			c.graves = append(c.graves, grave{topic, p, c.all(topic, p)})
			delete(c.expired, place{topic, p})
		}
		c.absent[topic] = c.Partitions(topic)
		c.DeleteTopic(topic)
		c.later(s.For, func() { c.create(topic) })
	}
}

// retain has retention take all of a partition but so many of its last records, in whole batches. Releases before 2.4 then forget producers
// of whose batches nothing is left, and append again what comes again: what is left is like another log.
func (c *Cluster) retain(topic string, partition int32, n int) {
	before := c.Records(topic, partition)
	if len(before) <= n {
		return
	}
	c.DeleteRecords(topic, partition, before[len(before)-n-1].Offset+1)
	gone := before[:len(before)-len(c.Records(topic, partition))]
	if p := (place{topic, partition}); c.settings.Release < "2.4" {
		c.graves = append(c.graves, grave{topic, partition, gone})
	} else {
		c.expired[p] = append(c.expired[p], gone...)
	}
}

// all returns what a partition holds, and before that what retention took.
func (c *Cluster) all(topic string, partition int32) []record.Record {
	return append(slices.Clip(c.expired[place{topic, partition}]), c.Records(topic, partition)...)
}

func (c *Cluster) create(topic string) {
	if partitions := c.absent[topic]; partitions > 0 {
		delete(c.absent, topic)
		c.CreateTopic(topic, producertest.TopicConfig{Partitions: partitions})
	}
}

// Heal ends all that is wrong with the cluster.
func (c *Cluster) Heal() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.faults {
		f.in.Lift()
	}
	c.breaks = nil
	c.openGates()
	ids := c.BrokerIDs()
	for _, id := range ids {
		c.StartBroker(id)
		c.ResumeBroker(id)
	}
	for i := range c.settings.Topics {
		topic := Topic(i)
		c.create(topic)
		for p := range c.Partitions(topic) {
			if !slices.Contains(ids, c.Leader(topic, p)) {
				c.MoveLeader(topic, p, c.broker(1+int(p)))
			}
		}
	}
}
