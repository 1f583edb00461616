package kafka

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"
)

// Java is a process with Kafka's own clients (../java, Helper.java), which answers one request at a time: its methods
// are for one goroutine at a time.
type Java struct {
	bootstrap string
	client    map[string]string // properties of every client; for instance how to get in
	log       string
	process   *process
	answers   *bufio.Reader
}

// request is Request.java; see there.
type request struct {
	Op          string            `json:"op"`
	Bootstrap   string            `json:"bootstrap"`
	Client      map[string]string `json:"client,omitempty"`
	Topic       string            `json:"topic,omitempty"`
	Partitions  int               `json:"partitions,omitempty"`
	Replication int               `json:"replication,omitempty"`
	Config      map[string]string `json:"config,omitempty"`
	Replicas    [][]int32         `json:"replicas,omitempty"`
	File        string            `json:"file,omitempty"`
	Records     []Record          `json:"records,omitempty"`
	Count       int64             `json:"count,omitempty"`
	Keys        int               `json:"keys,omitempty"`
}

// JavaError is an exception of Kafka's clients.
type JavaError struct {
	Op   string
	Text string // as Java prints the exception
}

func (e *JavaError) Error() string { return "java " + e.Op + ": " + e.Text }

func newJava(log, bootstrap string, jvm []string) (*Java, error) {
	// A pipe of our own: exec's StdoutPipe is closed by Wait, and may lose what was not read yet.
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	jvm = append([]string{"-Xmx512m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"}, jvm...)
	words, err := JavaCommand(jvm, "kafkaproducer.interop.Helper")
	var p *process
	if err == nil {
		p, err = start(log, w, words)
	}
	w.Close()
	if err != nil {
		r.Close()
		return nil, err
	}
	return &Java{bootstrap: bootstrap, log: log, process: p, answers: bufio.NewReaderSize(r, 1<<16)}, nil
}

// Through returns the same process with clients that go another way: to other addresses, with these properties.
func (j *Java) Through(bootstrap []string, client map[string]string) *Java {
	other := *j
	other.bootstrap, other.client = strings.Join(bootstrap, ","), client
	return &other
}

func (j *Java) close() error {
	j.process.stdin.Close()
	return j.process.end(syscall.SIGKILL, time.Minute)
}

// do is call for a request whose answer is only that it is done.
func (j *Java) do(r request) error {
	var done bool
	return j.call(r, nil, &done)
}

// call sends a request, gives each item of the answer to item (which may be nil where none come), and decodes the result
// into result.
func (j *Java) call(r request, item func([]byte) error, result any) error {
	r.Bootstrap, r.Client = j.bootstrap, j.client
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if _, err := j.process.stdin.Write(append(line, '\n')); err != nil {
		return j.broken(r.Op, err)
	}
	for {
		line, err := j.answers.ReadBytes('\n')
		if err != nil {
			return j.broken(r.Op, err)
		}
		switch kind, text := line[0], line[1:]; kind {
		case 'r':
			if err := item(text); err != nil {
				return fmt.Errorf("java %s: %w in %.200q", r.Op, err, text)
			}
		case '=':
			return json.Unmarshal(text, result)
		case '!':
			failure := &JavaError{Op: r.Op}
			if err := json.Unmarshal(text, &failure.Text); err != nil {
				return err
			}
			return failure
		default:
			return fmt.Errorf("java %s: not a line of an answer: %.200q", r.Op, line)
		}
	}
}

// broken describes the end of the process in the middle of a request.
func (j *Java) broken(op string, err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("java %s: %w; the end of its log:\n%s", op, err, tail(j.log, 40))
}
