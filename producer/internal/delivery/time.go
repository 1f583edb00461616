package delivery

import "math"

// Time is a reading of a monotonic clock, in nanoseconds since an origin of the caller's choice.
type Time int64

// Never is later than every other Time.
const Never Time = math.MaxInt64

// after returns t + d without running past Never.
func (t Time) after(d Time) Time {
	if t > Never-d {
		return Never
	}
	return t + d
}
