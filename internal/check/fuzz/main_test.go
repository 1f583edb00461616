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
