package protocol

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Values of a message that know nothing of this package's structs: nil is null; else bool, int64, string, []byte, UUID,
// []any for an array, object for a struct.
type object map[string]any

// generator makes random values of a message at a version, and their bytes, from the table alone.
type generator struct {
	*rand.Rand
	version     int16
	flexible    bool
	everything  bool // fields of all versions
	unknownTags bool // the bytes get tagged fields of later versions
}

// newGenerator returns the generator of a message at a version; it makes the same values each time.
func newGenerator(m *schemaMessage, version int16) *generator {
	random := rand.New(rand.NewPCG(uint64(m.key), uint64(version)))
	return &generator{Rand: random, version: version, flexible: m.flexible.has(version)}
}

func (g *generator) object(s schemaStruct) object {
	o := object{}
	for _, f := range s {
		if g.everything || f.versions.has(g.version) {
			o[f.name] = g.value(f)
		} else {
			o[f.name] = f.zero()
		}
	}
	return o
}

func (g *generator) value(f *schemaField) any {
	switch {
	case f.nullable.has(g.version) && g.IntN(4) == 0:
		return nil
	case f.tag >= 0 && g.IntN(3) == 0:
		return f.zero()
	case f.array:
		elements := make([]any, g.IntN(4))
		for i := range elements {
			elements[i] = g.element(f)
		}
		return elements
	}
	return g.element(f)
}

func (g *generator) element(f *schemaField) any {
	integer := func(bits int) int64 {
		if g.IntN(4) == 0 {
			return []int64{0, -1, 1<<(bits-1) - 1, -1 << (bits - 1)}[g.IntN(4)]
		}
		return int64(g.Uint64()) >> (64 - bits) >> g.IntN(bits)
	}
	switch f.kind {
	case "bool":
		return g.IntN(2) == 0
	case "int16":
		return integer(16)
	case "int32":
		return integer(32)
	case "int64":
		return integer(64)
	case "string":
		return string(g.bytes())
	case "bytes", "records":
		return g.bytes()
	case "uuid":
		var u UUID
		copy(u[:], g.bytes())
		return u
	}
	return g.object(f.fields)
}

func (g *generator) bytes() []byte {
	b := make([]byte, []int{0, g.IntN(8), g.IntN(40), 120 + g.IntN(20)}[g.IntN(4)])
	for i := range b {
		b[i] = byte(g.Uint32())
	}
	return b
}

// zero is the field's default.
func (f *schemaField) zero() any {
	switch {
	case f.byDef == "null":
		return nil
	case f.array:
		return []any{}
	case f.isStruct():
		o := object{}
		for _, f := range f.fields {
			o[f.name] = f.zero()
		}
		return o
	}
	switch f.kind {
	case "bool":
		return f.byDef == "true"
	case "int16", "int32", "int64":
		if f.byDef == "-" {
			return int64(0)
		}
		n, err := strconv.ParseInt(f.byDef, 0, 64)
		if err != nil {
			panic(err)
		}
		return n
	case "string":
		return strings.TrimPrefix(f.byDef, "-")
	case "uuid":
		return UUID{}
	}
	return []byte{}
}

// append writes a struct as the protocol's documentation and KIP-482 lay it out.
func (g *generator) append(b []byte, s schemaStruct, o object) []byte {
	type taggedField struct {
		tag  int
		data []byte
	}
	var tagged []taggedField
	for _, f := range s {
		switch {
		case !f.versions.has(g.version):
		case f.tagged.has(g.version):
			if !reflect.DeepEqual(o[f.name], f.zero()) {
				tagged = append(tagged, taggedField{f.tag, g.appendField(nil, f, o[f.name])})
			}
		default:
			b = g.appendField(b, f, o[f.name])
		}
	}
	if !g.flexible {
		return b
	}
	if g.unknownTags {
		for _, tag := range []int{31, 100_000}[:g.IntN(3)] {
			tagged = append(tagged, taggedField{tag, g.bytes()})
		}
	}
	slices.SortFunc(tagged, func(a, b taggedField) int { return a.tag - b.tag })
	b = binary.AppendUvarint(b, uint64(len(tagged)))
	for _, f := range tagged {
		b = binary.AppendUvarint(b, uint64(f.tag))
		b = binary.AppendUvarint(b, uint64(len(f.data)))
		b = append(b, f.data...)
	}
	return b
}

func (g *generator) appendField(b []byte, f *schemaField, v any) []byte {
	flexible := g.flexible && (f.flexible == nil || f.flexible.has(g.version))
	length := func(n int) {
		switch {
		case flexible:
			b = binary.AppendUvarint(b, uint64(n+1))
		case f.kind == "string" && !f.array:
			b = binary.BigEndian.AppendUint16(b, uint16(n))
		default:
			b = binary.BigEndian.AppendUint32(b, uint32(n))
		}
	}
	switch v := v.(type) {
	case nil:
		length(-1)
	case bool:
		b = append(b, map[bool]byte{true: 1}[v])
	case int64:
		size := map[string]int{"int16": 2, "int32": 4, "int64": 8}[f.kind]
		b = append(b, binary.BigEndian.AppendUint64(nil, uint64(v))[8-size:]...)
	case string:
		length(len(v))
		b = append(b, v...)
	case []byte:
		length(len(v))
		b = append(b, v...)
	case UUID:
		b = append(b, v[:]...)
	case object:
		b = g.append(b, f.fields, v)
	case []any:
		length(len(v))
		element := *f
		element.array = false
		for _, e := range v {
			b = g.appendField(b, &element, e)
		}
	default:
		panic(fmt.Sprintf("%s: %T", f.path, v))
	}
	return b
}

// field finds the Go field of a schema's field: Kafka's name, but for the case of letters.
func field(v reflect.Value, name string) reflect.Value {
	return v.FieldByNameFunc(func(s string) bool { return strings.EqualFold(s, name) })
}

// set fills a Go struct.
func set(v reflect.Value, s schemaStruct, o object) {
	for _, f := range s {
		if p := field(v, f.name); p.IsValid() {
			setField(p, f, o[f.name])
		}
	}
}

func setField(p reflect.Value, f *schemaField, v any) {
	switch v := v.(type) {
	case nil:
		p.SetZero()
	case int64:
		p.SetInt(v)
	case string:
		if p.Kind() == reflect.Pointer {
			p.Set(reflect.New(p.Type().Elem()))
			p = p.Elem()
		}
		p.SetString(v)
	case object:
		set(p, f.fields, v)
	case []any:
		p.Set(reflect.MakeSlice(p.Type(), len(v), len(v)))
		for i, e := range v {
			setField(p.Index(i), f, e)
		}
	default:
		p.Set(reflect.ValueOf(v))
	}
}

// get is what a Go struct holds. Fields that the struct does not have have their default.
func get(v reflect.Value, s schemaStruct) object {
	o := object{}
	for _, f := range s {
		if p := field(v, f.name); p.IsValid() {
			o[f.name] = getField(p, f, f.array)
		} else {
			o[f.name] = f.zero()
		}
	}
	return o
}

func getField(p reflect.Value, f *schemaField, array bool) any {
	nullable := f.nullable.hi >= f.nullable.lo
	switch {
	case nullable && (p.Kind() == reflect.Pointer || p.Kind() == reflect.Slice) && p.IsNil():
		return nil
	case p.Kind() == reflect.Pointer:
		return p.Elem().String()
	case array:
		elements := make([]any, p.Len())
		for i := range elements {
			elements[i] = getField(p.Index(i), f, false)
		}
		return elements
	case p.Kind() == reflect.Struct:
		return get(p, f.fields)
	case p.Kind() == reflect.Slice:
		return append([]byte{}, p.Bytes()...)
	case p.CanInt():
		return p.Int()
	}
	return p.Interface()
}

// dirty is a Go value of the message in which every field of every version is set, to decode over.
func dirty(m *schemaMessage, random *rand.Rand) Message {
	g := &generator{Rand: random, everything: true}
	message := m.message()
	set(reflect.ValueOf(message).Elem(), m.schemaBody, g.object(m.schemaBody))
	return message
}
