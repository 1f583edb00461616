package producer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// flush is a Flush that waits until all batches up to mark have their outcome.
type flush struct {
	mark uint64
	done chan struct{}
}

// Flush ends the linger of all that is buffered and waits until every record that was sent before it has its outcome and
// its callback has returned. It is nil also when records failed: their callbacks know. When ctx ends first, its error is
// wrapped. It is an error (ErrInCallback) inside a callback.
func (p *Producer) Flush(ctx context.Context) error {
	if inCallback() {
		return ErrInCallback
	}
	p.mu.Lock()
	done := p.startFlush()
	p.release(nil, aCall)
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		p.mu.Lock()
		p.flushes = slices.DeleteFunc(p.flushes, func(f flush) bool { return f.done == done })
		p.mu.Unlock()
		return fmt.Errorf("kafkaproducer: flush: %w", ctx.Err())
	}
}

// startFlush returns what is closed when the flush is done. Holds p.mu.
func (p *Producer) startFlush() chan struct{} {
	f := flush{p.core.Flush(p.clock.now()), make(chan struct{})}
	p.flushes = append(p.flushes, f)
	return f.done
}

// markFlushed puts the end of each flush behind the callbacks it waits for. Holds p.mu.
func (p *Producer) markFlushed() {
	left := p.flushes[:0]
	for _, f := range p.flushes {
		if p.core.Drained(f.mark) {
			p.completer.queue = append(p.completer.queue, told{mark: f.done})
		} else {
			left = append(left, f)
		}
	}
	p.flushes = left
}

// grace is how long Close waits, after its context ended, for callbacks of records that it gave up.
const grace = time.Second

// ErrNotDelivered is part of the error of Close when records were given up.
var ErrNotDelivered = errors.New("kafkaproducer: records were given up when the producer was closed")

// Close takes no more records, sends all that are buffered and waits for their callbacks, then for the producer's goroutines
// and connections to end. When ctx ends first, the records that are left fail (DeliveryError with ErrAborted), and
// Close returns how many there were, with ErrNotDelivered and ctx's error; at the latest a second after ctx ended, even
// if callbacks don't return. Among them are those whose Record.Context ended before, of which no more is heard. A second Close
// waits for the first. It is an error (ErrInCallback) inside a callback.
func (p *Producer) Close(ctx context.Context) error {
	if inCallback() {
		return ErrInCallback
	}
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		select {
		case <-p.done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	flushed := p.beginClose()
	defer close(p.done)

	var err error
	select {
	case <-flushed:
	case <-ctx.Done():
		err = p.giveUp(ctx.Err(), flushed)
	}
	p.shutDown(err != nil)
	return err
}

// beginClose takes no more records, and returns what is closed when all that are buffered are done. It takes over p.mu.
func (p *Producer) beginClose() (flushed chan struct{}) {
	p.closed = true
	p.dismiss(ErrClosed)
	p.closeAllOpen()
	flushed = p.startFlush()
	p.release(nil, aCall)
	return flushed
}

// closeAllOpen makes all open batches take no more records. Holds p.mu.
func (p *Producer) closeAllOpen() {
	topics := *p.topics.Load()
	for _, name := range slices.Sorted(maps.Keys(topics)) { // the core's inputs have an order
		for _, part := range topics[name].view.Load().partitions {
			part.mu.Lock()
			b := part.open
			part.mu.Unlock()
			if b != nil { // none is opened meanwhile, without p.mu
				p.closeOpen(b)
				p.core.Filled(p.clock.now(), &b.Batch)
			}
		}
	}
}

// abort fails what is left, and returns how many records that were.
func (p *Producer) abort() int {
	p.mu.Lock()
	n := p.core.Abort(p.clock.now(), ErrAborted)
	p.release(nil, aCall)
	return n
}

// giveUp fails what is left, and waits a little for the callbacks.
func (p *Producer) giveUp(cause error, flushed chan struct{}) error {
	var err error
	if n := p.abort(); n > 0 {
		err = fmt.Errorf("%w: %d of them: %w", ErrNotDelivered, n, cause)
	}
	select {
	case <-flushed:
	case <-time.After(grace):
		err = errors.Join(err, fmt.Errorf("kafkaproducer: callbacks still run: %w", cause))
	}
	return err
}

// shutDown ends the client. Its goroutines may be inside callbacks that don't return; then late says not to wait.
func (p *Producer) shutDown(late bool) {
	ended := make(chan struct{})
	go func() {
		p.client.Close()
		close(ended)
	}()
	if late {
		select {
		case <-ended:
		case <-time.After(grace):
		}
	} else {
		<-ended
	}
	p.stopTimers()
}

func (p *Producer) stopTimers() {
	p.mu.Lock()
	p.timer.Stop()
	p.mu.Unlock()
	p.clock.stop()
}
