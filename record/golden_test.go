package record_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"kafkaproducer/compress"
	"kafkaproducer/record"
)

// The judge of what this package writes and reads is Kafka's own Java client.
// It wrote the files of testdata/record (internal/golden, Batches.java: the form
// of a file is described in BatchFile.java), and it reads what TestWriteBatches
// writes (VerifyBatches.java). internal/golden/run does both; this test needs only Go.

var batchesOut = flag.String("batches", "", "folder for TestWriteBatches to write to")

// golden is a file of records and of batches made of them.
type golden struct {
	producerID    int64
	producerEpoch int16
	baseSequence  int32
	records       []record.Record
	batches       []goldenBatch
}

type goldenBatch struct {
	codec compress.Codec
	level string
	bytes []byte
}

func TestGolden(t *testing.T) {
	for name, g := range readGoldens(t, filepath.Join("..", "testdata", "record")) {
		for _, want := range g.batches {
			t.Run(fmt.Sprintf("%s/%v %s", name, want.codec, want.level), func(t *testing.T) {
				if want.codec == compress.None {
					got := build(t, len(want.bytes), g.records)
					got.Stamp(g.producerID, g.producerEpoch, g.baseSequence, -1)
					if !bytes.Equal(got.Bytes(), want.bytes) {
						t.Errorf("bytes differ:\n got %x\nwant %x", got.Bytes(), want.bytes)
					}
				}
				batch, records := read(t, want.bytes)
				if diff := diffRecords(g.records, records); diff != "" {
					t.Errorf("records differ (-want +got):\n%s", diff)
				}
				if batch.Codec() != want.codec || batch.ProducerID != g.producerID || batch.ProducerEpoch != g.producerEpoch ||
					batch.BaseSequence != g.baseSequence || batch.PartitionLeaderEpoch != -1 || batch.LogAppendTime() || batch.Transactional() || batch.Control() {
					t.Errorf("header %+v of producer %d, epoch %d, sequence %d", batch, g.producerID, g.producerEpoch, g.baseSequence)
				}
			})
		}
	}
}

// TestWriteBatches writes batches for the Java classes to read. Without the
// flag it writes to a temporary folder, and of each codec one level. Either way it reads them back itself.
func TestWriteBatches(t *testing.T) {
	levels := map[compress.Codec][]int{
		compress.None:   {compress.DefaultLevel},
		compress.Gzip:   {-1, 1, 9},
		compress.Snappy: {compress.DefaultLevel},
		compress.LZ4:    {9, 1, 17},
		compress.ZSTD:   {3, -5, 7, 19},
	}
	dir := *batchesOut
	if dir == "" {
		dir = t.TempDir()
		for c := range levels {
			levels[c] = levels[c][:1]
		}
	}
	goldens := readGoldens(t, filepath.Join("..", "testdata", "record"))
	for name, records := range largeLists() {
		goldens[name] = golden{producerID: 1, producerEpoch: 2, baseSequence: 3, records: records}
	}
	for name, g := range goldens {
		b := build(t, room(g.records), g.records)
		g.batches = nil
		for c, ls := range levels {
			for _, level := range ls {
				if _, err := b.Seal(c, level, nil); err != nil {
					t.Fatal(err)
				}
				b.Stamp(g.producerID, g.producerEpoch, g.baseSequence, -1)
				batch, got := read(t, b.Bytes())
				if diff := diffRecords(g.records, got); diff != "" {
					t.Errorf("%s, %v %d: records differ (-want +got):\n%s", name, c, level, diff)
				}
				text := strconv.Itoa(level)
				if level == compress.DefaultLevel {
					text = "-"
				}
				// The batch's codec, which is none when it would not shrink.
				g.batches = append(g.batches, goldenBatch{batch.Codec(), text, bytes.Clone(b.Bytes())})
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name+".txt"), g.text(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(readGoldens(t, dir)); n != len(goldens) {
		t.Errorf("%d files in the folder, want %d", n, len(goldens))
	}
}

// largeLists are records that make batches of max.request.size and more, beyond
// the blocks and windows of every codec, and a record that size alone.
func largeLists() map[string][]record.Record {
	const now = 1_700_000_000_000
	rnd := rand.NewChaCha8([32]byte{1})
	noise := make([]byte, 300_000)
	rnd.Read(noise)
	lists := map[string][]record.Record{
		"large-record": {{Timestamp: now, Key: []byte("k"), Value: bytes.Repeat([]byte("0123456789"), 120_000)}},
		"large-noise":  {{Timestamp: now, Value: noise}, {Offset: 1, Timestamp: now, Value: []byte("small")}, {Offset: 2, Timestamp: now, Value: noise[:70_000]}},
	}
	for i := range 12_000 {
		value := fmt.Appendf(nil, `{"id":%d,"event":"page_view","path":"/item/%x","ok":true}`, i*7919, rnd.Uint64()%1000)
		lists["large-log"] = append(lists["large-log"], record.Record{Offset: int64(i), Timestamp: now + int64(i/100), Value: value})
	}
	return lists
}

func readGoldens(t *testing.T, dir string) map[string]golden {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	goldens := map[string]golden{}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		g, err := parseGolden(string(b))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		goldens[strings.TrimSuffix(filepath.Base(path), ".txt")] = g
	}
	return goldens
}

func parseGolden(text string) (g golden, err error) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		switch f[0] {
		case "producer":
			_, err = fmt.Sscan(strings.Join(f[1:], " "), &g.producerID, &g.producerEpoch, &g.baseSequence)
		case "record":
			r := record.Record{Offset: int64(len(g.records)), Key: parseBytes(f[2]), Value: parseBytes(f[3])}
			r.Timestamp, err = strconv.ParseInt(f[1], 10, 64)
			g.records = append(g.records, r)
		case "header":
			r := &g.records[len(g.records)-1]
			r.Headers = append(r.Headers, record.Header{Key: string(parseBytes(f[1])), Value: parseBytes(f[2])})
		case "batch":
			b := goldenBatch{level: f[2], bytes: parseBytes(f[3])}
			b.codec, err = compress.Parse(f[1])
			g.batches = append(g.batches, b)
		default:
			err = fmt.Errorf("what is %q", f[0])
		}
		if err != nil {
			return g, err
		}
	}
	return g, nil
}

func (g golden) text() []byte {
	b := fmt.Appendf(nil, "producer %d %d %d\n", g.producerID, g.producerEpoch, g.baseSequence)
	for _, r := range g.records {
		b = fmt.Appendf(b, "record %d %s %s\n", r.Timestamp, formatBytes(r.Key), formatBytes(r.Value))
		for _, h := range r.Headers {
			b = fmt.Appendf(b, "header %s %s\n", formatBytes([]byte(h.Key)), formatBytes(h.Value))
		}
	}
	for _, batch := range g.batches {
		b = fmt.Appendf(b, "batch %v %s %s\n", batch.codec, batch.level, formatBytes(batch.bytes))
	}
	return b
}

// parseBytes panics where the file is wrong.
func parseBytes(s string) []byte {
	if s == "null" {
		return nil
	}
	digits, times, repeated := strings.Cut(s[1:], "*")
	b, err := hex.DecodeString(digits)
	if err != nil {
		panic(err)
	}
	if repeated {
		n, err := strconv.Atoi(times)
		if err != nil {
			panic(err)
		}
		b = bytes.Repeat(b, n)
	}
	return b
}

func formatBytes(b []byte) string {
	if b == nil {
		return "null"
	}
	return "x" + hex.EncodeToString(b)
}
