package proxy

import (
	"io"
	"net"
	"sync"
	"time"
)

const (
	chunkSize = 32 << 10
	backlog   = 1 << 20 // bytes held up in one direction of a connection before its sender feels it
)

// link is one client's connection, and the one to the broker behind it.
type link struct {
	proxy *Proxy
	flows [2]*flow
	cut   bool // guarded by Proxy.mu
}

// flow is one direction of a link: a reader puts chunks into the queue, a writer takes them out when the weather lets it.
type flow struct {
	link     *link
	d        Direction
	from, to net.Conn

	// Guarded by Proxy.mu.
	queue      []chunk
	queued     int       // bytes in queue
	ended      bool      // nothing comes behind the queue
	broken     bool      // and it ended with an error, which is passed on as RST
	halfClosed bool      // ended by a fault: what still comes is thrown away
	budget     int       // bytes until the link is cut; negative: no end
	free       time.Time // when a narrow pipe has room for more
}

type chunk struct {
	bytes []byte
	due   time.Time // not written before
}

func newLink(p *Proxy, client, broker net.Conn) *link {
	l := &link{proxy: p}
	l.flows[Up] = &flow{link: l, d: Up, from: client, to: broker, budget: -1}
	l.flows[Down] = &flow{link: l, d: Down, from: broker, to: client, budget: -1}
	return l
}

// run returns when both directions have ended.
func (l *link) run() {
	var writers, readers sync.WaitGroup
	for _, f := range l.flows {
		readers.Go(f.read)
		writers.Go(f.write)
	}
	writers.Wait()
	l.proxy.mu.Lock()
	l.end()
	l.proxy.mu.Unlock()
	readers.Wait()
}

// end closes both connections: with RST when the link is cut. Holds Proxy.mu.
func (l *link) end() {
	for _, f := range l.flows {
		if l.cut {
			reset(f.from)
		} else {
			f.from.Close()
		}
	}
}

func (f *flow) read() {
	p := f.link.proxy
	for {
		b := make([]byte, chunkSize)
		n, err := f.from.Read(b)
		p.mu.Lock()
		if n > 0 && !f.halfClosed {
			f.queue = append(f.queue, chunk{b[:n], time.Now().Add(p.weather[f.d].delay)})
			f.queued += n
		}
		if err != nil {
			f.ended, f.broken = true, err != io.EOF
		}
		p.changed.Broadcast()
		for f.queued >= backlog && !f.link.cut && err == nil {
			p.changed.Wait()
		}
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (f *flow) write() {
	for {
		next, more := f.next()
		if !more {
			return
		}
		_, err := f.to.Write(next)
		if !f.written(len(next), err) {
			return
		}
	}
}

// next waits for what may be written. When there will be no more, it has ended the direction.
func (f *flow) next() (bytes []byte, more bool) {
	p := f.link.proxy
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		w := &p.weather[f.d]
		switch {
		case f.link.cut:
			return nil, false
		case w.holds > 0:
			p.changed.Wait()
		case len(f.queue) > 0:
			if wait := max(time.Until(f.queue[0].due), time.Until(f.free)); wait > 0 {
				p.waitFor(wait)
				continue
			}
			return f.take(w.narrow), true
		case f.ended || f.halfClosed:
			f.finish()
			return nil, false
		default:
			p.changed.Wait()
		}
	}
}

// take takes bytes off the queue, not more than the budget and a twentieth of what a second lets through. Holds Proxy.mu.
func (f *flow) take(narrow int) []byte {
	b := f.queue[0].bytes
	if narrow > 0 {
		b = b[:min(len(b), max(1, narrow/20))]
	}
	if f.budget >= 0 {
		b = b[:min(len(b), f.budget)]
		f.budget -= len(b)
	}
	f.queued -= len(b)
	if f.queue[0].bytes = f.queue[0].bytes[len(b):]; len(f.queue[0].bytes) == 0 {
		f.queue = f.queue[1:]
	}
	if narrow > 0 {
		f.free = time.Now().Add(time.Duration(len(b)) * time.Second / time.Duration(narrow))
	}
	return b
}

// written looks at what became of a write, and tells whether to go on.
func (f *flow) written(n int, err error) bool {
	p := f.link.proxy
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changed.Broadcast() // there is room
	if f.budget == 0 {
		f.link.cut = true
		f.link.end()
		return false
	}
	if err != nil {
		// Who should get it is gone. The other direction ends by itself, after what is held up in it.
		f.halfClosed, f.queue, f.queued = true, nil, 0
		return false
	}
	return true
}

// finish passes the end of a direction on. Holds Proxy.mu.
func (f *flow) finish() {
	if f.broken {
		reset(f.to)
		return
	}
	if half, ok := f.to.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	} else {
		f.to.Close()
	}
}

// waitFor waits for a change, at most for d. Holds p.mu.
func (p *Proxy) waitFor(d time.Duration) {
	t := time.AfterFunc(d, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.changed.Broadcast()
	})
	p.changed.Wait()
	t.Stop()
}
