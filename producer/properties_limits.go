package producer

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// limits are what a numeric property may be, in Kafka's unit. A Config holds it so that zero is the default: Kafka's 0,
// where it is allowed and not the default, is there any negative number.
type limits struct {
	def       int64
	low, high int64
	or        int64 // one more number that is allowed; 0: none
	noZero    bool  // 0 is not allowed although it lies between low and high

	unit time.Duration // of a duration; 0: a millisecond
}

// allows says whether Kafka's number v is allowed.
func (l limits) allows(v int64) bool {
	return l.low <= v && v <= l.high && !(v == 0 && l.noZero) || l.or != 0 && v == l.or
}

// toConfig returns how a Config holds Kafka's number v, which is allowed.
func (l limits) toConfig(v int64) int64 {
	if v == 0 && l.def != 0 && l.low == 0 {
		return -1
	}
	return v
}

// fromConfig returns Kafka's number for a Config's v.
func (l limits) fromConfig(v int64) int64 {
	switch {
	case v == 0:
		return l.def
	case v < 0 && l.def != 0 && l.low == 0:
		return 0
	}
	return v
}

// String describes what is allowed.
func (l limits) String() string {
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

// toDuration returns how a Config holds Kafka's duration v. It never overflows: Java programs write Long.MAX_VALUE for
// "for ever", which is 292 years here. Negative numbers are all alike.
func (l limits) toDuration(v int64) time.Duration {
	v = l.toConfig(v)
	if v < 0 {
		return -1
	}
	unit := l.durationUnit()
	return time.Duration(min(v, math.MaxInt64/int64(unit))) * unit
}

// durationUnit returns what Kafka counts a duration in.
func (l limits) durationUnit() time.Duration { return cmp.Or(l.unit, time.Millisecond) }

// inUnits writes a duration as Kafka's properties do, with a fraction where there is one.
func inUnits(d, unit time.Duration) string {
	if d%unit == 0 {
		return strconv.FormatInt(int64(d/unit), 10)
	}
	return strconv.FormatFloat(float64(d)/float64(unit), 'f', -1, 64)
}

// fractions are what a property that is a fraction may be. As with limits, zero in a Config is the default, and a
// negative number Kafka's 0, where it is allowed.
type fractions struct{ def, low, high float64 }

// parse takes what Java's Double.parseDouble takes, but for NaN, hexadecimal digits and a d or f behind it.
func (f fractions) parse(value string) (float64, *ConfigError) {
	v, err := strconv.ParseFloat(value, 64)
	switch {
	case errors.Is(err, strconv.ErrSyntax):
		return 0, &ConfigError{Reason: "not a number", Allowed: f.String()}
	case err != nil || !(f.low <= v && v <= f.high):
		return 0, &ConfigError{Allowed: f.String()}
	}
	return v, nil
}

// toConfig returns how a Config holds Kafka's number v, which is allowed.
func (f fractions) toConfig(v float64) float64 {
	if v == 0 {
		return -1
	}
	return v
}

// fromConfig returns Kafka's number for a Config's v.
func (f fractions) fromConfig(v float64) float64 {
	switch {
	case v == 0:
		return f.def
	case v < 0 && f.low == 0:
		return 0
	}
	return v
}

// String describes what is allowed.
func (f fractions) String() string { return fmt.Sprintf("%v to %v", f.low, f.high) }
