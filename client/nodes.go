package client

import (
	"cmp"
	"slices"
)

// nodes are a client's nodes, in the order of their ids. add and remove make another slice, so that what is ranged over stays as it is.
type nodes []*node

func (s nodes) find(id int32) (int, bool) {
	return slices.BinarySearchFunc(s, id, func(n *node, id int32) int { return cmp.Compare(n.id, id) })
}

// get returns the node of that id, or nil.
func (s nodes) get(id int32) *node {
	if i, ok := s.find(id); ok {
		return s[i]
	}
	return nil
}

// add adds nodes whose ids are new.
func (s *nodes) add(more ...*node) {
	if len(more) == 0 {
		return
	}
	*s = slices.Concat(*s, more)
	slices.SortFunc(*s, func(a, b *node) int { return cmp.Compare(a.id, b.id) })
}

// remove takes a node out, if it is in.
func (s *nodes) remove(n *node) {
	if i := slices.Index(*s, n); i >= 0 {
		*s = slices.Concat((*s)[:i], (*s)[i+1:])
	}
}
