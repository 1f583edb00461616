package producer

import (
	"encoding/hex"
	"errors"
	"math"
	"testing"
	"time"
)

// serialized returns what s makes of v: its bytes in hexadecimal, "null", or the error.
func serialized[T any](s Serializer[T], v T) string {
	b, err := s.Serialize(make([]byte, 0, 4), "topic", v)
	switch {
	case err != nil:
		return "error: " + err.Error()
	case b == nil:
		return "null"
	}
	return hex.EncodeToString(b)
}

type order struct {
	ID   int    `json:"id"`
	Note string `json:"note,omitempty"`
}

// The bytes are those of Kafka's serializers: big-endian, a UUID as text, a boolean as one byte.
func TestSerializers(t *testing.T) {
	seven, none := int64(7), (*int64)(nil)
	for _, test := range []struct{ name, got, want string }{
		{"string", serialized(StringSerializer{}, "h\u00e9"), "68c3a9"},
		{"empty string", serialized(StringSerializer{}, ""), ""},
		{"bytes", serialized(ByteArraySerializer{}, []byte{0, 255}), "00ff"},
		{"empty bytes", serialized(ByteArraySerializer{}, []byte{}), ""},
		{"nil bytes", serialized(ByteArraySerializer{}, nil), "null"},
		{"short", serialized(ShortSerializer{}, -2), "fffe"},
		{"integer", serialized(IntegerSerializer{}, 0x01020304), "01020304"},
		{"long", serialized(LongSerializer{}, math.MinInt64), "8000000000000000"},
		{"float", serialized(FloatSerializer{}, -1.5), "bfc00000"},
		{"double", serialized(DoubleSerializer{}, math.Pi), "400921fb54442d18"},
		// Double.doubleToLongBits knows one NaN only, Float.floatToRawIntBits all of them.
		{"double NaN", serialized(DoubleSerializer{}, math.NaN()), "7ff8000000000000"},
		{"double NaN with a sign", serialized(DoubleSerializer{}, math.Float64frombits(0xfff8000000000001)), "7ff8000000000000"},
		{"double infinity", serialized(DoubleSerializer{}, math.Inf(-1)), "fff0000000000000"},
		{"float NaN", serialized(FloatSerializer{}, math.Float32frombits(0xffc00001)), "ffc00001"},
		{"true", serialized(BooleanSerializer{}, true), "01"},
		{"false", serialized(BooleanSerializer{}, false), "00"},
		{"uuid", serialized(UUIDSerializer{}, [16]byte{0x12, 0x3e, 0x45, 0x67, 0xe8, 0x9b, 0x12, 0xd3, 0xa4, 0x56, 0x42, 0x66, 0x14, 0x17, 0x40, 0xF0}),
			hex.EncodeToString([]byte("123e4567-e89b-12d3-a456-4266141740f0"))},
		{"void", serialized(VoidSerializer{}, struct{}{}), "null"},
		{"nullable", serialized(NullableSerializer[int64]{LongSerializer{}}, &seven), "0000000000000007"},
		{"nullable nil", serialized(NullableSerializer[int64]{LongSerializer{}}, none), "null"},
		{"json", serialized(JSONSerializer[order]{}, order{1, "<&>"}), hex.EncodeToString([]byte(`{"id":1,"note":"<&>"}`))},
		{"json of a pointer", serialized(JSONSerializer[*order]{}, &order{ID: 2}), hex.EncodeToString([]byte(`{"id":2}`))},
		{"json of nil", serialized(JSONSerializer[*order]{}, nil), "null"},
		{"json that fails", serialized(JSONSerializer[float64]{}, math.NaN()), "error: json: unsupported value: NaN"},
		{"json after a failure", serialized(JSONSerializer[string]{}, "x"), hex.EncodeToString([]byte(`"x"`))},
	} {
		if test.got != test.want {
			t.Errorf("%s: %s, want %s", test.name, test.got, test.want)
		}
	}
}

func TestSerializersAllocateNothing(t *testing.T) {
	dst := make([]byte, 0, 64)
	id := [16]byte{1}
	if n := testing.AllocsPerRun(100, func() {
		StringSerializer{}.Serialize(dst, "", "some text")
		LongSerializer{}.Serialize(dst, "", 5)
		DoubleSerializer{}.Serialize(dst, "", 5)
		UUIDSerializer{}.Serialize(dst, "", id)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// serializerFor's result or error, as text.
func chosenSerializer[T any](class string) string {
	s, err := serializerFor[T]("value.serializer", class)
	if err != nil {
		return err.Error()
	}
	return serialized(s, *new(T))
}

func TestSerializerForType(t *testing.T) {
	for _, test := range []struct{ name, got, want string }{
		{"string", chosenSerializer[string](""), ""},
		{"[]byte", chosenSerializer[[]byte](""), "null"},
		{"[]byte by another name", chosenSerializer[[]byte]("BytesSerializer"), "null"},
		{"int16", chosenSerializer[int16](""), "0000"},
		{"int32 named", chosenSerializer[int32]("org.apache.kafka.common.serialization.IntegerSerializer"), "00000000"},
		{"int64", chosenSerializer[int64]("LongSerializer"), "0000000000000000"},
		{"float32", chosenSerializer[float32](""), "00000000"},
		{"float64", chosenSerializer[float64](""), "0000000000000000"},
		{"bool", chosenSerializer[bool](""), "00"},
		{"uuid", chosenSerializer[[16]byte](""), hex.EncodeToString([]byte("00000000-0000-0000-0000-000000000000"))},
		{"void", chosenSerializer[struct{}](""), "null"},
		{"a type Kafka has none for", chosenSerializer[time.Time](""),
			`kafkaproducer: value.serializer = "": Kafka has no serializer for the type time.Time; NewTyped takes one of your own`},
		{"an interface", chosenSerializer[error](""),
			`kafkaproducer: value.serializer = "": Kafka has no serializer for the type error; NewTyped takes one of your own`},
		{"another type", chosenSerializer[string]("LongSerializer"),
			`kafkaproducer: value.serializer = "LongSerializer": it serializes int64, not string; allowed: StringSerializer`},
		{"an unknown class", chosenSerializer[bool]("com.example.Avro"),
			`kafkaproducer: value.serializer = "com.example.Avro": not a serializer known here; NewTyped takes one of your own; allowed: BooleanSerializer`},
	} {
		if test.got != test.want {
			t.Errorf("%s: %s, want %s", test.name, test.got, test.want)
		}
	}
}

func TestTypedFromConfigReportsBothSerializers(t *testing.T) {
	_, err := TypedFromConfig[string, int64](Config{KeySerializer: "LongSerializer", ValueSerializer: "StringSerializer"})
	want := `kafkaproducer: key.serializer = "LongSerializer": it serializes int64, not string; allowed: StringSerializer
kafkaproducer: value.serializer = "StringSerializer": it serializes string, not int64; allowed: LongSerializer`
	var e *ConfigError
	if err == nil || err.Error() != want || !errors.As(err, &e) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
