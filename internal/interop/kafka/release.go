package kafka

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// zookeepers are the older releases there are, and the version of ZooKeeper that goes with each: its own one, but for the first.
var zookeepers = map[string]string{"2.1.1": "3.5.9", "2.8.2": "3.5.9", "3.9.1": "3.8.4"}

// OlderReleases returns the releases of Kafka before 4.0 that [Options.Release] may name.
func OlderReleases() []string { return slices.Sorted(maps.Keys(zookeepers)) }

// checkRelease says what can't be had of an older release.
func (o *Options) checkRelease() error {
	switch {
	case o.Release == "":
		return nil
	case zookeepers[o.Release] == "":
		return fmt.Errorf("Release %q: there are %s, and the newest without one", o.Release, strings.Join(OlderReleases(), ", "))
	case o.Brokers > 1, len(o.ScramUsers) > 0:
		return fmt.Errorf("Release %s: an older cluster is one broker, and knows no users from the start", o.Release)
	}
	return nil
}

// command returns the words of the command that runs the broker.
func (b *Broker) command() ([]string, error) {
	opts := &b.cluster.opts
	jvm := append([]string{"-Xmx512m"}, opts.JVM...)
	if opts.Release != "" {
		jvm = append(jvm, "-Dzookeeper.admin.enableServer=false")
		return javaCommand(opts.Release, jvm, leash, "kafkaproducer.interop.OlderBroker", b.properties(), b.zooKeeperProperties())
	}
	args := []string{"kafkaproducer.interop.Broker", b.properties(), b.cluster.id}
	for _, u := range opts.ScramUsers {
		args = append(args, u.formatArgs()...)
	}
	return javaCommand("", jvm, leash, args...)
}

// leash is the class that runs another one until its standard input ends.
const leash = "kafkaproducer.interop.Leash"

// quorumProperties are the server properties of a KRaft node.
func (b *Broker) quorumProperties(voters string) map[string]string {
	return map[string]string{
		"process.roles":             "broker,controller",
		"node.id":                   fmt.Sprint(b.ID),
		"controller.quorum.voters":  voters,
		"controller.listener.names": "CONTROLLER",
		// A test that kills a broker waits for its leaders to move; Kafka's 9 s would be most of the test.
		"broker.session.timeout.ms":    "4000",
		"broker.heartbeat.interval.ms": "500",
	}
}

// useZooKeeper writes the properties of the broker's ZooKeeper, and returns the server properties that go with it.
func (b *Broker) useZooKeeper() (map[string]string, error) {
	host, port, _ := strings.Cut(b.controller, ":")
	text := fmt.Sprintf("dataDir=%s\nclientPortAddress=%s\nclientPort=%s\n", escape(filepath.Join(b.dir, "zookeeper")), host, port)
	return map[string]string{"broker.id": fmt.Sprint(b.ID), "zookeeper.connect": b.controller},
		os.WriteFile(b.zooKeeperProperties(), []byte(text), 0o644)
}

func (b *Broker) zooKeeperProperties() string { return filepath.Join(b.dir, "zookeeper.properties") }
