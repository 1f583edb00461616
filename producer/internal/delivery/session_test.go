package delivery

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"kafkaproducer/protocol"
)

// A session runs a Core by commands that a Kafka operator can read. It is what transcripts (testdata/*.txt) are written in, and
// what the exploration prints a violation in. In a command <batch> is a name of the writer's choice, <p> a partition such as
// email-0, <n> a node, <r> a request by the number it was printed with.
//
//	config <property>=<value> …         settings by Kafka's names, before anything else
//	producer-id <id> [epoch=<e>]        InitProducerId is answered
//	producer-id failed <code>           … with an error
//	partition <p> leader=<n>|none [epoch=<e>] [topic-id=<i>]   what metadata say
//	metadata-done                       that was all they say
//	connected <n>                       a node can be sent requests
//	unreachable <n>                     an attempt to connect failed
//	send <batch> <p> [records=<i>] [full]   the first record of a batch is sent; full: it takes no more
//	full <batch>                        an open batch takes no more records
//	answer <r> <result> [throttle=<d>]  a request of one batch is answered
//	answer <r> <batch>=<result> …       a request of several
//	disconnect <n> [unwritten=<r>,…]    a connection ends; of these requests no byte had left
//	tick <d>                            time passes, and what is due on the way is handled when it is due
//	wait                                time passes until something is due
//	expire <batch>                      the oldest batch's delivery.timeout.ms passes before any other time does
//	flush, pressure on|off, abort       as the producer says
//	gapless <p>                         what is behind a failed batch fails with it, until
//	resume <p>
//	withdraw <batch> <index>            a record that was not sent is not to be sent
//	drop                                the oldest batch that was not sent makes room
//	evacuate <p> <q>                    what waits without a leader and may go elsewhere goes to q
//	acknowledged <p> next=<s>           the partition has been written before; the next sequence is s
//
// A <result> is ok, missing (the answer leaves the partition out) or the name of an error code, and may go on, separated by
// commas: offset=<o>, log-start=<o>, log-append-time=<ms>, message=<word>, guilty=<index>/… (record errors, KIP-467).
// Backoffs have no jitter here.
type session struct {
	cfg        Config
	core       *Core
	now        Time
	acts       Actions
	partitions map[string]*Partition
	batches    map[string]*Batch
	open       []openRequest
	sent       int      // requests
	flushes    []uint64 // marks of flushes that are not done
	out        []string
}

// openRequest is a request without answer, and the number under which it was printed.
type openRequest struct {
	number int
	r      *Request
}

func newSession() *session {
	return &session{cfg: defaults(), partitions: map[string]*Partition{}, batches: map[string]*Batch{}}
}

// Close is Records.Close.
func (s *session) Close(b *Batch) { b.Size = 100 * int(b.Count) }

// Split is Records.Split.
func (s *session) Split(b *Batch) []*Batch {
	parts := halve(b)
	for _, q := range parts {
		s.batches[nameOf(q)] = q
		s.printf("%s holds %d of the records of %s", nameOf(q), q.Count, nameOf(b))
	}
	return parts
}

// Trim is Records.Trim.
func (s *session) Trim(b *Batch) bool { return trim(b) }

// Sift is Records.Sift.
func (s *session) Sift(b *Batch, errors []protocol.BatchIndexAndErrorMessage) (*Batch, []protocol.BatchIndexAndErrorMessage) {
	rest, errors := sift(b, errors)
	if rest != nil {
		s.batches[nameOf(rest)] = rest
		s.printf("%s holds %d of the records of %s", nameOf(rest), rest.Count, nameOf(b))
	}
	return rest, errors
}

// noJitter is a source of randomness out of which Float64 makes 0.5: the middle of what jitter may do.
type noJitter struct{}

func (noJitter) Uint64() uint64 { return 1 << 52 }

func noJitterRand() *rand.Rand { return rand.New(noJitter{}) }

func (s *session) start() {
	if s.core == nil {
		s.core = New(s.cfg, s)
		s.core.rand = noJitterRand()
	}
}

func (s *session) printf(format string, args ...any) {
	s.out = append(s.out, fmt.Sprintf(format, args...))
}

// command is a command in parts: words, then key=value in any order.
type command struct {
	name  string
	words []string
	keys  []string
	value map[string]string
}

func parseCommand(line string) command {
	fields := strings.Fields(line)
	c := command{name: fields[0], value: map[string]string{}}
	for _, f := range fields[1:] {
		// A result has keys of its own behind a comma: they belong to it.
		if key, value, is := strings.Cut(f, "="); is && !strings.Contains(key, ",") {
			c.keys, c.value[key] = append(c.keys, key), value
		} else {
			c.words = append(c.words, f)
		}
	}
	return c
}

// word returns the i-th word, or nothing.
func (c command) word(i int) string {
	if i < len(c.words) {
		return c.words[i]
	}
	return ""
}

// number returns the value of a key as a number; def if it isn't there.
func (c command) number(key string, def int) (int, error) {
	v, is := c.value[key]
	if !is {
		return def, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		return 0, fmt.Errorf("%s: %q is no number", key, v)
	}
	return n, nil
}

// run carries out one command and returns what the core asked for, a line each.
func (s *session) run(line string) (out []string, err error) {
	c := parseCommand(line)
	if c.name != "config" {
		s.start()
	}
	do := commands[c.name]
	if do == nil {
		return nil, fmt.Errorf("%s: no such command", c.name)
	}
	s.out = nil
	if err := do(s, c); err != nil {
		return nil, fmt.Errorf("%s: %w", line, err)
	}
	s.take()
	return s.out, nil
}

// take prints what the core asks for.
func (s *session) take() {
	if s.core == nil {
		return
	}
	s.core.Take(&s.acts)
	for _, b := range s.acts.Outcomes {
		s.printf("%s %s", nameOf(b), describe(b))
	}
	for _, r := range s.acts.Send {
		s.sent++
		s.open = append(s.open, openRequest{s.sent, r})
		s.printf("request %d to node %d: %s", s.sent, r.Node, contents(r))
	}
	for _, id := range s.acts.Connect {
		s.printf("connect to node %d", id)
	}
	if s.acts.RefreshMetadata {
		s.printf("refresh metadata")
	}
	if s.acts.NewProducerID {
		s.printf("ask for a producer id")
	}
	for _, n := range s.acts.Notes {
		s.printf("note: %s", noted(n))
	}
	s.flushes = slices.DeleteFunc(s.flushes, func(mark uint64) bool {
		if s.core.Drained(mark) {
			s.printf("flush is done")
			return true
		}
		return false
	})
}

func describe(b *Batch) string {
	o := b.Outcome
	if o.Err == nil && b.Count == 0 {
		return "has no record left"
	}
	if o.Err != nil {
		text := "failed: " + errorName(o.Err) + ", " + [...]string{"NotPersisted", "PossiblyPersisted", "Persisted"}[o.Certainty]
		if o.Gap {
			text += ", and what is behind it fails until resume"
		}
		if o.Message != "" {
			text += fmt.Sprintf(", %q", o.Message)
		}
		for _, e := range o.RecordErrors {
			text += fmt.Sprintf(", record %d", e.BatchIndex)
		}
		return text
	}
	text := "acknowledged, offset unknown"
	if o.BaseOffset >= 0 {
		text = fmt.Sprintf("acknowledged, offset %d", o.BaseOffset)
	}
	if o.LogAppendTime >= 0 {
		text += fmt.Sprintf(", log append time %d", o.LogAppendTime)
	}
	return text
}

// errorName returns Kafka's name of an error code and the text of any other error.
func errorName(err error) string {
	if code, is := errors.AsType[protocol.ErrorCode](err); is {
		if error(code) == err {
			return code.Name()
		}
		return err.Error()[:strings.Index(err.Error()+":", ":")] + " (" + code.Name() + ")"
	}
	return err.Error()
}

// contents lists the batches of a request.
func contents(r *Request) string {
	var list []string
	for _, b := range r.Batches {
		text := fmt.Sprintf("%s %s", partitionName(b.Partition), nameOf(b))
		if b.numbered {
			text += fmt.Sprintf(" sequence %d", b.BaseSequence)
			if b.Count > 1 {
				text += fmt.Sprintf("-%d", b.last())
			}
			text += fmt.Sprintf(" (id %d epoch %d)", b.ProducerID, b.ProducerEpoch)
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

func partitionName(p *Partition) string { return fmt.Sprintf("%s-%d", p.Topic, p.Index) }

func noted(n Note) string {
	text := n.Event.String()
	if n.Partition != nil {
		text = partitionName(n.Partition) + ": " + text
	}
	switch n.Event {
	case Renumbered, NewID:
		text += fmt.Sprintf(" (id %d epoch %d)", n.ID, n.Epoch)
	}
	if n.Err != nil {
		text += ": " + errorName(n.Err)
	}
	if n.After > 0 {
		text += fmt.Sprintf(", next in %v", n.After)
	}
	return text
}

// parseResult reads what an answer says of one batch.
func parseResult(text string) (Result, error) {
	res := Result{BaseOffset: -1, LogAppendTime: -1, LogStartOffset: -1}
	for i, part := range strings.Split(text, ",") {
		key, value, _ := strings.Cut(part, "=")
		n, err := strconv.ParseInt(value, 10, 64)
		switch {
		case i == 0 && part == "ok":
		case i == 0 && part == "missing":
			res.Missing = true
		case i == 0:
			res.Code, err = codeNamed(part)
			if err != nil {
				return res, err
			}
		case key == "message":
			res.Message = value
		case key == "guilty":
			for index := range strings.SplitSeq(value, "/") {
				n, err := strconv.Atoi(index)
				if err != nil {
					return res, err
				}
				res.RecordErrors = append(res.RecordErrors, protocol.BatchIndexAndErrorMessage{BatchIndex: int32(n)})
			}
		case err != nil:
			return res, fmt.Errorf("%q: %w", part, err)
		case key == "offset":
			res.BaseOffset = n
		case key == "log-start":
			res.LogStartOffset = n
		case key == "log-append-time":
			res.LogAppendTime = n
		default:
			return res, fmt.Errorf("%q: no such part of a result", part)
		}
	}
	return res, nil
}

// codeNamed returns the error code of Kafka's name, or of a number.
func codeNamed(name string) (protocol.ErrorCode, error) {
	if n, err := strconv.ParseInt(name, 10, 16); err == nil {
		return protocol.ErrorCode(n), nil
	}
	for code := protocol.UnknownServerError; code.Known(); code++ {
		if code.Name() == name {
			return code, nil
		}
	}
	return 0, fmt.Errorf("%q: no such error code", name)
}

// request takes an unanswered request by its number.
func (s *session) request(number string) (*Request, error) {
	i := slices.IndexFunc(s.open, func(o openRequest) bool { return strconv.Itoa(o.number) == number })
	if i < 0 {
		return nil, fmt.Errorf("request %s is not unanswered", number)
	}
	r := s.open[i].r
	s.open = slices.Delete(s.open, i, i+1)
	return r, nil
}

func (s *session) duration(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	return time.ParseDuration(text)
}
