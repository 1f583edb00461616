package protocol

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"
)

// What is decoded must be a fixed point: it encodes, and the bytes decode to a message that encodes to the same. Seeds
// are what this package encodes for each message and version, and the frames of the Java client.

func FuzzDecodeRequest(f *testing.F) {
	seed(f, "Request")
	f.Fuzz(func(t *testing.T, key, version int16, body []byte) {
		if m := NewRequest(Key(key)); m != nil {
			fixedPoint(t, m, NewRequest(Key(key)), version, body)
		}
	})
}

func FuzzDecodeResponse(f *testing.F) {
	seed(f, "Response")
	f.Fuzz(func(t *testing.T, key, version int16, body []byte) {
		if m := NewResponse(Key(key)); m != nil {
			fixedPoint(t, m, NewResponse(Key(key)), version, body)
		}
	})
}

// fixedPoint checks one body. first and second are empty.
func fixedPoint(t *testing.T, first, second Message, version int16, body []byte) {
	err := Decode(body, version, first)
	if took, limit := footprint(reflect.ValueOf(first).Elem()), maxGrowth*(len(body)+1); took > limit {
		t.Fatalf("%d bytes for %d received", took, len(body))
	}
	if err != nil {
		var e *DecodeError
		var v *VersionError
		if !errors.As(err, &e) && !errors.As(err, &v) || err.Error() == "" || e != nil && e.Offset > len(body) {
			t.Fatalf("error %#v", err)
		}
		return
	}
	once, err := Append(nil, version, first)
	if err != nil {
		t.Fatalf("%x decodes, but does not encode: %v", body, err)
	}
	if err := Decode(once, version, second); err != nil {
		t.Fatalf("%x encodes to %x, which does not decode: %v", body, once, err)
	}
	if twice, err := Append(nil, version, second); err != nil || !bytes.Equal(once, twice) {
		t.Fatalf("%v\nfirst  %x\nsecond %x\n%s", err, once, twice, diff(first, second))
	}
}

func FuzzDecodeRequestHeader(f *testing.F) {
	for i := range apis {
		if Key(i).api().versions != 0 {
			for _, g := range readFrames(f, Key(i).String()+"Request") {
				f.Add(g.frame)
			}
		}
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		h, body, err := DecodeRequestHeader(frame)
		m := NewRequest(h.Key)
		if err != nil || m == nil || Decode(body, h.Version, m) != nil {
			return
		}
		again, err := AppendRequest(nil, h, m)
		if err != nil {
			t.Fatal(err)
		}
		second, _, err := DecodeRequestHeader(again[sizeLen:])
		if err != nil || !reflect.DeepEqual(h, second) {
			t.Fatalf("%+v became %+v: %v", h, second, err)
		}
	})
}

// FuzzResponseFrame adds the headers of responses, and refused ApiVersions requests.
func FuzzResponseFrame(f *testing.F) {
	for i := range apis {
		if Key(i).api().versions != 0 {
			for _, g := range readFrames(f, Key(i).String()+"Response") {
				f.Add(int16(i), g.version, g.frame)
			}
		}
	}
	f.Add(int16(ApiVersionsKey), int16(3), []byte("\x00\x00\x00\x07\x00\x23\x01\x00\x12\x00\x00\x00\x02\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, key, version int16, frame []byte) {
		m, second := NewResponse(Key(key)), NewResponse(Key(key))
		if m == nil {
			return
		}
		id, err := DecodeResponse(frame, version, m)
		if err != nil {
			return
		}
		if peeked, err := ResponseCorrelationID(frame); err != nil || peeked != id {
			t.Fatalf("correlation id %d, first %d: %v", id, peeked, err)
		}
		if v, ok := m.(*ApiVersionsResponse); ok && v.ErrorCode == UnsupportedVersion {
			version = 0
		}
		again, err := AppendResponse(nil, version, id, m)
		if err != nil {
			t.Fatal(err)
		}
		if secondID, err := DecodeResponse(again[sizeLen:], version, second); err != nil || secondID != id {
			t.Fatalf("%d became %d: %v", id, secondID, err)
		}
		if twice, err := AppendResponse(nil, version, id, second); err != nil || !bytes.Equal(again, twice) {
			t.Fatalf("%v\nfirst  %x\nsecond %x\n%s", err, again, twice, diff(m, second))
		}
	})
}

// seed adds bodies of all messages of the kind at all versions.
func seed(f *testing.F, kind string) {
	schemas := readSchema(f)
	for i := range apis {
		k := Key(i)
		if k.api().versions == 0 {
			continue
		}
		schema := schemas[k.String()+kind]
		lo, hi := k.Versions()
		for version := lo; version <= hi; version++ {
			g := &generator{Rand: rand.New(rand.NewPCG(1, uint64(version))), version: version}
			m := schema.message()
			set(reflect.ValueOf(m).Elem(), schema.schemaBody, g.object(schema.schemaBody))
			if body, err := Append(nil, version, m); err == nil {
				f.Add(int16(k), version, body)
			}
		}
		for _, g := range readFrames(f, k.String()+kind) {
			body := g.frame[4:]
			if kind == "Request" {
				var err error
				if _, body, err = DecodeRequestHeader(g.frame); err != nil {
					f.Fatal(err)
				}
			} else if k.Flexible(g.version) && k != ApiVersionsKey {
				body = body[1:]
			}
			f.Add(int16(k), g.version, body)
		}
	}
	f.Add(int16(1), int16(1), []byte{}) // an API that is not ours
}

// maxGrowth is how many bytes of memory a message may take for each byte received. An empty name of a topic takes
// two bytes on the wire and forty in memory, twice that while its array grows.
const maxGrowth = 64

// footprint is what v points to, storage that is not in use included.
func footprint(v reflect.Value) int {
	n := 0
	switch v.Kind() {
	case reflect.String:
		n = v.Len()
	case reflect.Pointer:
		if !v.IsNil() {
			n = int(v.Type().Elem().Size()) + footprint(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			n += footprint(v.Field(i))
		}
	case reflect.Slice:
		n = v.Cap() * int(v.Type().Elem().Size())
		if k := v.Type().Elem().Kind(); k == reflect.Struct || k == reflect.String {
			for i := range v.Len() {
				n += footprint(v.Index(i))
			}
		}
	}
	return n
}
