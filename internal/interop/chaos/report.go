package main

import (
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Report is what a run tells, as a page in Markdown.
type Report struct {
	Options options
	Kafka   string // the brokers' version
	Kernel  error  // why there were no faults of the kernel; nil: there were
	Results []*Result
	Date    time.Time
}

// Line is a result in short.
func (r *Result) Line() string {
	if r.Err != nil {
		return fmt.Sprintf("%s: no verdict: %v", r.Client, r.Err)
	}
	return fmt.Sprintf("%s: %d sent, %d acknowledged, %d failed; violations: %s; longest stall %v; after %v", r.Client, r.Verdict.Sent,
		r.Verdict.Outcomes[Acknowledged], r.failed(), r.Verdict.Summary(), r.longestStall(), r.Took.Round(time.Second))
}

// failed is how many callbacks got an error.
func (r *Result) failed() int {
	o := r.Verdict.Outcomes
	return o[NotPersisted] + o[PossiblyPersisted] + o[Persisted] + o[Failed]
}

func (r *Result) longestStall() time.Duration {
	longest := time.Duration(0)
	for _, s := range r.Report.Stalls {
		longest = max(longest, stallLength(s))
	}
	return longest
}

func stallLength(s [2]int64) time.Duration { return time.Duration(s[1]-s[0]) * time.Millisecond }

// stallsBy returns the longest stall of each kind of fault: a stall is counted for the fault that was in force, or over for less
// than half a second, during most of it.
func (r *Result) stallsBy() map[Kind]time.Duration {
	const after = 500 * time.Millisecond
	longest := map[Kind]time.Duration{}
	for _, s := range r.Report.Stalls {
		var reason Kind
		most := time.Duration(0)
		for _, f := range r.Faults {
			from, to := max(s[0], f.Began.UnixMilli()), min(s[1], f.Ended.Add(after).UnixMilli())
			if overlap := stallLength([2]int64{from, to}); overlap > most {
				reason, most = f.Kind, overlap
			}
		}
		if most > 0 {
			longest[reason] = max(longest[reason], stallLength(s))
		}
	}
	return longest
}

// Write writes the page.
func (p *Report) Write(w io.Writer) {
	o := p.Options
	fmt.Fprintf(w, "# Chaos\n\n%s: Apache Kafka %s, %d brokers (each controller and broker), replication %d, min.insync.replicas 2,\n"+
		"%d partitions; %d goroutines send %d records over %v. %d cores, %s. Seed %d.\n\n", p.Date.UTC().Format(time.DateOnly), p.Kafka, brokers,
		replication, o.load.Partitions, o.load.Goroutines, o.load.Records, o.load.Length, runtime.NumCPU(), runtime.Version(), o.seed)
	fmt.Fprintf(w, "    make chaos SEED=%d TIME=%v RECORDS=%d\n\n", o.seed, o.load.Length, o.load.Records)
	fmt.Fprintf(w, "All producers: acks=all, idempotent, delivery.timeout.ms=%d, request.timeout.ms=%d, linger.ms=%d, batch.size=16384,\n"+
		"buffer.memory=%d, in a process of their own, one after another, under the same schedule. Read back by Kafka's consumer.\n\n",
		deliveryTimeout.Milliseconds(), requestTimeout.Milliseconds(), linger.Milliseconds(), bufferMemory)
	fmt.Fprint(w, "Zeroes among the violations are the result. The other figures depend on who the controller is at that moment, how quickly brokers come\n"+
		"back, and what else the machine does: they say roughly how producers differ, and in one run.\n\n")
	if p.Kernel != nil {
		fmt.Fprintf(w, "Without faults of the kernel: %v.\n\n", p.Kernel)
	}
	p.table(w, rows)
	p.faults(w)
	for _, r := range p.Results {
		r.details(w)
	}
}

// row is a line of the table: of each producer one value.
type row struct {
	name  string
	value func(*Result) string
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
func megabytes(n int64) string       { return fmt.Sprintf("%.0f MB", float64(n)/1e6) }

func outcome(o Outcome) func(*Result) string {
	return func(r *Result) string { return fmt.Sprint(r.Verdict.Outcomes[o]) }
}

func broken(v Violation) func(*Result) string {
	return func(r *Result) string { return fmt.Sprint(r.Verdict.Broken[v]) }
}

var rows = []row{
	{"records sent", func(r *Result) string { return fmt.Sprint(r.Verdict.Sent) }},
	{"acknowledged", outcome(Acknowledged)},
	{"**lost**: acknowledged and not there", broken(Lost)},
	{"**duplicates**", broken(Doubled)},
	{"**reordered**", broken(Reordered)},
	{"**untruthful** status", broken(Untruthful)},
	{"not where the callback said", broken(Misplaced)},
	{"callbacks: none", broken(NoCallback)},
	{"callbacks: several", broken(ManyCallbacks)},
	{"callbacks: out of order", broken(CallbackDisorder)},
	{"failed: NotPersisted", outcome(NotPersisted)},
	{"failed: PossiblyPersisted", outcome(PossiblyPersisted)},
	{"failed: Persisted", outcome(Persisted)},
	{"failed: doesn't say", outcome(Failed)},
	{"refused by Send", outcome(Refused)},
	{"longest stall: nothing acknowledged while some was due", func(r *Result) string { return seconds(r.longestStall()) }},
	{"all stalls from 0.1 s on", func(r *Result) string {
		sum := time.Duration(0)
		for _, s := range r.Report.Stalls {
			sum += stallLength(s)
		}
		return seconds(sum)
	}},
	{"longest time from Send, with its wait for room, to an outcome", func(r *Result) string { return seconds(time.Duration(r.Report.LongestMillis) * time.Millisecond) }},
	{"most bytes without outcome", func(r *Result) string { return megabytes(r.Report.PeakPending) }},
	{"peak resident memory of the process", func(r *Result) string { return megabytes(r.Resident) }},
	{"time, with Close", func(r *Result) string { return seconds(r.Took) }},
	{"of it Close", func(r *Result) string { return seconds(time.Duration(r.Report.CloseMillis) * time.Millisecond) }},
}

func (p *Report) table(w io.Writer, rows []row) {
	p.head(w, "")
	for _, row := range rows {
		fmt.Fprintf(w, "| %s |", row.name)
		for _, r := range p.Results {
			if r.Err != nil {
				fmt.Fprint(w, " – |")
				continue
			}
			fmt.Fprintf(w, " %s |", row.value(r))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w)
}

func (p *Report) head(w io.Writer, first string) {
	names, rule := "| "+first+" |", "| --- |"
	for _, r := range p.Results {
		names, rule = names+" "+r.Client+" |", rule+" ---: |"
	}
	fmt.Fprintf(w, "%s\n%s\n", names, rule)
}

// faults is the table of what was done, and how long each producer stalled over it.
func (p *Report) faults(w io.Writer) {
	fmt.Fprintf(w, "## Faults\n\nHow often each was made, and the longest stall that it was the most of. What was meant to be made but could not (an election that\n"+
		"the cluster refused at that moment, say) is not counted.\n\n")
	p.head(w, "fault")
	made := make([]map[Kind]int, len(p.Results))
	stalls := make([]map[Kind]time.Duration, len(p.Results))
	for i, r := range p.Results {
		made[i], stalls[i] = map[Kind]int{}, map[Kind]time.Duration{}
		for _, f := range r.Faults {
			if f.Err == nil {
				made[i][f.Kind]++
			}
		}
		if r.Err == nil {
			stalls[i] = r.stallsBy()
		}
	}
	for _, c := range classes {
		line, any := fmt.Sprintf("| %s: %s |", c.kind, c.what), false
		for i := range p.Results {
			line += fmt.Sprintf(" %d / %s |", made[i][c.kind], seconds(stalls[i][c.kind]))
			any = any || made[i][c.kind] > 0
		}
		if any {
			fmt.Fprintln(w, line)
		}
	}
	fmt.Fprintln(w)
}

// details tells why records failed, what of the promise was broken, and which faults could not be made.
func (r *Result) details(w io.Writer) {
	fmt.Fprintf(w, "## %s\n\n", r.Client)
	if r.Err != nil {
		fmt.Fprintf(w, "No verdict: %v\n\n", r.Err)
		return
	}
	if len(r.Report.Failures) == 0 {
		fmt.Fprintln(w, "No record failed.")
	}
	for _, cause := range slices.Sorted(maps.Keys(r.Report.Failures)) {
		fmt.Fprintf(w, "- %d failed: %s\n", r.Report.Failures[cause], strings.ReplaceAll(cause, "\n", " "))
	}
	for _, f := range r.Faults {
		if f.Err != nil {
			fmt.Fprintf(w, "- not made, or not lifted at once: %v: %.150s\n", f.Step, strings.ReplaceAll(f.Err.Error(), "\n", " "))
		}
	}
	if err := r.Broken(); err != nil {
		fmt.Fprintf(w, "\nBroken: %v\n\n", err)
		for _, example := range r.Verdict.Examples {
			fmt.Fprintf(w, "- %s\n", example)
		}
	}
	fmt.Fprintln(w)
}
