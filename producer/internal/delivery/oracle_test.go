package delivery

import "fmt"

// judge is the oracle.
func (m *model) judge() {
	m.resume()
	for len(m.late) > 0 {
		m.serveLate()
	}
	for _, g := range m.gaps {
		if m.moved[g.failed] {
			continue // what was opened in its partition after it doesn't stand behind it
		}
		for i := range g.end {
			name := fmt.Sprintf("%d.%03d", g.p.Index, i+1)
			if m.ended[name].Err == nil && name > g.failed && !m.moved[name] {
				m.t.Fatalf("%s was acknowledged behind a gap at %s", name, g.failed)
			}
		}
	}
	count := map[string]int{}
	for _, l := range m.logs {
		last, id := "", int64(0) // the youngest, and its producer id
		for _, b := range l.records {
			name := b.name
			if count[name]++; count[name] > 1 {
				m.t.Fatalf("%s is twice in the log", name)
			}
			if m.moved[name] {
				continue
			}
			if name < last && (m.ended[name].Err == nil || b.producerID == id) { // see "Late requests" in sequence.go
				m.t.Fatalf("%s stands behind %s", name, last)
			}
			if name > last {
				last, id = name, b.producerID
			}
		}
	}
	for p := range m.logs {
		names := make([]string, 0, m.opened[p])
		for i := range m.opened[p] {
			names = append(names, fmt.Sprintf("%d.%03d", p.Index, i+1))
		}
		for _, b := range m.sifted {
			if m.names[b][0] == byte('0'+p.Index) {
				names = append(names, m.names[b])
			}
		}
		for _, name := range names {
			o, ok := m.ended[name]
			switch {
			case !ok:
				m.t.Fatalf("%s has no outcome", name)
			case o.Err == nil && count[name] == 0:
				m.t.Fatalf("%s was acknowledged, but is not in the log", name)
			case o.Err != nil && o.Certainty == NotPersisted && count[name] > 0:
				m.t.Fatalf("%s is in the log, but is said to be not: %v", name, o.Err)
			}
		}
	}
}
