package main

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

func testSetting(seed uint64) Setting {
	return Setting{Seed: seed, Length: 3 * time.Minute, Brokers: 3, Outage: 24 * time.Second, Kernel: true}
}

func TestPlanIsDetermined(t *testing.T) {
	a, b := Plan(testSetting(1)), Plan(testSetting(1))
	if !reflect.DeepEqual(a, b) {
		t.Errorf("two plans of one seed:\n%v\n%v", a, b)
	}
	if reflect.DeepEqual(a, Plan(testSetting(2))) {
		t.Error("two seeds give the same plan")
	}
	longer := testSetting(1)
	longer.Length *= 2
	for i, step := range Plan(longer)[:10] {
		if step != a[i] {
			t.Errorf("step %d of a longer plan is %v, not %v", i, step, a[i])
		}
	}
}

// Without the kernel's faults the others stay where they are.
func TestPlanWithoutKernel(t *testing.T) {
	with, without := testSetting(7), testSetting(7)
	without.Kernel = false
	want := slices.DeleteFunc(Plan(with), func(s Step) bool { return classOf(s.Kind).kernel })
	if got := Plan(without); len(got) == len(Plan(with)) || !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

func TestPlanRules(t *testing.T) {
	for seed := range uint64(200) {
		s := testSetting(seed)
		s.Length = 5 * time.Minute
		steps := Plan(s)
		seen := map[Kind]int{}
		heavyEnd := time.Duration(0)
		for i, step := range steps {
			c := classOf(step.Kind)
			seen[step.Kind]++
			if i > 0 && step.At < steps[i-1].At {
				t.Fatalf("seed %d: not in order: %v", seed, step)
			}
			if step.At < lead || step.At+step.For > s.Length-tail {
				t.Errorf("seed %d: outside the run: %v", seed, step)
			}
			if step.Broker < 1 || step.Broker > s.Brokers || step.Amount < c.least || step.Amount > c.most {
				t.Errorf("seed %d: out of range: %v", seed, step)
			}
			if c.heavy {
				if heavyEnd > 0 && step.At < heavyEnd+recovery {
					t.Errorf("seed %d: no time to recover before %v", seed, step)
				}
				heavyEnd = step.At + step.For
			}
		}
		for _, c := range classes {
			if seen[c.kind] == 0 {
				t.Errorf("seed %d: no %s", seed, c.kind)
			}
		}
	}
}

// The short form has each gentle kind once, over in time.
func TestPlanGentle(t *testing.T) {
	s := Setting{Seed: 5, Length: 30 * time.Second, Brokers: 3, Gentle: true}
	seen := map[Kind]int{}
	for _, step := range Plan(s) {
		seen[step.Kind]++
		if step.At+step.For >= s.Length {
			t.Errorf("not over: %v", step)
		}
	}
	for _, c := range classes {
		if want := map[bool]int{true: 1}[c.gentle]; seen[c.kind] != want {
			t.Errorf("%d times %s, want %d", seen[c.kind], c.kind, want)
		}
	}
}
