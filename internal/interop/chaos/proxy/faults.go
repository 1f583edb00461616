package proxy

import "time"

// Cut ends all connections at once, with RST to both sides. What was held up is lost.
func (p *Proxy) Cut() {
	p.each(func(l *link) { l.cut = true })
}

// CutAfter ends each connection of now when n more bytes have gone in a direction: in the middle of a request or answer.
func (p *Proxy) CutAfter(d Direction, n int) {
	p.each(func(l *link) { l.flows[d].budget = n })
}

// HalfClose ends one direction of each connection of now, with FIN, when what came before is through. The other goes on.
func (p *Proxy) HalfClose(d Direction) {
	p.each(func(l *link) { l.flows[d].halfClosed = true })
}

func (p *Proxy) each(do func(*link)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		do(l)
		if l.cut {
			l.end() // both sides may be waiting for something that never comes
		}
	}
	p.changed.Broadcast()
}

// Hold lets nothing through in a direction until it is lifted; then all that was held up goes on.
func (p *Proxy) Hold(d Direction) (lift func()) {
	return p.change(func(on int) { p.weather[d].holds += on })
}

// Delay lets every byte in a direction come later by so much.
func (p *Proxy) Delay(d Direction, by time.Duration) (lift func()) {
	return p.change(func(on int) { p.weather[d].delay += time.Duration(on) * by })
}

// Narrow lets so many bytes a second through in a direction; the connections don't share them.
func (p *Proxy) Narrow(d Direction, bytesPerSecond int) (lift func()) {
	return p.change(func(on int) { p.weather[d].narrow += on * bytesPerSecond })
}

// Refuse cuts every new connection off as soon as it is made.
func (p *Proxy) Refuse() (lift func()) {
	return p.change(func(on int) { p.refusals += on })
}

// change puts a fault in force, with 1, and returns how to lift it, with -1.
func (p *Proxy) change(apply func(on int)) (lift func()) {
	set := func(on int) {
		p.mu.Lock()
		defer p.mu.Unlock()
		apply(on)
		p.changed.Broadcast()
	}
	set(1)
	return func() { set(-1) }
}
