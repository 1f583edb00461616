package main

import (
	"slices"
	"testing"
)

func TestParseList(t *testing.T) {
	const list = `FuzzOne
FuzzTwo
ok  	m/a	0.004s
?   	m/b	[no test files]
ok  	m/c	0.003s
FuzzThree
ok  	m/d	(cached)
`
	want := []target{{"m/a", "FuzzOne"}, {"m/a", "FuzzTwo"}, {"m/d", "FuzzThree"}}
	if got := parseList(list); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// The end of the time is no finding; an input that fails is one, also when the time ends on it.
func TestRanOut(t *testing.T) {
	const deadline = "--- FAIL: FuzzX (3.02s)\n    context deadline exceeded\nFAIL\n"
	for out, want := range map[string]bool{
		deadline: true,
		"--- FAIL: FuzzX (0.02s)\n    x_test.go:1: no\n    Failing input written to testdata/fuzz/FuzzX/1\n": false,
		deadline + "    Failing input written to testdata/fuzz/FuzzX/1\n":                                    false,
		deadline + "panic: no\n": false,
	} {
		if got := ranOut([]byte(out)); got != want {
			t.Errorf("ranOut(%q) = %v", out, got)
		}
	}
}
