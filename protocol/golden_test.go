package protocol

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// The frames in testdata are Kafka's own: internal/golden writes them with the Java client's classes, beside their
// values as the client's JSON converters print them. Decoding a frame must give the values, and encoding those again
// the frame.

const framesDir = "../testdata/protocol/frames"

// goldenFrame is a frame of the Java client.
type goldenFrame struct {
	version int16
	name    string
	header  map[string]any
	body    map[string]any
	frame   []byte // without its size
}

// hasUnknownTags reports whether the frame holds tagged fields that this package leaves out when it encodes.
func (g *goldenFrame) hasUnknownTags() bool { return g.name == "unknown-tags" }

func readFrames(t testing.TB, message string) []goldenFrame {
	t.Helper()
	file, err := os.Open(filepath.Join(framesDir, message+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	next := func() []byte {
		if !lines.Scan() {
			t.Fatalf("%s ends within a frame: %v", message, lines.Err())
		}
		return lines.Bytes()
	}
	var frames []goldenFrame
	for lines.Scan() {
		version, name, ok := strings.Cut(lines.Text(), " ")
		if !ok || version == "#" {
			continue
		}
		v, err := strconv.ParseInt(version, 10, 16)
		if err != nil {
			t.Fatal(err)
		}
		g := goldenFrame{version: int16(v), name: name}
		g.header = readJSON(t, next())
		g.body = readJSON(t, next())
		if g.frame, err = hex.AppendDecode(nil, next()); err != nil {
			t.Fatal(err)
		}
		if size := binary.BigEndian.Uint32(g.frame); int(size) != len(g.frame)-sizeLen {
			t.Fatalf("%s %s: size %d of %d bytes", message, name, size, len(g.frame))
		}
		g.frame = g.frame[sizeLen:]
		frames = append(frames, g)
	}
	return frames
}

func readJSON(t testing.TB, line []byte) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	var values map[string]any
	if err := decoder.Decode(&values); err != nil {
		t.Fatal(err)
	}
	return values
}

func TestGoldenRequests(t *testing.T) {
	eachVersionOfFrames(t, "Request", func(t *testing.T, k Key, g goldenFrame) {
		h, body, err := DecodeRequestHeader(g.frame)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, "header", map[string]any{
			"key": g.header["requestApiKey"], "version": g.header["requestApiVersion"],
			"correlationId": g.header["correlationId"], "clientId": g.header["clientId"],
		}, reflect.ValueOf(h))
		m := NewRequest(k)
		if err := Decode(body, g.version, m); err != nil {
			t.Fatal(err)
		}
		compare(t, k.String(), g.body, reflect.ValueOf(m).Elem())
		if g.hasUnknownTags() {
			return
		}
		got, err := AppendRequest(nil, h, m)
		if err != nil {
			t.Fatal(err)
		}
		if want := withSize(g.frame); !bytes.Equal(got, want) {
			t.Errorf("\n got %x\nwant %x", got, want)
		}
	})
}

func TestGoldenResponses(t *testing.T) {
	eachVersionOfFrames(t, "Response", func(t *testing.T, k Key, g goldenFrame) {
		m := NewResponse(k)
		id, err := DecodeResponse(g.frame, g.version, m)
		if err != nil {
			t.Fatal(err)
		}
		if want := g.header["correlationId"].(json.Number); want.String() != fmt.Sprint(id) {
			t.Errorf("correlation id %d, want %s", id, want)
		}
		if peeked, err := ResponseCorrelationID(g.frame); err != nil || peeked != id {
			t.Errorf("ResponseCorrelationID: %d, %v, want %d", peeked, err, id)
		}
		compare(t, k.String(), g.body, reflect.ValueOf(m).Elem())
		if g.hasUnknownTags() {
			return
		}
		got, err := AppendResponse(nil, g.version, id, m)
		if err != nil {
			t.Fatal(err)
		}
		if want := withSize(g.frame); !bytes.Equal(got, want) {
			t.Errorf("\n got %x\nwant %x", got, want)
		}
	})
}

func withSize(frame []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(frame))), frame...)
}

func eachVersionOfFrames(t *testing.T, kind string, test func(t *testing.T, k Key, g goldenFrame)) {
	for i := range apis {
		k := Key(i)
		if k.api().versions == 0 {
			continue
		}
		seen := map[int16]bool{}
		for _, g := range readFrames(t, k.String()+kind) {
			seen[g.version] = true
			t.Run(fmt.Sprintf("%s/%d/%s", k, g.version, g.name), func(t *testing.T) { test(t, k, g) })
		}
		lo, hi := k.Versions()
		for version := lo; version <= hi; version++ {
			if k.Supports(version) && !seen[version] {
				t.Errorf("no frame of %s%s version %d", k, kind, version)
			}
		}
	}
}

// compare holds a Go value against what the Java client's JSON says. The JSON leaves out tagged fields that have their
// default.
func compare(t *testing.T, path string, want any, got reflect.Value) {
	t.Helper()
	switch {
	case want == nil && got.IsNil():
		return
	case got.Kind() == reflect.Pointer && !got.IsNil():
		got = got.Elem()
	}
	switch want := want.(type) {
	case map[string]any:
		for name, v := range want {
			if f := field(got, name); f.IsValid() {
				compare(t, path+"."+name, v, f)
			} else {
				t.Errorf("no field for %s.%s", path, name)
			}
		}
	case []any:
		if got.Len() != len(want) {
			t.Errorf("%s has %d elements, want %d", path, got.Len(), len(want))
			return
		}
		for i, v := range want {
			compare(t, path+"["+strconv.Itoa(i)+"]", v, got.Index(i))
		}
	default:
		if g := printed(got); g != fmt.Sprint(want) {
			t.Errorf("%s is %s, want %v", path, g, want)
		}
	}
}

// printed is a value as it stands in the JSON.
func printed(v reflect.Value) string {
	switch {
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10)
	case v.Kind() == reflect.Slice:
		return base64.StdEncoding.EncodeToString(v.Bytes())
	}
	return fmt.Sprint(v.Interface())
}
