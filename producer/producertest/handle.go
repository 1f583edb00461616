package producertest

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"kafkaproducer/protocol"
)

// frameSizeError is a size field that no request has: what a client of another protocol sends.
type frameSizeError struct{ size, most int }

func (e *frameSizeError) Error() string {
	return fmt.Sprintf("request of %d bytes, allowed: 0 to %d", e.size, e.most)
}

// versionError is a request of an API or version that the broker doesn't have.
type versionError struct {
	key     protocol.Key
	version int16
}

func (e *versionError) Error() string {
	return fmt.Sprintf("%s v%d is not spoken here", e.key, e.version)
}

// handle takes one request from its frame to its answer. An error ends the connection, as Kafka ends it.
func (k *conn) handle(frame []byte, arrived time.Time, throttled bool) error {
	x, err := k.begin(frame, arrived, throttled)
	if err != nil {
		return err
	}
	if x.plan.orphan > 0 {
		k.orphan(x)
		return errEnded
	}
	if x.plan.hold > 0 {
		k.c.hold(1)
		there := k.sleep(x.plan.hold)
		k.c.hold(-1)
		if !there {
			return errEnded
		}
	}
	delay, err := k.effect(x)
	if err != nil {
		return err
	}
	if !k.sleep(delay) || !k.running() {
		return errEnded
	}
	if err = k.send(&x.plan); err == errStalled {
		<-k.done
	}
	return err
}

// exchange is a request on its way to its answer, in three steps without any wait: begin, effect and send. What has to pass
// between them is the caller's to let pass: the connection's goroutine sleeps (handle), a World has timers (worldConn).
type exchange struct {
	request Request
	faults  []*Injection
	plan    plan
	refused bool // an ApiVersions request of a version that the broker doesn't have
}

// begin takes a request out of its frame. After plan.hold comes effect. A connection has one exchange, for one request after the other.
func (k *conn) begin(frame []byte, arrived time.Time, throttled bool) (*exchange, error) {
	x := &k.at
	*x = exchange{plan: plan{c: k.c, cut: -1}}
	x.request = Request{
		Broker: k.b.id, Conn: k.number, Time: arrived, Size: 4 + len(frame), Throttled: throttled,
		Principal: k.principal, TLS: k.tlsState,
	}
	if k.auth.waiting() {
		x.request.Header = protocol.RequestHeader{Key: protocol.SaslAuthenticateKey, Version: BareFrame}
		x.request.Message = &protocol.SaslAuthenticateRequest{AuthBytes: frame}
	} else if err := k.open(x, frame); err != nil || x.refused {
		return x, err
	}
	k.c.observe(&x.request)
	x.faults = k.c.injections()
	k.c.plan(&x.plan, x.faults, &x.request)
	return x, nil
}

// open decodes a frame.
func (k *conn) open(x *exchange, frame []byte) error {
	h, body, err := protocol.DecodeRequestHeader(frame)
	if err != nil {
		return err
	}
	x.request.Header = h
	if err := k.auth.admit(h.Key, x.request.Time); err != nil {
		if err == errSessionEnded {
			k.c.locked(func() { k.c.seen.counts.ExpiredSessions++ })
		}
		return err
	}
	if !k.c.speaks(h.Key, h.Version) {
		if x.refused = h.Key == protocol.ApiVersionsKey; x.refused {
			return nil
		}
		return &versionError{h.Key, h.Version}
	}
	x.request.Message, err = k.decode(h, body)
	return err
}

// orphan ends the connection, and lets a Produce request have its effect later, unless the broker has stopped by then.
func (k *conn) orphan(x *exchange) {
	m, ok := x.request.Message.(*protocol.ProduceRequest)
	if ok {
		k.c.locked(func() {
			k.outlived = k.b.ln
			k.c.seen.counts.Held++
		})
	}
	k.close()
	if !ok {
		return
	}
	late := func() {
		k.c.hold(-1)
		k.produce(m, &x.request, x.faults)
	}
	if k.world != nil {
		k.world.w.NewTimer(late).Reset(x.plan.orphan)
		return
	}
	k.c.running.Go(func() {
		t := time.NewTimer(x.plan.orphan)
		defer t.Stop()
		select {
		case <-t.C:
			late()
		case <-k.c.closing:
		}
	})
}

// hold counts requests that are still to be carried out.
func (c *Cluster) hold(n int) { c.locked(func() { c.seen.counts.Held += n }) }

// gone says that requests of the connection have no effect any more. Called with the cluster's mu held.
func (k *conn) gone() bool {
	return k.ended() && (k.outlived == nil || k.outlived != k.b.ln)
}

// effect lets the request have its effect and makes the frame of its answer. After the time it returns comes send.
func (k *conn) effect(x *exchange) (delay time.Duration, err error) {
	if x.refused {
		return 0, k.refuseVersion(x.request.Header)
	}
	if x.plan.refuse != hangupNone {
		k.end(x.plan.refuse)
		return 0, errEnded
	}
	answer, err := k.dispatch(&x.request, x.faults, &x.plan)
	if err != nil {
		return 0, err
	}
	return k.answer(x.request.Header, answer, &x.plan)
}

// rangeOf returns the range of versions of an API; one that nothing is in where the brokers don't have it.
func (c *Cluster) rangeOf(key protocol.Key) protocol.ApiVersion {
	for _, v := range c.versions {
		if v.ApiKey == key {
			return v
		}
	}
	return protocol.ApiVersion{ApiKey: key, MaxVersion: -1}
}

// speaks reports whether the cluster takes requests of the version.
func (c *Cluster) speaks(key protocol.Key, version int16) bool {
	v := c.rangeOf(key)
	if version < v.MinVersion || version > v.MaxVersion {
		return false
	}
	return key.Supports(version) || key == protocol.ApiVersionsKey && version >= 0 // 1 and 2: see decode and encode
}

// decode returns the request. Where no requests are kept, messages are used again.
func (k *conn) decode(h protocol.RequestHeader, body []byte) (protocol.Request, error) {
	var m protocol.Request
	if k.c.opts.KeepRequests < 0 {
		m = k.reused.of(h.Key)
	} else {
		m = protocol.NewRequest(h.Key)
	}
	version := h.Version
	if h.Key == protocol.ApiVersionsKey && version < 3 {
		version = 0 // 0 to 2 are alike
	}
	return m, protocol.Decode(body, version, m)
}

// dispatch lets the request take effect and returns the answer; nil: there is none.
func (k *conn) dispatch(r *Request, faults []*Injection, p *plan) (protocol.Response, error) {
	switch m := r.Message.(type) {
	case *protocol.ProduceRequest:
		return k.produce(m, r, faults)
	case *protocol.MetadataRequest:
		k.c.metadata(&k.told, k.b, m, r.Header.Version, p.edited())
		return &k.told, nil
	case *protocol.InitProducerIDRequest:
		return k.c.initProducerID(m, p), nil
	case *protocol.ApiVersionsRequest:
		k.c.apiVersions(&k.spoken, k.b, m, r.Header.Version, p.edited())
		k.auth.versioned(&k.spoken, p)
		return &k.spoken, nil
	case *protocol.SaslHandshakeRequest:
		return k.handshake(m, r, p), nil
	case *protocol.SaslAuthenticateRequest:
		answer, err := k.authenticate(m, p)
		if err != nil { // a nil answer in an interface would be one
			return nil, err
		}
		return answer, nil
	}
	return nil, &versionError{r.Header.Key, r.Header.Version}
}

// initProducerID gives out an id. Without a transactional id that is a new one each time, whatever the request says of an
// old one (TransactionCoordinator.handleInitProducerId); transactions are not there.
func (c *Cluster) initProducerID(m *protocol.InitProducerIDRequest, p *plan) *protocol.InitProducerIDResponse {
	answer := &protocol.InitProducerIDResponse{ProducerID: -1, ProducerEpoch: -1}
	switch {
	case len(p.errors) > 0: // no id is spent on it
	case m.TransactionalID != nil:
		answer.ErrorCode = protocol.TransactionalIDAuthorizationFailed
	case (m.ProducerID == -1) != (m.ProducerEpoch == -1):
		answer.ErrorCode = protocol.InvalidRequest
	default:
		c.mu.Lock()
		defer c.mu.Unlock()
		answer.ProducerID, answer.ProducerEpoch = c.next.id, c.next.epoch
		c.next = producerIDs{id: c.next.id + 1}
	}
	return answer
}

// rebootstrapApiVersions is the first ApiVersions version that says which broker it is meant for (KIP-1242).
const rebootstrapApiVersions = 5

// softwareWord says whether brokers take a string for the name or the version of a client (KIP-511, ApiVersionsRequest.isValid):
// letters and digits, with hyphens and dots between them.
func softwareWord(s string) bool {
	inside := false
	for _, r := range s {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			inside = true
		case inside && (r == '-' || r == '.'):
		default:
			return false
		}
	}
	return inside && s[len(s)-1] != '-' && s[len(s)-1] != '.'
}

// apiVersions answers an ApiVersions request. own: the answer may be changed.
func (c *Cluster) apiVersions(
	answer *protocol.ApiVersionsResponse, b *broker, m *protocol.ApiVersionsRequest, version int16, own bool,
) {
	*answer = protocol.ApiVersionsResponse{FinalizedFeaturesEpoch: -1}
	if version >= 3 && !(softwareWord(m.ClientSoftwareName) && softwareWord(m.ClientSoftwareVersion)) {
		answer.ErrorCode = protocol.InvalidRequest
		return
	}
	if version >= rebootstrapApiVersions &&
		(m.ClusterID != nil && *m.ClusterID != c.id || m.NodeID != -1 && m.NodeID != b.id) {
		answer.ErrorCode = protocol.RebootstrapRequired
		return
	}
	if answer.ApiKeys = c.versions; own {
		answer.ApiKeys = slices.Clone(c.versions)
	}
}

// refuseVersion makes the answer to an ApiVersions request of a version that the broker doesn't have.
func (k *conn) refuseVersion(h protocol.RequestHeader) error {
	if k.c.opts.ApiVersionsRefusal == RefuseGarbled {
		// An array with a count of one byte, whose elements end without tagged fields: rd_kafka_mock_handle_ApiVersion.
		frame := binary.BigEndian.AppendUint32(nil, 17)
		frame = binary.BigEndian.AppendUint32(frame, uint32(h.CorrelationID))
		k.out = append(frame, 0, byte(protocol.UnsupportedVersion), 1, 0, byte(h.Key), 0, 0, 0, 2, 0, 0, 0, 0)
		return nil
	}
	answer := &protocol.ApiVersionsResponse{ErrorCode: protocol.UnsupportedVersion, FinalizedFeaturesEpoch: -1}
	if v := k.c.rangeOf(h.Key); v.MaxVersion >= 3 {
		answer.ApiKeys = []protocol.ApiVersion{v}
	}
	h.Version = 0
	return k.encode(h, answer)
}

// encode makes the frame of an answer.
func (k *conn) encode(h protocol.RequestHeader, m protocol.Response) (err error) {
	if k.out == nil {
		k.out = make([]byte, 0, 512)
	}
	version := h.Version
	if a, ok := m.(*protocol.SaslAuthenticateResponse); ok && version == BareFrame {
		k.out = binary.BigEndian.AppendUint32(k.out[:0], uint32(len(a.AuthBytes)))
		k.out = append(k.out, a.AuthBytes...)
		return nil
	}
	between := h.Key == protocol.ApiVersionsKey && (version == 1 || version == 2)
	if between {
		version = 0
	}
	k.out, err = protocol.AppendResponse(k.out[:0], version, h.CorrelationID, m)
	if err == nil && between { // as 0, with the throttle time behind it
		k.out = binary.BigEndian.AppendUint32(k.out, uint32(m.(*protocol.ApiVersionsResponse).ThrottleTimeMs))
		binary.BigEndian.PutUint32(k.out, uint32(len(k.out)-4))
	}
	return err
}

// answer makes the frame of an answer, none when m is nil, as with acks=0, and returns how long it is held back. An error ends the
// connection.
func (k *conn) answer(h protocol.RequestHeader, m protocol.Response, p *plan) (delay time.Duration, err error) {
	if m == nil {
		p.silent = true
	} else if err := k.prepare(h, m, p); err != nil {
		return 0, err
	}
	if p.throttle > 0 && clientThrottles(h.Key, h.Version) {
		k.muted = k.c.now().Add(p.throttle)
		return p.delay, nil
	}
	return p.delay + p.throttle, nil
}

// prepare makes the frame that is sent.
func (k *conn) prepare(h protocol.RequestHeader, m protocol.Response, p *plan) error {
	p.apply(m, h.Version)
	if err := k.encode(h, m); err != nil {
		return err
	}
	for _, edit := range p.frames {
		k.out = edit(k.out)
	}
	return nil
}

// send lets the answer in k.out go its way.
func (k *conn) send(p *plan) error {
	switch {
	case p.hangup != hangupNone:
		k.end(p.hangup)
		return errEnded
	case p.stall:
		return errStalled
	case p.silent:
		return nil
	case p.behind:
		k.held = append(k.held, k.out...)
		return nil
	case p.late > 0:
		frame, how := slices.Clone(k.out), *p
		k.after(how.late, func() {
			if !k.write(frame, &how) {
				k.close()
			}
		})
		return nil
	}
	if !k.write(k.out, p) || p.last {
		return errEnded
	}
	if len(k.held) > 0 {
		held := k.held
		k.held = nil
		if !k.write(held, &plan{cut: -1}) {
			return errEnded
		}
	}
	return nil
}
