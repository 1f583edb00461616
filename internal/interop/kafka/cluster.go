package kafka

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	startTries   = 3 // with other ports each, when somebody took one of them
	startTimeout = 90 * time.Second
	logLines     = 80 // of each log that are printed after a failure
)

// Options say what cluster is started. The zero value is one broker with Kafka's defaults.
type Options struct {
	Brokers int               // 0: one
	Release string            // of the brokers, one of [OlderReleases]; "": the newest
	Config  map[string]string // server properties for every broker, over those this package sets

	Listeners  []Listener  // beside the plain one
	ScramUsers []ScramUser // known to the cluster from the start
	JVM        []string    // arguments of java, for brokers and clients, as -Dname=value

	Place func(broker int32) Place // where a broker runs; nil: on the loopback interface
}

// Place is where a process runs.
type Place struct {
	Host    string   // its address there
	Command []string // words before the program's own, as of nsenter; none: here
}

// Cluster is a running Kafka cluster. Its methods are for one goroutine at a time; each [Java] is a process of its own and may be
// used by another.
type Cluster struct {
	Brokers []*Broker // by id, 1 first
	Java    *Java     // knows the cluster's brokers; for the goroutine that uses the cluster

	opts    Options
	id      string
	dir     string
	helpers []*Java // all that were started, Java too
}

// Start starts a cluster for a test and waits until it answers. The cluster ends with the test; when the test has
// failed, its data and logs are kept and the ends of the logs become part of the test's output.
func Start(tb testing.TB, opts Options) *Cluster {
	tb.Helper()
	c, err := New(opts)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if tb.Failed() {
			var logs strings.Builder
			c.Dump(&logs)
			tb.Log(logs.String())
		}
		c.Close(tb.Failed())
	})
	return c
}

// New starts a cluster and waits until it answers; for use outside a test, as in TestMain. [Cluster.Close] ends it.
func New(opts Options) (*Cluster, error) {
	if err := opts.checkRelease(); err != nil {
		return nil, err
	}
	if _, err := classPath(opts.Release); err != nil {
		return nil, err
	}
	opts.Brokers = max(1, opts.Brokers)
	for try := 1; ; try++ {
		c, err := launch(opts)
		if err == nil {
			return c, nil
		}
		if c != nil {
			c.Close(false)
		}
		var exit *ExitError
		if try == startTries || !errors.As(err, &exit) || !exit.portTaken() {
			return nil, err
		}
	}
}

// launch starts a cluster on ports that were free a moment ago. The cluster it returns beside an error is to be closed.
func launch(opts Options) (*Cluster, error) {
	each := 2 + len(opts.Listeners)
	ports, err := freePorts(each * opts.Brokers)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "kafka-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{opts: opts, id: newClusterID(), dir: dir}
	var voters []string
	for i := range opts.Brokers {
		id := int32(i + 1)
		own := ports[each*i : each*(i+1)]
		place := Place{Host: loopback}
		if opts.Place != nil {
			place = opts.Place(id)
		}
		b := &Broker{ID: id, place: place, Addr: at(place.Host, own[0]), controller: at(place.Host, own[1]), Addrs: map[string]string{},
			dir: filepath.Join(dir, fmt.Sprintf("broker-%d", id)), cluster: c}
		for i, l := range opts.Listeners {
			b.Addrs[l.Name] = at(place.Host, own[2+i])
		}
		c.Brokers = append(c.Brokers, b)
		voters = append(voters, fmt.Sprintf("%d@%s", id, b.controller))
	}
	for _, b := range c.Brokers {
		if err := b.configure(strings.Join(voters, ","), opts); err != nil {
			return c, err
		}
		if err := b.Start(); err != nil {
			return c, err
		}
	}
	if c.Java, err = c.NewJava(); err != nil {
		return c, err
	}
	return c, c.Await(startTimeout)
}

// newClusterID returns a random id in Kafka's form: 16 bytes in base64 for URLs. The first is not '-', which would look like an option
// to the program that formats the storage.
func newClusterID() string {
	var id [16]byte
	rand.Read(id[:])
	id[0] &= 0x7f
	return base64.RawURLEncoding.EncodeToString(id[:])
}

// BootstrapServers returns the addresses of all brokers, running or not.
func (c *Cluster) BootstrapServers() []string {
	var addrs []string
	for _, b := range c.Brokers {
		addrs = append(addrs, b.Addr)
	}
	return addrs
}

// ListenerAddrs returns the addresses of all brokers at one of the listeners of [Options], running or not.
func (c *Cluster) ListenerAddrs(listener string) []string {
	var addrs []string
	for _, b := range c.Brokers {
		addrs = append(addrs, b.Addrs[listener])
	}
	return addrs
}

// Await waits until every broker that was started answers and belongs to the cluster, at most for timeout.
func (c *Cluster) Await(timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	var want []int32
	for _, b := range c.Brokers {
		if b.process != nil {
			want = append(want, b.ID)
		}
	}
	for {
		for _, b := range c.Brokers {
			if err := b.exitError(); err != nil {
				return err
			}
		}
		got, err := c.Java.Nodes()
		if err == nil && slices.Equal(got, want) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("after %v the cluster's brokers are %v, not %v (last error: %v)", timeout, got, want, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// NewJava starts one more process of Kafka's clients, for a goroutine beside the one that uses c.Java. It ends with the cluster.
func (c *Cluster) NewJava() (*Java, error) {
	log := filepath.Join(c.dir, fmt.Sprintf("java-%d.log", len(c.helpers)+1))
	j, err := newJava(log, strings.Join(c.BootstrapServers(), ","), c.opts.JVM)
	if err != nil {
		return nil, err
	}
	c.helpers = append(c.helpers, j)
	return j, nil
}

// Dir is where data and logs are.
func (c *Cluster) Dir() string { return c.dir }

// Dump writes the ends of all logs to w.
func (c *Cluster) Dump(w io.Writer) {
	var logs []string
	for _, b := range c.Brokers {
		logs = append(logs, b.log())
	}
	for _, j := range c.helpers {
		logs = append(logs, j.log)
	}
	for _, log := range logs {
		fmt.Fprintf(w, "--- the end of %s\n%s", log, tail(log, logLines))
	}
}

// Close ends all processes of the cluster and removes its data, unless keep is set.
func (c *Cluster) Close(keep bool) error {
	var errs []error
	for _, j := range c.helpers {
		errs = append(errs, j.close())
	}
	for _, b := range c.Brokers {
		errs = append(errs, b.Kill())
	}
	if !keep {
		errs = append(errs, os.RemoveAll(c.dir))
	}
	return errors.Join(errs...)
}
