package producertest

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
	"strings"
	"testing"
	"time"

	"kafkaproducer/compress"
	"kafkaproducer/protocol"
	"kafkaproducer/record"
)

// Where a batch's fields are (KIP-98), for tests that break them.
const (
	atBaseOffset      = 0
	atLength          = 8
	atMagic           = 16
	atCRC             = 17
	atAttributes      = 21
	atLastOffsetDelta = 23
	atBaseSequence    = 53
	atCount           = 57
)

// checksummed sets the checksum of a batch that a test has changed.
func checksummed(b []byte) []byte {
	sum := crc32.Checksum(b[atAttributes:], crc32.MakeTable(crc32.Castagnoli))
	binary.BigEndian.PutUint32(b[atCRC:], sum)
	return b
}

func set16(b []byte, at int, v int16) []byte {
	binary.BigEndian.PutUint16(b[at:], uint16(v))
	return checksummed(b)
}

func set32(b []byte, at int, v int32) []byte {
	binary.BigEndian.PutUint32(b[at:], uint32(v))
	return checksummed(b)
}

// brokenBatches are batches that a broker refuses.
var brokenBatches = []struct {
	name    string
	spec    spec
	version int16 // of Produce; 0: 12
	config  TopicConfig
	change  func(b []byte) []byte
	want    protocol.ErrorCode
	records []int32 // those the answer names
}{
	{name: "none at all", change: func([]byte) []byte { return nil }, want: protocol.InvalidRecord},
	{name: "half a header", change: func(b []byte) []byte { return b[:30] }, want: protocol.InvalidRecord},
	{name: "last byte missing", change: func(b []byte) []byte { return b[:len(b)-1] }, want: protocol.InvalidRecord},
	{name: "two batches", change: func(b []byte) []byte { return append(b, b...) }, want: protocol.InvalidRecord},
	{name: "a byte too many", change: func(b []byte) []byte { return append(b, 0) }, want: protocol.InvalidRecord},
	{name: "magic 1", change: func(b []byte) []byte { b[atMagic] = 1; return b }, want: protocol.InvalidRecord},
	{name: "a bit changed", change: func(b []byte) []byte { b[len(b)-1] ^= 1; return b }, want: protocol.CorruptMessage},
	{name: "negative length", change: func(b []byte) []byte { return set32(b, atLength, -1) }, want: protocol.InvalidRecord},
	{name: "base offset", change: func(b []byte) []byte { b[atBaseOffset+7] = 1; return b }, want: protocol.InvalidRecord},
	{name: "count 0", change: func(b []byte) []byte { return set32(b, atCount, 0) }, want: protocol.InvalidRecord},
	{name: "count below", spec: spec{n: 3}, want: protocol.InvalidRecord,
		change: func(b []byte) []byte { return set32(set32(b, atCount, 2), atLastOffsetDelta, 1) }},
	{name: "count above", spec: spec{n: 3}, want: protocol.InvalidRecord,
		change: func(b []byte) []byte { return set32(set32(b, atCount, 4), atLastOffsetDelta, 3) }},
	{name: "a hostile count", want: protocol.InvalidRecord,
		change: func(b []byte) []byte { return set32(set32(b, atCount, 1<<31-1), atLastOffsetDelta, 1<<31-2) }},
	{name: "count and last offset differ", spec: spec{n: 3}, want: protocol.InvalidRecord,
		change: func(b []byte) []byte { return set32(b, atLastOffsetDelta, 3) }},
	{name: "a record too long for the batch", want: protocol.InvalidRecord,
		change: func(b []byte) []byte { b[record.BatchHeaderSize]++; return checksummed(b) }},
	{name: "offset delta", spec: spec{n: 2}, want: protocol.InvalidRecord,
		change: func(b []byte) []byte { b[record.BatchHeaderSize+3] = 2; return checksummed(b) }},
	{name: "control batch", change: func(b []byte) []byte { return set16(b, atAttributes, 1<<5) }, want: protocol.InvalidRecord},
	{name: "transactional", change: func(b []byte) []byte { return set16(b, atAttributes, 1<<4) }, want: protocol.InvalidTxnState},
	{name: "timestamp type of a broker", change: func(b []byte) []byte { return set16(b, atAttributes, 1<<3) },
		want: protocol.InvalidTimestamp, records: []int32{0}},
	{name: "producer id without a sequence", spec: spec{id: 7}, want: protocol.InvalidRecord,
		change: func(b []byte) []byte { return set32(b, atBaseSequence, -1) }},
	{name: "unknown codec", change: func(b []byte) []byte { return set16(b, atAttributes, 7) }, want: protocol.UnsupportedCompressionType},
	{name: "not compressed as it says", want: protocol.CorruptMessage,
		change: func(b []byte) []byte { return set16(b, atAttributes, int16(compress.Gzip)) }},
	{name: "zstd before Produce v7", spec: spec{n: 100, codec: compress.ZSTD}, version: 6, want: protocol.UnsupportedCompressionType},
	{name: "too large", spec: spec{value: strings.Repeat("x", 1000)}, config: TopicConfig{MaxMessageBytes: 1000},
		want: protocol.MessageTooLarge},
	{name: "no key in a compacted topic", spec: spec{n: 3}, config: TopicConfig{Compacted: true},
		want: protocol.InvalidRecord, records: []int32{0, 1, 2}},
	{name: "too old", spec: spec{n: 2, timestamp: 1}, config: TopicConfig{TimestampBefore: time.Hour},
		want: protocol.InvalidTimestamp, records: []int32{0, 1}},
	{name: "too far in the future", spec: spec{timestamp: 1 << 50}, config: TopicConfig{TimestampAfter: time.Hour},
		want: protocol.InvalidTimestamp, records: []int32{0}},
}

func TestBrokenBatches(t *testing.T) {
	for _, test := range brokenBatches {
		t.Run(test.name, func(t *testing.T) {
			c := Start(t, Options{})
			c.CreateTopic("t", test.config)
			version := test.version
			or(&version, lastByName)
			bytes := test.spec.bytes(t)
			if test.change != nil {
				bytes = test.change(bytes)
			}
			k := dial(t, c, 1)
			got := only(t, k.ask(version, produceRequest("t", 0, bytes)))
			wantCode(t, got, test.want)
			if got.BaseOffset != -1 {
				t.Errorf("base offset %d in a refusal", got.BaseOffset)
			}
			var records []int32
			for _, e := range got.RecordErrors {
				records = append(records, e.BatchIndex)
			}
			if !slices.Equal(records, test.records) {
				t.Errorf("answer names records %v, want %v", records, test.records)
			}
			if len(records) > 0 && got.ErrorMessage == nil {
				t.Error("records are refused without a message")
			}
			if end := c.EndOffset("t", 0); end != 0 {
				t.Errorf("the log ends at %d: the batch was appended", end)
			}
			if a := c.Attempts("t", 0); len(a) != 1 || a[0].Code != test.want || a[0].Reason == "" {
				t.Errorf("attempts are %+v, want one with %v and a reason", a, test.want)
			}
		})
	}
}

var someHeaders = []record.Header{{Key: "a", Value: []byte("b")}, {Key: "", Value: nil}, {Key: "a", Value: []byte{}}}

// TestEveryCodec: what each codec compresses is accepted and read back.
func TestEveryCodec(t *testing.T) {
	for codec := compress.None; codec.Known(); codec++ {
		t.Run(codec.String(), func(t *testing.T) {
			c := Start(t, Options{Topics: map[string]int32{"t": 1}})
			wantOffset(t, dial(t, c, 1).produce("t", 0, spec{n: 100, codec: codec}), 0)
			if got := c.Records("t", 0); len(got) != 100 || string(got[99].Value) != "value-99" {
				t.Errorf("read %d records back", len(got))
			}
			if got := c.Batches("t", 0)[0].Codec(); got != codec {
				t.Errorf("batch has codec %v", got)
			}
		})
	}
}

func TestSkipRecordValidation(t *testing.T) {
	c := Start(t, Options{SkipRecordValidation: true, Topics: map[string]int32{"t": 1}})
	k := dial(t, c, 1)
	broken := spec{n: 3}.bytes(t)
	broken[record.BatchHeaderSize]++
	wantOffset(t, only(t, k.ask(lastByName, produceRequest("t", 0, checksummed(broken)))), 0)
	broken[record.BatchHeaderSize]++
	wantCode(t, only(t, k.ask(lastByName, produceRequest("t", 0, broken))), protocol.CorruptMessage)
}

// FuzzBatch: what is accepted can be read back, as many records as the header says, and the quick check of records never
// accepts what the thorough one refuses.
func FuzzBatch(f *testing.F) {
	for codec := compress.None; codec.Known(); codec++ {
		f.Add(spec{n: 5, codec: codec, key: "k", headers: someHeaders}.bytes(f), true, int64(0), int64(0))
	}
	f.Add(spec{id: 7, seq: 3, n: 2}.bytes(f), false, int64(time.Hour), int64(time.Minute))
	for _, test := range brokenBatches {
		if test.change != nil {
			f.Add(test.change(test.spec.bytes(f)), test.config.Compacted,
				int64(test.config.TimestampBefore), int64(test.config.TimestampAfter))
		}
	}
	f.Fuzz(func(t *testing.T, bytes []byte, compacted bool, before, after int64) {
		if len(bytes) >= record.BatchHeaderSize {
			bytes = checksummed(slices.Clone(bytes)) // else hardly anything would get past the checksum
		}
		config := TopicConfig{
			Compacted: compacted, TimestampBefore: max(0, time.Duration(before)), TimestampAfter: max(0, time.Duration(after)),
		}.withDefaults(&Options{MaxMessageBytes: defaultMaxMessageBytes})
		b, v := parseBatch(bytes, lastByName, &config)
		if v.refused() {
			return
		}
		now := time.Now()
		quick, thorough := wellFormed(&b, bytes, &config, now), checkRecords(&b, &config, now)
		if quick && thorough.refused() {
			t.Fatalf("the quick check accepts what the thorough one refuses: %v, %s", thorough.code, thorough.reason)
		}
		if thorough.refused() {
			return
		}
		n := 0
		for _, err := range b.Records(decodedLimit) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != int(b.Count) {
			t.Fatalf("accepted a batch of %d records that says %d", n, b.Count)
		}
	})
}

// TestQuickCheckIsUsed: ordinary batches take the quick way.
func TestQuickCheckIsUsed(t *testing.T) {
	for codec := compress.None; codec.Known(); codec++ {
		bytes := spec{n: 200, codec: codec, key: "k", id: 7, headers: someHeaders, value: strings.Repeat("v", 300)}.bytes(t)
		config := TopicConfig{Compacted: true, TimestampBefore: time.Hour, TimestampAfter: time.Hour}.withDefaults(&Options{})
		b, _, err := record.ParseBatch(bytes)
		if err != nil {
			t.Fatal(err)
		}
		if !wellFormed(&b, bytes, &config, time.Now()) {
			t.Errorf("%v: an ordinary batch does not pass the quick check", codec)
		}
	}
}

// TestTwoBatchesForAPartition: of a request that has them a broker carries out the last one, and says nothing of the other.
func TestTwoBatchesForAPartition(t *testing.T) {
	for _, name := range []string{"side by side", "in two entries"} {
		t.Run(name, func(t *testing.T) {
			c := Start(t, Options{Topics: map[string]int32{"t": 2}})
			k := dial(t, c, 1)
			m := produceRequest("t", 0, spec{value: "first"}.bytes(t))
			again := produceRequest("t", 0, spec{value: "second"}.bytes(t)).TopicData[0]
			if name == "side by side" {
				m.TopicData[0].PartitionData = append(m.TopicData[0].PartitionData, again.PartitionData...)
			} else {
				m.TopicData = append(m.TopicData, again)
			}
			answers := 0
			for _, topic := range k.ask(lastByName, m).(*protocol.ProduceResponse).Responses {
				answers += len(topic.PartitionResponses)
			}
			if r := c.Records("t", 0); answers != 1 || len(r) != 1 || string(r[0].Value) != "second" {
				t.Errorf("%d answers, the log holds %v", answers, r)
			}
		})
	}
}
