package simulation

import "slices"

// Shrink returns a schedule that is as small as can be got by leaving things out while it still fails, in at most so many runs.
func Shrink(s Schedule, runs int, fails func(Schedule) bool) Schedule {
	for smaller := true; smaller; {
		smaller = false
		for _, less := range s.smaller() {
			if runs--; runs < 0 {
				return s
			}
			if fails(less) {
				s, smaller = less, true
				break
			}
		}
	}
	return s
}

// smaller returns what is like s but for one thing, the greatest steps first.
func (s Schedule) smaller() []Schedule {
	var all []Schedule
	add := func(change func(*Schedule)) {
		less := s
		less.Steps = slices.Clone(s.Steps)
		change(&less)
		all = append(all, less)
	}
	for size := len(s.Steps) / 2; size > 0; size /= 2 {
		for from := 0; from+size <= len(s.Steps); from += size {
			add(func(l *Schedule) { l.Steps = slices.Delete(l.Steps, from, from+size) })
		}
	}
	for i, step := range s.Steps {
		if step.N > 1 {
			add(func(l *Schedule) { l.Steps[i].N = 1 })
			add(func(l *Schedule) { l.Steps[i].N /= 2 })
			add(func(l *Schedule) { l.Steps[i].N-- })
		}
	}
	for i, step := range s.Steps {
		if step.Within > 0 || step.Overflow != "" {
			add(func(l *Schedule) { l.Steps[i].Within, l.Steps[i].Overflow = 0, "" })
		}
	}
	d := plain
	set := func(differs bool, change func(*Schedule)) {
		if differs {
			add(change)
		}
	}
	set(s.Brokers > 1, func(l *Schedule) { l.Brokers-- })
	set(s.Topics > 1, func(l *Schedule) { l.Topics-- })
	set(s.Partitions > 1, func(l *Schedule) { l.Partitions-- })
	set(s.Release != d.Release, func(l *Schedule) { l.Release = d.Release })
	set(s.MaxMessage != 0, func(l *Schedule) { l.MaxMessage = 0 })
	set(s.Epoch != 0, func(l *Schedule) { l.Epoch = 0 })
	set(s.Sequence != 0, func(l *Schedule) { l.Sequence = 0 })
	set(s.Protocol != "", func(l *Schedule) { l.Protocol = "" })
	set(s.Mechanism == Mechanisms[1] || s.Mechanism == Mechanisms[2], func(l *Schedule) { l.Mechanism = Mechanisms[0] })
	set(s.Session != 0, func(l *Schedule) { l.Session = 0 })
	set(s.Heal != d.Heal, func(l *Schedule) { l.Heal = d.Heal })
	set(s.Latency != 0, func(l *Schedule) { l.Latency = 0 })
	set(s.InFlight != d.InFlight, func(l *Schedule) { l.InFlight = d.InFlight })
	set(s.Gather != "", func(l *Schedule) { l.Gather = "" })
	set(s.Linger != 0, func(l *Schedule) { l.Linger = 0 })
	set(s.Batch != d.Batch, func(l *Schedule) { l.Batch = d.Batch })
	set(s.MaxRequest != 0, func(l *Schedule) { l.MaxRequest = 0 })
	set(s.Memory != d.Memory, func(l *Schedule) { l.Memory = d.Memory })
	set(s.Retries != 0, func(l *Schedule) { l.Retries = 0 })
	set(s.Compression != 0, func(l *Schedule) { l.Compression = 0 })
	set(s.Partitioner != d.Partitioner, func(l *Schedule) { l.Partitioner = d.Partitioner })
	set(s.Gapless, func(l *Schedule) { l.Gapless = false })
	set(s.Block != 0, func(l *Schedule) { l.Block = 0 })
	set(s.Echo != 0, func(l *Schedule) { l.Echo = 0 })
	set(s.Overflow != "", func(l *Schedule) { l.Overflow = "" })
	set(s.TopicOverflow != "", func(l *Schedule) { l.TopicOverflow = "" })
	return all
}

// plain are the settings that String leaves out.
var plain = func() (s Settings) {
	settingsFlags(&s)
	return s
}()
