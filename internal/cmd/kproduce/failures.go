package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kafkaproducer/producer"
)

// maxReasons is how many different reasons are counted apart, lest texts that all differ fill memory.
const maxReasons = 100

// failures counts failed records by reason.
type failures struct {
	count    int64
	byReason map[string]int64
}

// add counts a failed record.
func (f *failures) add(err error) {
	f.count++
	if f.byReason == nil {
		f.byReason = map[string]int64{}
	}
	why := reason(err)
	if _, known := f.byReason[why]; !known && len(f.byReason) >= maxReasons {
		why = "other reasons"
	}
	f.byReason[why]++
}

// lines returns a line for each reason, the most frequent first.
func (f *failures) lines() []string {
	reasons := slices.SortedFunc(maps.Keys(f.byReason), func(a, b string) int {
		return cmp.Or(cmp.Compare(f.byReason[b], f.byReason[a]), cmp.Compare(a, b))
	})
	for i, r := range reasons {
		reasons[i] = fmt.Sprintf("%10s  %s", group(f.byReason[r]), r)
	}
	return reasons
}

// reason is an error without what differs from record to record.
func reason(err error) string {
	var d *producer.DeliveryError
	if errors.As(err, &d) {
		return fmt.Sprintf("%s (%s)", plain(d.Err), d.Status)
	}
	var size *producer.RecordTooLargeError
	if errors.As(err, &size) {
		return fmt.Sprintf("larger than %s = %d", size.Property, size.Limit)
	}
	return plain(err)
}

// plain is an error's text without the name of the package it comes from.
func plain(err error) string { return withoutPackage(err.Error()) }

func withoutPackage(text string) string { return strings.ReplaceAll(text, "kafkaproducer: ", "") }
