//go:build !linux

// Package pause waits.
package pause

import "time"

// Until waits until t.
func Until(t time.Time) { time.Sleep(time.Until(t)) }
