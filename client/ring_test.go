package client

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The ring must behave as a slice does, whatever the order of operations.
func TestRingBehavesAsSlice(t *testing.T) {
	var r ring[int]
	var want []int
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 10_000 {
		switch op := random.IntN(5); {
		case op < 2:
			r.push(i)
			want = append(want, i)
		case op == 2:
			r.pushFront(i)
			want = slices.Insert(want, 0, i)
		case len(want) > 0:
			if got := r.pop(); got != want[0] {
				t.Fatalf("step %d: popped %d, want %d", i, got, want[0])
			}
			want = want[1:]
		}
		if r.len() != len(want) {
			t.Fatalf("step %d: length %d, want %d", i, r.len(), len(want))
		}
		for j := range want {
			if *r.at(j) != want[j] {
				t.Fatalf("step %d: item %d is %d, want %d", i, j, *r.at(j), want[j])
			}
		}
	}
}

func TestRingForgetsWhatItGaveAway(t *testing.T) {
	var r ring[*int]
	r.push(new(int))
	r.pop()
	for i, p := range r.items {
		if p != nil {
			t.Errorf("slot %d still holds the popped pointer", i)
		}
	}
}
