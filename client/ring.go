package client

// ring is a first-in first-out queue that keeps its storage: in steady state nothing is allocated.
type ring[T any] struct {
	items []T // length is a power of two, or zero
	head  int
	count int
}

func (r *ring[T]) len() int { return r.count }

// at returns the i-th item from the front, for reading and changing in place.
func (r *ring[T]) at(i int) *T { return &r.items[(r.head+i)&(len(r.items)-1)] }

// push adds v at the back.
func (r *ring[T]) push(v T) {
	r.reserve()
	r.count++
	*r.at(r.count - 1) = v
}

// pushFront adds v at the front.
func (r *ring[T]) pushFront(v T) {
	r.reserve()
	r.head = (r.head - 1) & (len(r.items) - 1)
	r.count++
	*r.at(0) = v
}

// pop takes the front item away; the ring must not be empty.
func (r *ring[T]) pop() T {
	var zero T
	p := r.at(0)
	v := *p
	*p = zero // a popped call must not be kept alive
	r.head = (r.head + 1) & (len(r.items) - 1)
	r.count--
	return v
}

func (r *ring[T]) reserve() {
	if r.count < len(r.items) {
		return
	}
	grown := make([]T, max(8, 2*len(r.items)))
	for i := range r.count {
		grown[i] = *r.at(i)
	}
	r.items, r.head = grown, 0
}
