package main

import (
	"testing"
)

// Without arguments the sample goes to brokers in the process, over real connections, and is verified.
func TestEmbedded(t *testing.T) {
	tests := []struct {
		name string
		args []string
		text string
	}{
		{"no arguments", nil, "with compression.type=zstd and linger.ms=5"},
		{"other properties", []string{"-X", "compression.type=lz4", "-X", "linger.ms=0", "-X", "acks=1"}, "with compression.type=lz4 and linger.ms=0"},
		{"no acknowledgements", []string{"-X", "acks=0"}, "with compression.type=zstd"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			kproduce(nil, nil, nil, test.args...).expect(t, allDone,
				"no cluster named: 3 brokers in this process listen on 127.0.0.1:",
				"sending the 20,000 lines of testdata/sample/events.tsv to topic events, "+test.text,
				"20,000 records acknowledged, 1.5 MB sent, in ",
				"verified: 20,000 records read back; every line is there once")
		})
	}
}

// What is not right makes the exit status say so. All but the smallest lines are missing here.
func TestEmbeddedNotVerified(t *testing.T) {
	kproduce(nil, nil, nil, "-X", "max.request.size=150").expect(t, notAll,
		"is larger than max.request.size = 150", " failed, by reason:", "NOT verified: ", "missing lines: ")
}
