package producer

import (
	"slices"
	"strings"
	"sync"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/producer/internal/delivery"
	"kafkaproducer/protocol"
)

// maxProduceVersion is the highest version of Produce that is used; 13 replaced names by ids (KIP-516), so that where topics have none
// 12 is the highest.
const (
	maxProduceVersion       = 13
	maxProduceVersionByName = 12
)

// produceCall is one Produce request on its way, with all that is used again for the next: no request allocates.
type produceCall struct {
	client.Call
	p       *Producer
	asked   *delivery.Request
	batches []*batch        // those of asked, by topic
	pace    *pace           // of the node; nil if it leads nothing
	queued  delivery.Time   // when the request was queued
	then    int64           // pace.drained at that time
	size    int64           // of the batches' buffers
	slots   []int           // batches[i] is asked.Batches[slots[i]]
	ids     []protocol.UUID // of the batches' topics, as they were when the request was made

	request  protocol.ProduceRequest
	response protocol.ProduceResponse
	results  []delivery.Result // for asked.Batches
	scratch  []byte            // the compressor's
}

// produceCalls has those that are not in use, of all producers: a pool inside a Producer would keep it, and all that it holds, for two
// more garbage collections once it is closed.
var produceCalls sync.Pool

// produceCall returns one to use.
func (p *Producer) produceCall() *produceCall {
	c, _ := produceCalls.Get().(*produceCall)
	if c == nil {
		c = new(produceCall)
		c.Request, c.Response = &c.request, &c.response
		c.Prepare, c.Done = c.prepare, c.done
	}
	c.p = p
	return c
}

// queueProduce queues a request of the core at its node, and returns the size of its buffers. Holds p.mu, so that requests stand there
// in the core's order.
func (p *Producer) queueProduce(r *delivery.Request) (size int64) {
	c := p.produceCall()
	c.asked, c.queued, c.size = r, p.clock.now(), 0
	if h := p.holdings[r.Node]; h != nil {
		c.pace, c.then = &h.pace, h.pace.drained
	}
	c.slots, c.batches, c.ids = c.slots[:0], c.batches[:0], c.ids[:0]
	for i := range r.Batches {
		c.slots = append(c.slots, i)
	}
	c.group()
	for _, i := range c.slots {
		b := r.Batches[i].Owner.(*batch)
		c.batches, c.ids = append(c.batches, b), append(c.ids, r.TopicIDs[i])
		if len(b.withdrawals) > 0 {
			b.settleWithdrawals(false)
		}
		c.size += int64(b.builder.Cap())
	}
	c.Version = p.versions[r.Node]
	c.NoResponse = p.set.acks == AcksNone
	c.fill()
	size = c.size
	p.client.Queue(r.Node, &c.Call) // whose it is from now on
	return size
}

// group puts the batches of a topic next to each other, for it must be in the request once. Most often there is but one topic, and to
// look at a thousand partitions once more is what such a request costs most.
func (c *produceCall) group() {
	topic := func(i int) string { return c.asked.Batches[i].Partition.Topic }
	for _, i := range c.slots {
		if topic(i) != topic(0) {
			slices.SortStableFunc(c.slots, func(i, j int) int { return strings.Compare(topic(i), topic(j)) })
			return
		}
	}
}

// fill writes all of the request but the batches.
func (c *produceCall) fill() {
	r := &c.request
	r.Acks = c.p.set.acks.wire()
	r.TimeoutMs = int32(min(c.p.set.client.RequestTimeout, 1<<31*time.Millisecond-1).Milliseconds())
	topics := r.TopicData[:0]
	for i, b := range c.batches {
		part := b.Partition
		if n := len(topics); n == 0 || topics[n-1].Name != part.Topic || topics[n-1].TopicID != c.ids[i] && c.Version > maxProduceVersionByName {
			topics = grow(topics)
			t := &topics[n]
			t.Name, t.TopicID, t.PartitionData = part.Topic, c.ids[i], t.PartitionData[:0]
		}
		t := &topics[len(topics)-1]
		t.PartitionData = append(t.PartitionData, protocol.PartitionProduceData{Index: part.Index})
	}
	r.TopicData = topics
}

// grow makes s longer by one element, keeping what an earlier use left in it.
func grow[T any](s []T) []T {
	if len(s) < cap(s) {
		return s[:len(s)+1]
	}
	var zero T
	return append(s, zero)
}

// prepare compresses and stamps the batches. It runs on the goroutine that is about to write them.
func (c *produceCall) prepare(*client.Call) error {
	i := 0
	for t := range c.request.TopicData {
		data := c.request.TopicData[t].PartitionData
		for k := range data {
			b := c.batches[i]
			var err error
			if c.scratch, err = b.seal(c.p.set.compressionType, c.p.set.compressionLevel, c.scratch); err != nil {
				return err
			}
			data[k].Records = b.builder.Bytes()
			i++
		}
	}
	return nil
}

// done takes the answer, or what went wrong, to the core. It runs on the connection's reader, and so do the callbacks
// that follow.
func (c *produceCall) done(call *client.Call, err error) {
	p, r := c.p, c.asked
	var throttle time.Duration
	if err == nil {
		throttle = c.read()
	}
	p.mu.Lock()
	now := p.clock.now()
	if err != nil {
		p.core.Failed(now, r, client.Wrote(err), err)
	} else {
		if c.pace != nil {
			c.pace.answered(now, c.queued, c.then, c.size)
		}
		p.core.Answered(now, r, c.results, throttle)
	}
	p.release(call, aDone)
	c.forget()
	produceCalls.Put(c)
}

// read turns the response into a result for each batch.
func (c *produceCall) read() (throttle time.Duration) {
	c.results = slices.Grow(c.results[:0], len(c.batches))[:len(c.batches)]
	for i := range c.results {
		c.results[i] = delivery.Result{Missing: !c.NoResponse, BaseOffset: -1, LogAppendTime: -1, LogStartOffset: -1}
	}
	if c.NoResponse {
		return 0
	}
	next := 0
	for i := range c.response.Responses {
		t := &c.response.Responses[i]
		for k := range t.PartitionResponses {
			res := &t.PartitionResponses[k]
			if at, ok := c.find(t, res.Index, next); ok {
				c.result(&c.results[c.slots[at]], c.batches[at].Partition, res)
				next = at + 1
			}
		}
	}
	return time.Duration(c.response.ThrottleTimeMs) * time.Millisecond
}

// find returns which batch is the one for a partition of the response; most often the next.
func (c *produceCall) find(t *protocol.TopicProduceResponse, index int32, next int) (int, bool) {
	for range c.batches {
		next %= len(c.batches)
		p := c.batches[next].Partition
		if p.Index == index && (c.Version > maxProduceVersionByName && c.ids[next] == t.TopicID ||
			c.Version <= maxProduceVersionByName && p.Topic == t.Name) {
			return next, true
		}
		next++
	}
	return 0, false
}

func (c *produceCall) result(to *delivery.Result, part *delivery.Partition, res *protocol.PartitionProduceResponse) {
	*to = delivery.Result{
		Code: res.ErrorCode, BaseOffset: res.BaseOffset, LogAppendTime: res.LogAppendTimeMs, LogStartOffset: res.LogStartOffset,
	}
	if res.ErrorCode == protocol.None {
		return
	}
	to.RecordErrors = slices.Clone(res.RecordErrors) // the response is used again
	if res.ErrorMessage != nil {
		to.Message = *res.ErrorMessage
	}
	if l := res.CurrentLeader; l.LeaderID >= 0 {
		c.p.client.UpdateLeader(part.Topic, part.Index, l.LeaderID, l.LeaderEpoch, c.response.NodeEndpoints)
	}
}

// forget drops what must not be kept until the next use.
func (c *produceCall) forget() {
	c.p, c.asked, c.pace = nil, nil, nil
	clear(c.batches)
	clear(c.results)
	for t := range c.request.TopicData {
		clear(c.request.TopicData[t].PartitionData)
	}
	if cap(c.scratch) > 1<<20 {
		c.scratch = nil
	}
}
