package load

import (
	"bytes"
	"fmt"
	"os"
)

// peakMemory returns the most bytes of the process that were resident at once. The kernel's ru_maxrss would not do: it
// counts what the parent held before the exec, too.
func peakMemory() (bytes float64, ok bool) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, false
	}
	return parsePeak(status)
}

// parsePeak reads the line "VmHWM:   12345 kB" of /proc/self/status.
func parsePeak(status []byte) (float64, bool) {
	_, line, found := bytes.Cut(status, []byte("VmHWM:"))
	var kib float64
	if _, err := fmt.Sscan(string(line), &kib); !found || err != nil {
		return 0, false
	}
	return kib * 1024, true
}
