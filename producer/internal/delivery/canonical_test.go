package delivery

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"reflect"
	"slices"
	"unsafe"
)

// canonical writes a world as bytes that are the same for two worlds from which the same can follow: addresses become numbers
// in the order of their first mention, times become relative, and what decides nothing is left out. It goes over the core's
// fields by reflection, so that one that is added counts unless it is named here.
type canonical struct {
	buf     []byte
	seen    []unsafe.Pointer
	now     Time
	retries int64 // Config.Retries
}

// leftOut are fields that decide nothing, or nothing in a world.
var leftOut = map[string]bool{
	"Core.cfg":      true, // the same everywhere
	"Core.records":  true,
	"Core.rand":     true,
	"Core.nodes":    true, // inOrder has them, too
	"Core.requests": true, // a name
	"Core.free":     true, // storage
	"Core.out":      true, // taken
	"Core.source":   true, // rand's
	"Core.journal":  true, // off, as what follows

	"Batch.number":        true,
	"Partition.number":    true,
	"Partition.described": true,
	"Request.serial":      true,
	"Request.place":       true,

	"Partition.inRequest":  true, // of a request that is complete
	"Partition.trouble":    true, // for words only, as what follows
	"node.trouble":         true,
	"idState.trouble":      true,
	"Partition.leaderless": true, // told to whoever asks, as what follows
	"node.stuck":           true,

	"node.serving":   true, // in a world it is Config.Gather that decides
	"Request.sent":   true,
	"Request.behind": true,
	"Request.urgent": true,

	"Batch.created": true, // age() sees to it
	"Batch.Outcome": true, // the oracle has it
	"payload.name":  true, // part, batch and records say it
}

// saturated are counters of which only the beginning matters: backoffs don't grow in a world.
var saturated = map[string]bool{"Batch.Attempts": true, "Batch.retries": true, "idState.tries": true}

// far are times of which only matters whether they have come: they are farther off than what happens in a world takes.
var far = map[string]bool{"Partition.proven": true}

// field is a field that is to be written.
type field struct {
	index     int
	saturated bool
	far       bool
}

var fieldsOf = map[reflect.Type][]field{}

// fields returns what of a type is to be written. To be called for all types before workers run: see learnTypes.
func fields(t reflect.Type) []field {
	list, known := fieldsOf[t]
	if known {
		return list
	}
	for i := range t.NumField() {
		name := t.Name() + "." + t.Field(i).Name
		if !leftOut[name] {
			list = append(list, field{i, saturated[name], far[name]})
		}
	}
	fieldsOf[t] = list
	return list
}

var seed = maphash.MakeSeed()

// hash returns a number that stands for the world.
func (c *canonical) hash(w *world) uint64 {
	c.buf, c.seen, c.now, c.retries = c.buf[:0], c.seen[:0], w.now, int64(w.core.cfg.Retries)
	for _, p := range w.parts {
		c.value(reflect.ValueOf(&p.p))
	}
	c.value(reflect.ValueOf(w.core))
	for _, p := range w.parts {
		c.part(p)
	}
	for _, n := range w.nodes {
		c.bools(n.up, n.connecting)
		c.int(int64(len(n.wire)))
		for _, q := range n.wire {
			c.int(int64(len(q.r.Batches)))
			for _, b := range q.r.Batches {
				c.value(reflect.ValueOf(b))
			}
			c.int(int64(len(q.handled)))
			for _, res := range q.handled {
				c.int(int64(res.Code))
				c.int(res.BaseOffset)
				c.bools(res.Missing, res.RecordErrors != nil)
			}
			c.bools(q.stale...)
		}
	}
	for _, n := range w.nodes {
		for _, batches := range n.late {
			c.int(int64(len(batches)))
			for _, b := range batches {
				c.int(int64(b.Partition.Index))
				c.int(b.ProducerID)
				c.int(int64(b.ProducerEpoch))
				c.int(int64(b.BaseSequence))
				c.ids(b.Owner.(*payload).ids())
			}
		}
		c.bools(false)
	}
	c.bools(w.idAsked, w.refresh, w.aborted)
	c.int(w.ids)
	for _, g := range w.given {
		c.buf = append(c.buf, byte(g.part), byte(g.record.part), byte(g.record.batch), byte(g.record.index), byte(g.epoch), byte(g.id))
		c.int(int64(g.seq))
	}
	return maphash.Bytes(seed, c.buf)
}

func (c *canonical) part(p *worldPart) {
	c.int(int64(p.log.leader))
	c.int(int64(p.log.epoch))
	c.int(p.log.start)
	c.int(int64(len(p.log.records)))
	c.ids(p.log.records)
	c.states(p.log.states)
	for _, u := range p.log.unsure {
		c.int(u.end)
		c.states(u.states)
	}
	c.int(int64(p.lossEpoch))
	c.bools(p.refused)
	c.int(int64(len(p.batches)))
	for _, batch := range p.batches {
		for _, f := range batch {
			c.buf = append(c.buf, byte(f.stands)<<4|byte(f.told))
			if f.told == untold {
				c.buf = append(c.buf, byte(f.word))
			}
			c.bools(f.moved)
		}
	}
	c.bools(p.open != nil)
	for _, knew := range append(slices.Clip(p.knew), p.known) {
		c.int(int64(knew))
	}
}

func (c *canonical) states(list []producerState) {
	c.int(int64(len(list)))
	for _, s := range list {
		c.int(s.id)
		c.int(int64(s.epoch))
		c.int(int64(s.last))
		for _, b := range s.cache {
			c.int(int64(b.first))
			c.int(int64(b.last))
			c.int(b.offset)
		}
	}
}

func (c *canonical) ids(records []recordID) {
	for _, r := range records {
		c.buf = append(c.buf, byte(r.part), byte(r.batch), byte(r.index))
	}
}

func (c *canonical) int(n int64) { c.buf = binary.AppendVarint(c.buf, n) }

func (c *canonical) bools(list ...bool) {
	for _, b := range list {
		if b {
			c.buf = append(c.buf, 1)
		} else {
			c.buf = append(c.buf, 0)
		}
	}
}

var timeType = reflect.TypeFor[Time]()

func (c *canonical) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		c.bools(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if v.Type() == timeType {
			c.time(Time(v.Int()))
		} else {
			c.int(v.Int())
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		c.buf = binary.AppendUvarint(c.buf, v.Uint())
	case reflect.String:
		c.buf = append(c.buf, v.String()...)
	case reflect.Pointer:
		c.pointer(v)
	case reflect.Struct:
		for _, f := range fields(v.Type()) {
			switch v := v.Field(f.index); {
			case f.saturated:
				c.int(min(v.Int(), c.enough()))
			case f.far:
				c.bools(Time(v.Int()) > c.now)
			default:
				c.value(v)
			}
		}
	case reflect.Slice, reflect.Array:
		c.int(int64(v.Len()))
		for i := range v.Len() {
			c.value(v.Index(i))
		}
	case reflect.Interface:
		if v.IsNil() {
			c.bools(false)
		} else {
			c.value(v.Elem())
		}
	default:
		panic(fmt.Sprintf("canonical: can't write a %v: leave it out, or say here what of it matters", v.Type()))
	}
}

// enough is how far attempts are counted.
func (c *canonical) enough() int64 {
	if c.retries < 100 {
		return c.retries + 1
	}
	return 1
}

func (c *canonical) time(t Time) {
	switch {
	case t == 0 || t == Never:
		c.int(int64(t))
	default:
		c.int(max(int64(t-c.now), 0) + 1)
	}
}

func (c *canonical) pointer(v reflect.Value) {
	if v.IsNil() {
		c.buf = append(c.buf, 0)
		return
	}
	if i := slices.Index(c.seen, v.UnsafePointer()); i >= 0 {
		c.buf = append(c.buf, 1, byte(i))
		return
	}
	c.seen = append(c.seen, v.UnsafePointer())
	c.buf = append(c.buf, 2)
	c.value(v.Elem())
}
