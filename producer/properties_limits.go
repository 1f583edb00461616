package producer

import (
	"fmt"
	"math"
	"time"
)

// limits are what a numeric property may be, in Kafka's unit. A Config holds it so that zero is the default: Kafka's 0,
// where it is allowed and not the default, is there any negative number.
type limits struct {
	def       int64
	low, high int64
	or        int64 // one more number that is allowed; 0: none
	noZero    bool  // 0 is not allowed although it lies between low and high
}

// allows says whether Kafka's number v is allowed.
func (l *limits) allows(v int64) bool {
	return l.low <= v && v <= l.high && !(v == 0 && l.noZero) || l.or != 0 && v == l.or
}

// toConfig returns how a Config holds Kafka's number v, which is allowed.
func (l *limits) toConfig(v int64) int64 {
	if v == 0 && l.def != 0 && l.low == 0 {
		return -1
	}
	return v
}

// fromConfig returns Kafka's number for a Config's v.
func (l *limits) fromConfig(v int64) int64 {
	switch {
	case v == 0:
		return l.def
	case v < 0 && l.def != 0 && l.low == 0:
		return 0
	}
	return v
}

// String describes what is allowed.
func (l *limits) String() string {
	s := fmt.Sprintf("%d to %d", l.low, l.high)
	switch {
	case l.low == math.MinInt64 && l.noZero:
		s = "at least 1, or negative for never"
	case l.high == maxLong:
		s = fmt.Sprintf("at least %d", l.low)
	}
	if l.or != 0 {
		s += fmt.Sprintf(", or %d", l.or)
	}
	return s
}

// millisecondsAsDuration never overflows: Java programs write Long.MAX_VALUE for "for ever", which is 292 years here.
// Negative numbers are all alike.
func millisecondsAsDuration(ms int64) time.Duration {
	if ms < 0 {
		return -1
	}
	return time.Duration(min(ms, math.MaxInt64/int64(time.Millisecond))) * time.Millisecond
}
