package main

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"kafkaproducer/internal/interop/chaos/netns"
	"kafkaproducer/internal/interop/chaos/proxy"
	"kafkaproducer/internal/interop/kafka"
)

const (
	brokers      = 3
	replication  = 3
	clientAccess = "CLIENT"        // the listener behind the proxies
	patience     = 3 * time.Minute // for what a busy machine may take its time
)

// Field is the brokers, the proxies in front of them, and what lies between.
type Field struct {
	Cluster *kafka.Cluster
	Admin   *kafka.Java // for faults that the admin client makes; Cluster.Java is the heavy faults'
	Proxies []*proxy.Proxy
	Network *netns.Network // nil: no faults of the kernel
}

// OpenField starts the cluster: on loopback, or each broker in a node of network and clients in one more.
func OpenField(network *netns.Network) (*Field, error) {
	f := &Field{Network: network}
	var err error
	opts := kafka.Options{
		Brokers: brokers,
		Config: map[string]string{
			"auto.create.topics.enable": "false",
			// Leaders go where the faults put them, and nowhere else.
			"auto.leader.rebalance.enable": "false",
			// A follower that is away is out of the ISR in less than a delivery timeout.
			"replica.lag.time.max.ms": "5000",
			// A controller that is away is replaced as quickly.
			"controller.quorum.fetch.timeout.ms": "2000",
		},
		Listeners: []kafka.Listener{{Name: clientAccess, Protocol: "PLAINTEXT", Advertise: func(broker int32, addr string) string {
			p, openErr := f.advertise(broker, addr)
			if openErr != nil {
				err = errors.Join(err, openErr)
				return addr
			}
			return p
		}}},
	}
	if network != nil {
		opts.Place = func(broker int32) kafka.Place {
			node := network.Nodes[broker-1]
			return kafka.Place{Host: node.Host, Command: node.Command()}
		}
	}
	cluster, startErr := kafka.New(opts)
	if err := errors.Join(err, startErr); err != nil {
		return nil, errors.Join(err, f.Close(false))
	}
	f.Cluster = cluster
	if f.Admin, err = cluster.NewJava(); err != nil {
		return nil, errors.Join(err, f.Close(false))
	}
	if err := f.warmUp(); err != nil {
		return nil, errors.Join(err, f.Close(false))
	}
	return f, nil
}

// warmUp writes something, so that the first producer doesn't pay for what brokers do for the first time.
func (f *Field) warmUp() error {
	const topic = "warm-up"
	if err := f.createTopic(topic, brokers); err != nil {
		return err
	}
	failed, err := f.Cluster.Java.WriteNumbered(topic, map[string]string{"acks": "all"}, 50_000, 100)
	if err == nil && failed > 0 {
		err = fmt.Errorf("%d records failed before there was any fault", failed)
	}
	return errors.Join(err, f.makeWhole(topic, time.Now().Add(patience)))
}

// advertise puts a proxy before a broker's listener and returns the proxy's address.
func (f *Field) advertise(broker int32, addr string) (string, error) {
	host := "127.0.0.1"
	if f.Network != nil {
		host = f.Network.Host
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return "", err
	}
	p := proxy.New(l, func() (net.Conn, error) { return net.DialTimeout("tcp", addr, 10*time.Second) })
	if int(broker) <= len(f.Proxies) { // a port was taken, and all begins again
		f.Proxies[broker-1].Close()
		f.Proxies[broker-1] = p
	} else {
		f.Proxies = append(f.Proxies, p)
	}
	return p.Addr(), nil
}

// Client is where producers run: a node of its own, or here.
func (f *Field) Client() *netns.Node {
	if f.Network == nil {
		return nil
	}
	return f.Network.Nodes[brokers]
}

// Bootstrap are the proxies' addresses.
func (f *Field) Bootstrap() []string {
	var addrs []string
	for _, p := range f.Proxies {
		addrs = append(addrs, p.Addr())
	}
	return addrs
}

// createTopic makes a topic whose partitions have all brokers as replicas, and take nothing that isn't on two of them.
func (f *Field) createTopic(name string, partitions int) error {
	return f.Cluster.Java.Create(kafka.Topic{Name: name, Partitions: partitions, Replication: replication,
		Config: map[string]string{"min.insync.replicas": "2"}})
}

// Settle waits until the cluster is whole: all brokers there, all replicas in sync, and nothing on its way through the proxies.
// There is no producer any more.
func (f *Field) Settle(topic string) error {
	if err := f.Cluster.Await(patience); err != nil {
		return err
	}
	deadline := time.Now().Add(patience)
	for !f.quiet() {
		if time.Now().After(deadline) {
			return fmt.Errorf("connections are still held up in a proxy after %v", patience)
		}
		time.Sleep(50 * time.Millisecond)
	}
	return f.makeWhole(topic, deadline)
}

// makeWhole waits until all brokers have all replicas and each partition has a leader. A reassignment that the admin client gave
// up waiting for, and sent again, can be carried out twice, the second time after what should have undone it: so it asks for
// the replicas again.
func (f *Field) makeWhole(topic string, deadline time.Time) error {
	ask := time.Now().Add(5 * time.Second)
	var last error
	for {
		partitions, err := f.Cluster.Java.Describe(topic)
		if err == nil && !slices.ContainsFunc(partitions, func(p kafka.Partition) bool { return p.Leader < 0 || len(p.ISR) < replication }) {
			return nil
		}
		if err == nil && time.Now().After(ask) {
			err = f.Cluster.Java.Reassign(topic, everywhere(len(partitions)))
			ask = time.Now().Add(5 * time.Second)
		}
		if err != nil {
			last = err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("partitions are not whole after %v: %v, last error: %v", patience, partitions, last)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// everywhere has all brokers as replicas of each partition.
func everywhere(partitions int) [][]int32 {
	var replicas [][]int32
	for i := range partitions {
		var ids []int32
		for k := range brokers {
			ids = append(ids, int32((i+k)%brokers+1))
		}
		replicas = append(replicas, ids)
	}
	return replicas
}

func (f *Field) quiet() bool {
	for _, p := range f.Proxies {
		if p.Conns() > 0 {
			return false
		}
	}
	return true
}

// Close ends everything; with keep the cluster's data and logs stay.
func (f *Field) Close(keep bool) error {
	var errs []error
	for _, p := range f.Proxies {
		errs = append(errs, p.Close())
	}
	if f.Cluster != nil {
		errs = append(errs, f.Cluster.Close(keep))
	}
	return errors.Join(errs...)
}
