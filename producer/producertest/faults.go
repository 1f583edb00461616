package producertest

import (
	"encoding/binary"
	"math"
	"time"

	"kafkaproducer/protocol"
)

// Fail answers with an error code, as Kafka would come to it: a batch is not appended, unless the code is REQUEST_TIMED_OUT
// or NOT_ENOUGH_REPLICAS_AFTER_APPEND, which the leader finds out after it has appended. Of requests other than Produce,
// InitProducerId gives out no id, and Metadata has the code for the topics or the partition that the fault is confined
// to, or as a whole where that is what the code is for (REBOOTSTRAP_REQUIRED).
func Fail(code protocol.ErrorCode) Fault {
	after := code == protocol.RequestTimedOut || code == protocol.NotEnoughReplicasAfterAppend
	return failing("fail with "+code.Name(), fate{code: code, append: after})
}

// FailBeforeAppend is Fail with a batch that is never appended, whatever the code says.
func FailBeforeAppend(code protocol.ErrorCode) Fault {
	return failing("fail before the append with "+code.Name(), fate{code: code})
}

// FailAfterAppend is Fail with a batch that is appended, if it is valid, whatever the code says.
func FailAfterAppend(code protocol.ErrorCode) Fault {
	return failing("fail after the append with "+code.Name(), fate{code: code, append: true})
}

// RecordFailure is a record that a batch is refused for.
type RecordFailure struct {
	Index   int32 // in the batch, from 0
	Message string
}

// FailRecords refuses batches for some of their records (KIP-467), with INVALID_RECORD or INVALID_TIMESTAMP as a rule.
// message is about the batch. Before Produce v8 only the code arrives.
func FailRecords(code protocol.ErrorCode, message string, records ...RecordFailure) Fault {
	it := fate{code: code, message: message}
	for _, r := range records {
		it.records = append(it.records, recordRefusal{r.Index, r.Message})
	}
	return failing("refuse records with "+code.Name(), it)
}

func failing(name string, it fate) Fault {
	f := newFault(name)
	f.batch = func(decided *fate) { *decided = it }
	f.plan = func(p *plan, f *Fault) {
		p.errors = append(p.errors, errorAnswer{it.code, f.topic, f.partition, it.message})
	}
	return f
}

func planned(name string, change func(*plan)) Fault {
	f := newFault(name)
	f.plan = func(p *plan, _ *Fault) { change(p) }
	return f
}

// DropBefore closes the connection before the request takes effect.
func DropBefore() Fault { return planned("drop_before", func(p *plan) { p.refuse = hangupClose }) }

// ResetBefore resets the connection before the request takes effect: the client loses answers it has not read yet.
func ResetBefore() Fault { return planned("reset_before", func(p *plan) { p.refuse = hangupReset }) }

// DropAfter closes the connection after the request has taken effect, instead of the answer.
func DropAfter() Fault { return planned("drop_close", func(p *plan) { p.hangup = hangupClose }) }

// ResetAfter resets the connection after the request has taken effect, instead of the answer.
func ResetAfter() Fault { return planned("drop_reset", func(p *plan) { p.hangup = hangupReset }) }

// DelayRequest holds the request for a time before it takes effect, and the connection with it. It takes effect then even
// if the client has closed the connection meanwhile, as a request does that waits in a broker's queue.
func DelayRequest(d time.Duration) Fault {
	return planned("delay_request", func(p *plan) { p.hold += d })
}

// Orphan closes the connection, and lets the request take effect a time (not 0) later all the same, as one does that waits
// in a broker's queue when its connection ends: by then the client may have sent it again on another one. It is lost when the
// broker stops meanwhile, and where it is not a Produce request.
func Orphan(d time.Duration) Fault { return planned("orphan", func(p *plan) { p.orphan = d }) }

// DelayAnswer holds the answer for a time, and the connection with it: the request takes effect at once, those behind it wait.
func DelayAnswer(d time.Duration) Fault {
	return planned("delay_answer", func(p *plan) { p.delay += d })
}

// Late holds the answer for a time and lets those behind it go first.
func Late(d time.Duration) Fault { return planned("late", func(p *plan) { p.late += d }) }

// Swallow never sends the answer. The connection lives on.
func Swallow() Fault { return planned("swallow", func(p *plan) { p.silent = true }) }

// Stall sends nothing more on the connection, and reads nothing more from it, after the request has taken effect. The
// connection stays open until the broker stops or closes it.
func Stall() Fault { return planned("stall", func(p *plan) { p.stall = true }) }

// Bytewise sends the answer a byte at a time.
func Bytewise() Fault { return planned("bytewise", func(p *plan) { p.bytewise = true }) }

// CutAnswer closes the connection after n bytes of the answer, its size field of four bytes included, or after all of it.
func CutAnswer(n int) Fault { return planned("cut", func(p *plan) { p.cut = n }) }

// Truncate closes the connection after half of the answer.
func Truncate() Fault { return planned("trunc", func(p *plan) { p.half = true }) }

// Throttle says that the client has exceeded its quota. The answer goes out at once and the broker takes no request from
// the connection for the time; before KIP-219 (Produce v6, Metadata v6 and so on) it holds the answer back instead.
// Request.Throttled tells when the client doesn't wait. Not for SaslHandshake and SaslAuthenticate.
func Throttle(d time.Duration) Fault { return planned("throttle", func(p *plan) { p.throttle = d }) }

// FailAuthentication refuses clients that authenticate with SASL, whoever they are, with SASL_AUTHENTICATION_FAILED and a message;
// "": what Kafka says of wrong credentials. It counts SaslAuthenticate requests, of which SCRAM has two in an exchange that succeeds;
// one that is refused ends with its first. Fail(code).OnRequests(protocol.SaslHandshakeKey) refuses a step earlier.
func FailAuthentication(message string) Fault {
	return failing("fail_authentication", fate{code: protocol.SaslAuthenticationFailed, message: message}).
		OnRequests(protocol.SaslAuthenticateKey)
}

// RefuseToken refuses tokens of OAUTHBEARER, whatever Options.OAuthBearer says, as a broker does it (RFC 7628): the client is
// told the status, such as "invalid_token", and is refused when it has taken note. It counts tokens.
func RefuseToken(status string) Fault {
	f := planned("refuse_token", func(p *plan) { p.refuseToken = &TokenError{Status: status} })
	return f.OnRequests(protocol.SaslAuthenticateKey).When(func(r Request) bool {
		m, ok := r.Message.(*protocol.SaslAuthenticateRequest)
		return ok && string(m.AuthBytes) != "\x01"
	})
}

// EditAnswer changes answers before they are encoded, such as the *protocol.ProduceResponse to a Produce request. What edit is given
// is valid during the call.
func EditAnswer(edit func(protocol.Response)) Fault {
	return edited("edit", edit)
}

func edited(name string, edit func(protocol.Response)) Fault {
	return planned(name, func(p *plan) { p.edits = append(p.edits, edit) })
}

// EditFrame changes answers after they are encoded. edit is given the whole frame, whose first four bytes are its size and the
// next four the correlation id, may change it, and returns what is sent.
func EditFrame(edit func(frame []byte) []byte) Fault {
	return framed("edit_frame", edit)
}

func framed(name string, edit func(frame []byte) []byte) Fault {
	return planned(name, func(p *plan) { p.frames = append(p.frames, edit) })
}

// The layout of an answer's frame.
const (
	correlationAt = 4 // behind the size field
	bodyAt        = 8
)

// Corrupt changes three bytes of the answer behind the correlation id. What the client makes of that depends on the bytes: a
// changed offset can't be told from a right one.
func Corrupt() Fault {
	return planned("corrupt", func(p *plan) {
		p.frames = append(p.frames, func(frame []byte) []byte {
			if len(frame) <= bodyAt {
				return frame // another fault has left nothing of it
			}
			third := (len(frame) - bodyAt) / 3
			for i := range 3 {
				frame[bodyAt+i*third+p.c.intN(max(third, 1))] ^= byte(1 + p.c.intN(255))
			}
			return frame
		})
	})
}

// Shorten sends a whole frame with half of the answer's body.
func Shorten() Fault {
	return framed("shorten", func(frame []byte) []byte {
		if len(frame) <= bodyAt {
			return frame // as in Corrupt
		}
		frame = frame[:bodyAt+(len(frame)-bodyAt)/2]
		binary.BigEndian.PutUint32(frame, uint32(len(frame)-correlationAt))
		return frame
	})
}

// WrongCorrelation gives the answer a correlation id that nobody has asked with.
func WrongCorrelation() Fault {
	return framed("wrongcorr", func(frame []byte) []byte {
		if len(frame) > correlationAt {
			frame[correlationAt] ^= 0x40
		}
		return frame
	})
}

// Duplicate sends the answer twice.
func Duplicate() Fault {
	return framed("dup", func(frame []byte) []byte { return append(frame, frame...) })
}

// Reorder sends the answer after the next one of the connection.
func Reorder() Fault { return planned("reorder", func(p *plan) { p.behind = true }) }

// HugeLength gives the answer's size as 2 GiB.
func HugeLength() Fault {
	return framed("hugelen", func(frame []byte) []byte {
		if len(frame) >= correlationAt {
			binary.BigEndian.PutUint32(frame, math.MaxInt32)
		}
		return frame
	})
}

// Empty leaves out of the answer what was asked: partitions, brokers, topics, APIs.
func Empty() Fault {
	return edited("empty", func(m protocol.Response) {
		switch m := m.(type) {
		case *protocol.ProduceResponse:
			m.Responses = nil
		case *protocol.MetadataResponse:
			m.Brokers, m.Topics = nil, nil
		case *protocol.ApiVersionsResponse:
			m.ApiKeys = nil
		}
	})
}

// CutRequest resets the connection after n bytes of what a client writes in one go, which may be several requests, or after
// all of it: then the write doesn't fail, but what comes after it does. Of the methods that narrow a fault down only OnBroker
// and those that count matter. It is for connections in memory.
func CutRequest(n int) Fault {
	f := newFault("cut_request")
	f.write = func(size int) int { return min(n, size) }
	return f
}

// LoseRequest lets n bytes of what a client writes in one go get through, or all of it, and nothing of what it writes to that
// connection afterwards, as where packets are dropped on their way. The client sees no error. It narrows down as CutRequest
// does.
func LoseRequest(n int) Fault {
	f := CutRequest(n)
	f.name, f.lose = "lose_request", true
	return f
}

// RefuseDial refuses connections through Cluster.Dial. Of the methods that narrow a fault down only OnBroker and those that
// count matter.
func RefuseDial() Fault {
	f := newFault("refuse_dial")
	f.dial = dialRefused
	return f
}

// HangDial lets attempts to connect through Cluster.Dial hang until their context ends, as where packets are dropped. Of the
// methods that narrow a fault down only OnBroker and those that count matter.
func HangDial() Fault {
	f := newFault("hang_dial")
	f.dial = dialHangs
	return f
}

// BrokenAnswers returns everything that can be wrong with the way of an answer, for tests that go through all of it. late
// is how late an answer is with Late. Confine them to a few requests, or nothing gets through.
func BrokenAnswers(late time.Duration) []Fault {
	return []Fault{
		Bytewise(), DropAfter(), ResetAfter(), ResetBefore(), Truncate(), Swallow(), Late(late), Stall(),
		Corrupt(), Shorten(), WrongCorrelation(), Duplicate(), Reorder(), HugeLength(), Empty(),
	}
}
