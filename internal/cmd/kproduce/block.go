package main

import (
	"fmt"
	"time"

	"kafkaproducer/producer"
)

// Records that follow each other share their callbacks, so that neither the producer nor this program keeps anything
// for a single one: a callback of its own for each was measured to make a run two and a half times as expensive. One
// record of a block has its latency measured, for all of them.
const (
	singles   = 1000 // the first lines are blocks by themselves
	blockSize = 64   // lines
)

// block is some lines that follow each other.
type block struct {
	first, size    int64             // lines; the first one of all has the number 1
	timed, settled producer.Callback // of the record that is timed, and of the others
	timing         bool              // the one that is timed is on its way; owned by the transfer
	sent           time.Time         // when it was given to Send
}

// newBlock returns the block that a line begins.
func newBlock(line int64, t *tally) *block {
	b := &block{first: line, size: 1}
	if line > singles {
		b.size = blockSize
	}
	b.timed = func(m producer.RecordMetadata, err error) { t.settle(b, time.Since(b.sent), m, err) }
	b.settled = func(m producer.RecordMetadata, err error) { t.settle(b, untimed, m, err) }
	return b
}

const untimed time.Duration = -1

// callback returns the callback for a record that is sent now.
func (b *block) callback() producer.Callback {
	if b.timing {
		return b.settled
	}
	b.sent = time.Now()
	return b.timed
}

// String says which lines they are.
func (b *block) String() string {
	if b.size == 1 {
		return fmt.Sprintf("line %d", b.first)
	}
	return fmt.Sprintf("line %d or one of the %d after it", b.first, b.size-1)
}
