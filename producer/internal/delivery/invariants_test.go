package delivery

import "fmt"

// checkCore looks at what must hold between any two inputs, as far as a core and its partitions alone tell.
func checkCore(c *Core, parts []*Partition) error {
	live := map[*Batch]bool{}
	if err := checkList(&c.live, func(b *Batch) error {
		live[b] = true
		if b.state == Abandoned || b.state == Done {
			return fmt.Errorf("%v is %v and counts as live", b.Owner, b.state)
		}
		return nil
	}); err != nil {
		return err
	}
	if len(c.out.Send) > 0 {
		return fmt.Errorf("actions were left")
	}
	held := 0
	for _, p := range parts {
		n, err := checkPartition(c, p, live)
		if err != nil {
			return fmt.Errorf("%s: %w", partitionName(p), err)
		}
		held += n
	}
	if held != c.Live() {
		return fmt.Errorf("partitions hold %d batches without outcome, of %d", held, c.live.n)
	}
	return nil
}

// checkPartition checks one partition, and returns how many live batches it holds.
func checkPartition(c *Core, p *Partition, live map[*Batch]bool) (held int, err error) {
	unnumbered := false
	err = checkList(&p.queue, func(b *Batch) error {
		held++
		switch {
		case !live[b] || b.Partition != p:
			return fmt.Errorf("%v waits here and is not ours to send", b.Owner)
		case b.state != Queued && b.state != Open:
			return fmt.Errorf("%v waits and is %v", b.Owner, b.state)
		case b.state == Open && p.queue.next(b) != nil:
			return fmt.Errorf("%v is open and not the last", b.Owner)
		case b.numbered && unnumbered && p.hole.none():
			return fmt.Errorf("%v has a sequence and stands behind a batch that has none", b.Owner)
		}
		unnumbered = unnumbered || !b.numbered
		return nil
	})
	if err != nil {
		return 0, err
	}
	err = checkList(&p.flight, func(b *Batch) error {
		if b.state == InFlight {
			held++
		}
		switch {
		case b.state != InFlight && b.state != Abandoned:
			return fmt.Errorf("%v is unanswered and %v", b.Owner, b.state)
		case live[b] != (b.state == InFlight):
			return fmt.Errorf("%v is %v, live: %v", b.Owner, b.state, live[b])
		case c.cfg.Idempotent && !b.numbered:
			return fmt.Errorf("%v is unanswered without a sequence", b.Owner)
		case c.cfg.Idempotent && p.flight.n > maxPerPartition:
			return fmt.Errorf("%d batches are unanswered", p.flight.n)
		case p.at == nil:
			return fmt.Errorf("%v is unanswered at no node", b.Owner)
		}
		return nil
	})
	return held, err
}

// checkList checks the links and the order of a list, and calls check with each batch.
func checkList(l *list, check func(*Batch) error) error {
	n := 0
	for b := l.head; b != nil; b = l.next(b) {
		n++
		after := l.next(b)
		switch {
		case after == nil && l.tail != b, after != nil && after.links[l.kind].prev != b, n > int(l.n):
			return fmt.Errorf("the links of a list are broken at %v", b.Owner)
		case after != nil && l.kind == byPartition && !b.order.before(after.order), after != nil && l.kind == byAge && b.opened > after.opened:
			return fmt.Errorf("%v stands before %v", b.Owner, after.Owner)
		}
		if err := check(b); err != nil {
			return err
		}
	}
	if n != int(l.n) {
		return fmt.Errorf("a list of %d batches counts %d", n, l.n)
	}
	return nil
}
