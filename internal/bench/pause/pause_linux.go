// Package pause waits exactly.
package pause

import (
	"syscall"
	"time"
)

// Until waits until t. A sleep of the Go runtime ends at a whole millisecond where the process has nothing else to do, so that a
// client which lets it sleep would seem late; the kernel's own sleep ends on time.
func Until(t time.Time) {
	for d := time.Until(t); d > 0; d = time.Until(t) {
		ts := syscall.NsecToTimespec(int64(d))
		syscall.Nanosleep(&ts, nil) // may be cut short by a signal
	}
}
