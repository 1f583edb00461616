package delivery

import "time"

// modelLate is a request of a connection that is no more, and which its node will handle yet.
type modelLate struct {
	node    int32
	names   []string
	batches []Batch // as they were sent
}

// delay has a request handled some time.
func (m *model) delay(r *Request) {
	l := &modelLate{node: r.Node}
	for _, b := range r.Batches {
		l.names, l.batches = append(l.names, m.names[b]), append(l.batches, *b)
	}
	m.late = append(m.late, l)
}

// serveLate has the oldest late request handled; nobody waits for the answer.
func (m *model) serveLate() {
	if len(m.late) == 0 {
		return
	}
	l := m.late[0]
	m.late = m.late[1:]
	for i := range l.batches {
		b := &l.batches[i]
		if log := m.logs[b.Partition]; log.leader == l.node {
			m.logf("%v late %s: %v", time.Duration(m.now), l.names[i], m.append(l.names[i], b))
		}
	}
}
