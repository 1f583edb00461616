package client

import "testing"

// A choice among brokers, described by who is sent to, who is connected to, and when to look again.
func TestPick(t *testing.T) {
	const now = 10 * second
	up := func(id int32) *node { return &node{id: id, state: nodeUp, at: new(place)} }
	connecting := func(since instant) *node { return &node{id: 20, state: nodeConnecting, at: &place{since: since}} }
	free, waits := &node{id: 30, at: new(place)}, &node{id: 40, at: &place{notUntil: 15 * second}}
	muted, gone := &node{id: 50, state: nodeUp, muted: 13 * second, at: new(place)}, &node{id: 60, state: nodeUp, retired: true, at: new(place)}
	load := map[int32]int{1: 3, 2: 1, 3: -1, 4: 5}
	for _, tt := range []struct {
		name          string
		nodes         []*node
		send, connect int32
		until         instant
	}{
		{"the one with the fewest unanswered calls", []*node{up(1), up(2), up(4), free}, 2, 0, never},
		{"not one whose connection has just ended", []*node{up(3), up(1)}, 1, 0, never},
		{"nor one that asked for silence, nor one that left", []*node{muted, gone, up(4)}, 4, 0, never},
		{"a new one rather than one that is full", []*node{up(4), free, waits}, 0, 30, 15 * second},
		{"for which it is worth to wait", []*node{up(4), connecting(now), free}, 0, 0, now + instant(hedge)},
		{"for a while, but no second one", []*node{up(4), connecting(now - instant(hedge)), free}, 4, 0, never},
		{"the full one when there is no other", []*node{up(4), waits}, 4, 0, never},
		{"one to connect to", []*node{waits, free}, 0, 30, 15 * second},
		{"the one that is being connected to", []*node{connecting(now), free}, 0, 0, now + instant(hedge)},
		{"the address that another is being connected to", []*node{{id: 42, at: &place{since: now, notUntil: second}}, free}, 0, 0, now + instant(hedge)},
		{"for a while", []*node{connecting(now - instant(hedge)), free}, 0, 30, never},
		{"then whoever there is", []*node{connecting(now - instant(hedge))}, 0, 0, never},
		{"until the first may be connected to", []*node{waits, {id: 41, at: &place{notUntil: 14 * second}}}, 0, 0, 14 * second},
		{"not before one that is called off, as its broker has moved, has ended", []*node{connecting(0), waits}, 0, 0, 15 * second},
		{"until the silence is over", []*node{muted, waits}, 0, 0, 13 * second},
		{"nobody", nil, 0, 0, never},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := pick(tt.nodes, now, 5, func(n *node) int { return load[n.id] })
			var send, connect int32
			if c.send != nil {
				send = c.send.id
			}
			if c.connect != nil {
				connect = c.connect.id
			}
			if send != tt.send || connect != tt.connect || send == 0 && c.until != tt.until {
				t.Errorf("send to %d, connect to %d, look again at %v", send, connect, c.until)
			}
		})
	}
}

func TestUnavailable(t *testing.T) {
	later, free := &node{at: &place{notUntil: 2 * second}}, &node{at: &place{notUntil: second}}
	for _, tt := range []struct {
		name  string
		nodes []*node
		want  bool
	}{
		{"all in their backoff", []*node{later, later}, true},
		{"one may be connected to", []*node{later, free}, false},
		{"one is being connected to", []*node{later, {state: nodeConnecting, at: &place{since: second}}}, false},
		{"one's address is being connected to", []*node{later, {at: &place{since: second, notUntil: 2 * second}}}, false},
		{"one is up", []*node{later, {state: nodeUp, at: new(place)}}, false},
		{"one that left doesn't count", []*node{later, {state: nodeUp, retired: true, at: new(place)}}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := unavailable(tt.nodes, second); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
