package protocol

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The judge of this package is Kafka's own message schemas, of which internal/golden writes the facts down. These tests
// hold every message at every version against them: values and bytes are made from the table, field by field, by code
// that shares nothing with the Coder, and meet a message's Go struct by the names of its fields only.

// rounds is how many random values each message and version is tried with.
const rounds = 60

func TestSchemaEncode(t *testing.T) {
	eachVersion(t, func(t *testing.T, m *schemaMessage, version int16) {
		g := newGenerator(m, version)
		for range rounds {
			value := g.object(m.schemaBody)
			message := m.message()
			set(reflect.ValueOf(message).Elem(), m.schemaBody, value)
			got, err := Append([]byte("before"), version, message)
			if err != nil {
				t.Fatal(err)
			}
			if want := g.append([]byte("before"), m.schemaBody, value); !bytes.Equal(got, want) {
				t.Fatalf("%+v\n got %x\nwant %x", message, got, want)
			}
		}
	})
}

func TestSchemaDecode(t *testing.T) {
	eachVersion(t, func(t *testing.T, m *schemaMessage, version int16) {
		g := newGenerator(m, version)
		g.unknownTags = true
		message := m.message()
		for i := range rounds {
			if i%2 == 0 {
				message = dirty(m, g.Rand)
			}
			want := g.object(m.schemaBody)
			b := g.append(nil, m.schemaBody, want)
			if err := Decode(b, version, message); err != nil {
				t.Fatalf("%v\n%x", err, b)
			}
			if got := get(reflect.ValueOf(message).Elem(), m.schemaBody); !reflect.DeepEqual(got, want) {
				t.Fatalf("(-want +got)\n%s\n%x", cmp.Diff(want, got), b)
			}
		}
	})
}

func TestNoProperPrefixDecodes(t *testing.T) {
	eachVersion(t, func(t *testing.T, m *schemaMessage, version int16) {
		g := newGenerator(m, version)
		g.unknownTags = true
		message := m.message()
		for range 3 {
			whole := g.append(nil, m.schemaBody, g.object(m.schemaBody))
			for n := range whole {
				if !decodeFails(t, whole[:n], version, message) {
					t.Fatalf("%d of the %d bytes %x decode", n, len(whole), whole)
				}
			}
			if !decodeFails(t, append(whole, 0), version, message) {
				t.Fatalf("%x decodes with a byte more", whole)
			}
		}
	})
}

// decodeFails reports whether b does not decode, and checks what the error says.
func decodeFails(t *testing.T, b []byte, version int16, m Message) bool {
	t.Helper()
	err := Decode(b, version, m)
	var e *DecodeError
	if err != nil && (!errors.As(err, &e) || e.Key != m.Key() || e.Version != version || e.Field == "" || e.Offset > len(b)) {
		t.Fatalf("error %#v", err)
	}
	return err != nil
}

// A null where the version does not allow one fails in both directions, and the error names the field.
func TestNullNotAllowed(t *testing.T) {
	eachVersion(t, func(t *testing.T, m *schemaMessage, version int16) {
		g := newGenerator(m, version)
		m.schemaBody.fieldsAt(version, func(f *schemaField) {
			canBeNull := f.array || f.kind == "string" || f.kind == "bytes"
			if !canBeNull || !f.versions.has(version) || f.nullable.has(version) {
				return
			}
			value := planted(t, g, m.schemaBody, f, nil)
			var decodeError *DecodeError
			err := Decode(g.append(nil, m.schemaBody, value), version, m.message())
			if !errors.As(err, &decodeError) || !errors.Is(err, errNull) || !samePath(decodeError.Field, f.path) {
				t.Errorf("decoding null in %s: %v", f.path, err)
			}
			message := m.message()
			set(reflect.ValueOf(message).Elem(), m.schemaBody, value)
			var encodeError *EncodeError
			_, err = Append(nil, version, message)
			nullable := f.nullable.hi >= f.nullable.lo // so that the Go field can say null
			if nullable && (!errors.As(err, &encodeError) || !errors.Is(err, errNull) || !samePath(encodeError.Field, f.path)) {
				t.Errorf("encoding null in %s: %v", f.path, err)
			}
			if !nullable && err != nil {
				t.Errorf("encoding nothing in %s: %v", f.path, err)
			}
		})
	})
}

// What the version does not have is left out when it may be ignored or was not set, and is an error else.
func TestAbsentField(t *testing.T) {
	eachVersion(t, func(t *testing.T, m *schemaMessage, version int16) {
		g := newGenerator(m, version)
		full := &generator{Rand: g.Rand, everything: true}
		m.schemaBody.fieldsAt(version, func(f *schemaField) {
			if f.versions.has(version) {
				return
			}
			something := full.value(f)
			for isUnset(f, something) {
				something = full.value(f)
			}
			value := planted(t, g, m.schemaBody, f, something)
			message := m.message()
			set(reflect.ValueOf(message).Elem(), m.schemaBody, value)
			if d := get(reflect.ValueOf(message).Elem(), m.schemaBody); !reflect.DeepEqual(d, value) {
				return // no version of this package has the field
			}
			got, err := Append(nil, version, message)
			var e *EncodeError
			switch {
			case f.ignore && err != nil:
				t.Errorf("ignorable %s: %v", f.path, err)
			case f.ignore:
				if want := g.append(nil, m.schemaBody, value); !bytes.Equal(got, want) {
					t.Errorf("ignorable %s:\n got %x\nwant %x", f.path, got, want)
				}
			case !errors.As(err, &e) || !errors.Is(err, errAbsent) || !samePath(e.Field, f.path):
				t.Errorf("%s at version %d: %v", f.path, version, err)
			}
		})
	})
}

// isUnset reports whether the value is the field's default, or what a Go struct has when nothing was said.
func isUnset(f *schemaField, v any) bool {
	if o, ok := v.(object); ok && !slices.ContainsFunc(f.fields, func(f *schemaField) bool { return o[f.name] != int64(0) }) {
		return true
	}
	return reflect.DeepEqual(v, f.zero()) || reflect.DeepEqual(v, int64(0))
}

// planted is a random value of a message, with the field set in the first struct that has it.
func planted(t *testing.T, g *generator, s schemaStruct, f *schemaField, v any) object {
	t.Helper()
	for range 1000 {
		if value := g.object(s); plant(value, s, f, v) {
			return value
		}
	}
	t.Fatalf("no place for %s", f.path)
	return nil
}

func plant(o object, s schemaStruct, f *schemaField, v any) bool {
	for _, above := range s {
		if above == f {
			o[f.name] = v
			return true
		}
		if !strings.HasPrefix(f.path, above.path+".") {
			continue
		}
		inner := o[above.name]
		if elements, ok := inner.([]any); ok && len(elements) > 0 {
			inner = elements[0]
		}
		within, ok := inner.(object)
		return ok && plant(within, above.fields, f, v)
	}
	return false
}

// samePath reports whether the path of an error, in Go's spelling and with indexes, is that of a schema's field.
func samePath(path, schemaPath string) bool {
	var bare strings.Builder
	for part := range strings.SplitSeq(path, "[") {
		_, rest, ok := strings.Cut(part, "]")
		if !ok {
			rest = part
		}
		bare.WriteString(rest)
	}
	return strings.EqualFold(bare.String(), schemaPath)
}

// The table has the fields of Kafka 4.4. Those that a version of this package has must be in its structs, and nothing
// else.
func TestSchemaFields(t *testing.T) {
	for name, m := range readSchema(t) {
		if m.kind == "header" {
			continue
		}
		lo, hi := m.key.Versions()
		checkFields(t, name, reflect.TypeOf(m.message()).Elem(), m.schemaBody, versionSpan{lo, hi})
	}
}

func checkFields(t *testing.T, path string, goType reflect.Type, s schemaStruct, ours versionSpan) {
	known := 0
	for _, f := range s {
		p, ok := goType.FieldByNameFunc(func(s string) bool { return strings.EqualFold(s, f.name) })
		wanted := f.versions.lo <= ours.hi && ours.lo <= f.versions.hi
		if ok != wanted {
			t.Errorf("%s.%s: in the Go struct %t, in its versions %t", path, f.name, ok, wanted)
		}
		if !ok {
			continue
		}
		known++
		inner := p.Type
		if f.array {
			inner = inner.Elem()
		}
		if f.isStruct() {
			checkFields(t, path+"."+f.name, inner, f.fields, ours)
		} else if kind := map[string]reflect.Kind{
			"bool": reflect.Bool, "int16": reflect.Int16, "int32": reflect.Int32, "int64": reflect.Int64,
		}[f.kind]; kind != reflect.Invalid && inner.Kind() != kind {
			t.Errorf("%s.%s is a %s, want %s", path, f.name, inner, f.kind)
		}
	}
	if goType.NumField() != known {
		t.Errorf("%s has %d fields, the schema %d of them", path, goType.NumField(), known)
	}
}

func TestSchemaVersions(t *testing.T) {
	for name, m := range readSchema(t) {
		if m.kind == "header" {
			continue
		}
		lo, hi := m.key.Versions()
		latest := m.versions.hi
		if readSchema(t)[m.key.String()+"Request"].unstable {
			latest--
		}
		if lo < m.versions.lo || hi != latest {
			t.Errorf("%s: %d to %d, Kafka has %d to %d", name, lo, hi, m.versions.lo, latest)
		}
		for version := lo; version <= hi; version++ {
			if got, want := m.key.Flexible(version), m.flexible.has(version); got != want {
				t.Errorf("%s %d: flexible %t, want %t", name, version, got, want)
			}
		}
	}
}
