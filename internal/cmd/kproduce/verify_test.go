package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kafkaproducer/record"
	"kafkaproducer/testdata/sample"
)

// The golden file is written by Kafka's Java client: a key, its hash, and partitions by their number.
func TestKeyPartition(t *testing.T) {
	file, err := os.Open(filepath.FromSlash("../../../testdata/partitioner/murmur2"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	n := 0
	for lines := bufio.NewScanner(file); lines.Scan(); n++ {
		fields := strings.Fields(lines.Text())
		key, err := hex.DecodeString(strings.TrimPrefix(fields[0], "-"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range fields[2:] {
			of, want, _ := strings.Cut(f, ":")
			partitions, err := strconv.ParseInt(of, 10, 32)
			if err != nil {
				t.Fatal(err)
			}
			if got := keyPartition(key, int32(partitions)); fmt.Sprint(got) != want {
				t.Errorf("key %x of %d partitions: %d, want %s", key, partitions, got, want)
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d keys", n)
	}
}

// What a verifier is there to find, it finds.
func TestVerifier(t *testing.T) {
	const text = "a\t1\na\t2\nb\t1\na\t3\na\t3\n"
	const partitions = 4
	at := keyPartition([]byte("a"), partitions)
	elsewhere := (at + 1) % partitions
	right := []string{"a=1", "a=2", "a=3", "a=3"}
	tests := []struct {
		name      string
		atA       []string
		elsewhere []string
		withoutB  bool
		want      []string // parts of what is said
	}{
		{name: "right", atA: right},
		{name: "lost", atA: right[:3], want: []string{"missing lines: 1"}},
		{name: "another lost", atA: right, withoutB: true, want: []string{"missing lines: 1"}},
		{name: "twice", atA: append([]string{"a=1"}, right...), want: []string{`offset 1: after 1 lines with key "a" comes "1", which is not the next one`}},
		{name: "twice at the end", atA: append(right[:4:4], "a=3"), want: []string{`offset 4: after 4 lines with key "a" comes "3", which is not`}},
		{name: "wrong order", atA: []string{"a=2", "a=1", "a=3", "a=3"}, want: []string{`comes "2"`, `comes "3"`, `comes "3"`, "missing lines: 3"}},
		{name: "wrong partition", atA: right[:3], elsewhere: right[3:], want: []string{fmt.Sprintf(`key "a" belongs into partition %d`, at), "missing lines: 1"}},
		{name: "wrong value", atA: []string{"a=1", "a=2", "a=3", "a=4"}, want: []string{`comes "4"`, "missing lines: 1"}},
		{name: "unknown key", atA: append(right[:4:4], "c=1"), want: []string{`no line has the key "c"`}},
		{name: "much", atA: append(right[:4:4], slices.Repeat([]string{"c=1"}, 12)...), want: append(slices.Repeat([]string{"no line"}, maxFaults), "and 2 more")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v, err := newVerifier([]byte(text), format{keys: true, separator: "\t"}, partitions)
			if err != nil {
				t.Fatal(err)
			}
			v.read(at, recordsOf(test.atA))
			v.read(elsewhere, recordsOf(test.elsewhere))
			if !test.withoutB {
				v.read(keyPartition([]byte("b"), partitions), recordsOf([]string{"b=1"}))
			}
			faults := v.verdict()
			if !slices.EqualFunc(faults, test.want, strings.Contains) {
				t.Errorf("faults %q, want %q", faults, test.want)
			}
		})
	}
	if _, err := newVerifier([]byte("a"), format{keys: true, separator: "\t"}, 1); err == nil {
		t.Error("a line without a key is no error")
	}
}

func recordsOf(texts []string) []record.Record {
	var records []record.Record
	for i, s := range texts {
		key, value, _ := strings.Cut(s, "=")
		records = append(records, record.Record{Offset: int64(i), Key: []byte(key), Value: []byte(value)})
	}
	return records
}

func TestVerifierCompares(t *testing.T) {
	tests := []struct {
		records int64
		told    partitionTally
		right   bool
	}{
		{0, partitionTally{0, -1, -1}, true},
		{5, partitionTally{5, 0, 4}, true},
		{5, partitionTally{5, -1, -1}, true}, // acks=0
		{5, partitionTally{4, 0, 4}, false},
		{5, partitionTally{5, 1, 5}, false},
		{5, partitionTally{0, -1, -1}, false},
		{0, partitionTally{1, 0, 0}, false},
	}
	for _, test := range tests {
		var v verifier
		if v.compare(0, test.records, test.told); (v.verdict() == nil) != test.right {
			t.Errorf("%+v: %q", test, v.verdict())
		}
	}
}

func TestSample(t *testing.T) {
	v, err := newVerifier(sample.Events, format{keys: true, separator: "\t"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if v.missing != sample.Lines || len(v.keys) < 1000 {
		t.Errorf("%d lines with %d keys", v.missing, len(v.keys))
	}
}
