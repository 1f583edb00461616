package kafka

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// stopPatience is how long a broker may take to shut down cleanly.
const stopPatience = 60 * time.Second

// Broker is one node of a cluster, controller and broker at once. Its methods are for one goroutine at a time.
type Broker struct {
	ID   int32
	Addr string // host:port where clients connect; the same after every start
	// Addrs are the host:port of the other listeners, by name.
	Addrs map[string]string

	place      Place
	controller string // host:port of its controller listener, or of its ZooKeeper
	dir        string // holds server.properties, data/ and log
	cluster    *Cluster
	process    *process // nil: not started, or ended by Stop or Kill
}

// configure writes the broker's properties, Kafka's own defaults but for what a small cluster on one machine needs.
func (b *Broker) configure(voters string, opts Options) error {
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return err
	}
	replication := fmt.Sprint(min(3, len(b.cluster.Brokers)))
	properties := b.quorumProperties(voters)
	if opts.Release != "" {
		var err error
		if properties, err = b.useZooKeeper(); err != nil {
			return err
		}
	}
	maps.Copy(properties, map[string]string{
		"log.dirs":                                 filepath.Join(b.dir, "data"),
		"offsets.topic.replication.factor":         replication,
		"transaction.state.log.replication.factor": replication,
		"transaction.state.log.min.isr":            "1",
	})
	maps.Copy(properties, b.listenerProperties(opts.Listeners))
	maps.Copy(properties, opts.Config)
	var text bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		fmt.Fprintf(&text, "%s=%s\n", name, escape(properties[name]))
	}
	return os.WriteFile(b.properties(), text.Bytes(), 0o644)
}

func (b *Broker) properties() string { return filepath.Join(b.dir, "server.properties") }
func (b *Broker) log() string        { return filepath.Join(b.dir, "log") }

// Start starts the broker, with the data it had when it was stopped or killed. It does not wait until the broker answers;
// [Cluster.Await] does.
func (b *Broker) Start() error {
	if b.process != nil {
		return fmt.Errorf("broker %d runs already", b.ID)
	}
	words, err := b.command()
	if err != nil {
		return err
	}
	p, err := start(b.log(), nil, slices.Concat(b.place.Command, words))
	if err != nil {
		return fmt.Errorf("start broker %d: %w", b.ID, err)
	}
	b.process = p
	return nil
}

// Stop shuts the broker down cleanly (SIGTERM) and waits until it has ended.
func (b *Broker) Stop() error { return b.end(syscall.SIGTERM) }

// Kill ends the broker at once (SIGKILL), as a crash would, and waits until it is gone.
func (b *Broker) Kill() error { return b.end(syscall.SIGKILL) }

// Pause stops the broker where it is (SIGSTOP): its connections stay, and nothing is answered. Kill ends a paused broker, too.
func (b *Broker) Pause() error { return b.signal(syscall.SIGSTOP) }

// Resume lets a paused broker go on (SIGCONT).
func (b *Broker) Resume() error { return b.signal(syscall.SIGCONT) }

func (b *Broker) signal(sig syscall.Signal) error {
	if b.process == nil {
		return fmt.Errorf("broker %d doesn't run", b.ID)
	}
	return b.process.signal(sig)
}

func (b *Broker) end(sig syscall.Signal) error {
	if b.process == nil {
		return nil
	}
	err := b.process.end(sig, stopPatience)
	b.process = nil
	if err != nil {
		return fmt.Errorf("broker %d: %w", b.ID, err)
	}
	return nil
}

// exitError tells that the broker has ended by itself; nil: it runs, or was ended by Stop or Kill.
func (b *Broker) exitError() error {
	if b.process == nil {
		return nil
	}
	select {
	case <-b.process.exited:
		return &ExitError{Broker: b.ID, Err: b.process.err, Log: string(tail(b.log(), 60))}
	default:
		return nil
	}
}

// Version returns the version of Kafka that the broker printed when it started, for instance "4.4.0".
func (b *Broker) Version() string {
	const mark = "Kafka version"
	text, err := os.ReadFile(b.log())
	_, after, found := strings.Cut(string(text), mark)
	if err != nil || !found {
		return "unknown"
	}
	version, _, _ := strings.Cut(after, "\n")
	return strings.TrimLeft(version, ": ") // older ones have a space in front of the colon
}

// ExitError is a broker that ended though nobody had ended it.
type ExitError struct {
	Broker int32
	Err    error  // of its process
	Log    string // the end of its log
}

func (e *ExitError) Error() string {
	return fmt.Sprintf("broker %d ended by itself: %v; the end of its log:\n%s", e.Broker, e.Err, e.Log)
}

func (e *ExitError) Unwrap() error { return e.Err }

// portTaken tells whether the broker could not have its port.
func (e *ExitError) portTaken() bool { return strings.Contains(e.Log, "Address already in use") }
