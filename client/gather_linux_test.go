package client

import "testing"

// What is written may be used again or let go: nothing points to it any more.
func TestGatherKeepsNothing(t *testing.T) {
	w := drained(t)
	if _, err := w.write([][]byte{make([]byte, 100), make([]byte, 2*gatherAtOnce), make([]byte, 100)}); err != nil {
		t.Fatal(err)
	}
	for i, v := range w.vectors[:cap(w.vectors)] {
		if v.Base != nil {
			t.Errorf("vector %d points to what was written", i)
		}
	}
}
