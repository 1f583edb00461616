//go:build !linux

package load

func peakMemory() (bytes float64, ok bool) { return 0, false }
