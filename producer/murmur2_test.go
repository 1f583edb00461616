package producer

import (
	"bufio"
	"encoding/hex"
	"os"
	"strconv"
	"strings"
	"testing"
)

// The hash and the partitions are what the Java client makes of these keys; internal/golden/run writes the file anew. Its
// lines are the key in hexadecimal ("-": empty), the hash as Java's int, and n:partition for some numbers of partitions.
func TestMurmur2IsKafkas(t *testing.T) {
	f, err := os.Open("../testdata/partitioner/murmur2")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := 0
	for in := bufio.NewScanner(f); in.Scan(); lines++ {
		fields := strings.Fields(in.Text())
		key, err := hex.DecodeString(strings.TrimPrefix(fields[0], "-"))
		if err != nil {
			t.Fatal(err)
		}
		if got := strconv.Itoa(int(int32(murmur2(key)))); got != fields[1] {
			t.Errorf("murmur2(%x) = %s, Java has %s", key, got, fields[1])
		}
		for _, field := range fields[2:] {
			n, want, _ := strings.Cut(field, ":")
			partitions, err := strconv.ParseInt(n, 10, 32)
			if err != nil {
				t.Fatal(err)
			}
			if got := strconv.Itoa(int(partitionForKey(key, int32(partitions)))); got != want {
				t.Errorf("key %x of %s partitions is in %s, Java has %s", key, n, got, want)
			}
		}
	}
	if lines < 500 {
		t.Errorf("only %d keys", lines)
	}
}

// The vectors of org.apache.kafka.common.utils.UtilsTest.
func TestMurmur2Vectors(t *testing.T) {
	for key, want := range map[string]int32{
		"21":                         -973932308,
		"foobar":                     -790332482,
		"a-little-bit-long-string":   -985981536,
		"a-little-bit-longer-string": -1486304829,
		"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
		"abc": 479470107,
	} {
		if got := int32(murmur2([]byte(key))); got != want {
			t.Errorf("murmur2(%q) = %d, want %d", key, got, want)
		}
	}
}

func TestPartitionForKeyAllocatesNothing(t *testing.T) {
	key := []byte("customer-4711")
	if n := testing.AllocsPerRun(100, func() { partitionForKey(key, 12) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkPartitionForKey(b *testing.B) {
	for _, size := range []int{8, 16, 36, 100} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			key := make([]byte, size)
			for b.Loop() {
				partitionForKey(key, 12)
			}
		})
	}
}
