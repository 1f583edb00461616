package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// report prints what became of a run.
func (t *tool) report(r *result) {
	t.screen.reportEnd(r)
	tally := r.tally
	tally.mu.Lock()
	defer tally.mu.Unlock()
	writeTable(t.stdout, tally.partitions)
	seconds := max(r.took, time.Microsecond).Seconds()
	fmt.Fprintf(t.stdout, "\n%s records acknowledged, %s sent, in %v: %s records/s, %s/s\n", group(tally.records), size(r.bytes), brief(r.took),
		group(int64(float64(tally.records)/seconds)), size(int64(float64(r.bytes)/seconds)))
	if l := &tally.latency; l.count > 0 {
		fmt.Fprintf(t.stdout, "acknowledged after p50 %v, p99 %v, max %v\n", brief(l.quantile(0.50)), brief(l.quantile(0.99)), brief(l.max))
	}
	if tally.failures.count > 0 {
		fmt.Fprintf(t.stdout, "\n%s failed, by reason:\n", group(tally.failures.count))
		for _, line := range tally.failures.lines() {
			fmt.Fprintln(t.stdout, line)
		}
	}
}

// reportEnd says why not everything was sent.
func (s *screen) reportEnd(r *result) {
	if r.interrupted {
		s.say("interrupted after line %d; what follows was not sent", r.lines)
	}
	if r.stopped != nil {
		s.say("reading ended at line %d: %s", r.lines, plain(r.stopped))
	}
	if r.aborted != nil {
		s.say("%s", plain(r.aborted))
	}
}

// writeTable prints a line for each partition that has records, and their sum.
func writeTable(w io.Writer, partitions []partitionTally) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "partition\trecords\tfirst offset\tlast offset\t\n")
	var sum int64
	for i, p := range partitions {
		if p.records == 0 {
			continue
		}
		sum += p.records
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t\n", i, group(p.records), offset(p.first), offset(p.last))
	}
	fmt.Fprintf(table, "all\t%s\t\t\t\n", group(sum))
	table.Flush()
}

// offset writes an offset, or a dash where the broker didn't say it.
func offset(n int64) string {
	if n < 0 {
		return "-"
	}
	return group(n)
}

// reportVerdict prints what a verification has found, and tells whether that is nothing.
func (t *tool) reportVerdict(read int64, faults []string) bool {
	if len(faults) == 0 {
		fmt.Fprintf(t.stdout, "\nverified: %s records read back; every line is there once, in the order of its key, and in the partition\n"+
			"that its key's murmur2 hash names; what callbacks said of offsets is true\n", group(read))
		return true
	}
	fmt.Fprintf(t.stdout, "\nNOT verified: %s records read back:\n", group(read))
	for _, f := range faults {
		fmt.Fprintln(t.stdout, "  "+f)
	}
	return false
}
