package compress

import "fmt"

// Codec names a compression as the attributes of a record batch do: the values
// are the ids of the wire (KIP-98, bits 0 to 2 of the attributes).
type Codec int8

const (
	None   Codec = 0
	Gzip   Codec = 1
	Snappy Codec = 2
	LZ4    Codec = 3
	ZSTD   Codec = 4 // KIP-110: brokers from 2.1 on, Produce v7
)

// names are the values of Kafka's compression.type, by id.
var names = [...]string{None: "none", Gzip: "gzip", Snappy: "snappy", LZ4: "lz4", ZSTD: "zstd"}

// Known reports whether c is one of the five codecs.
func (c Codec) Known() bool { return c >= 0 && int(c) < len(names) }

// String returns Kafka's name of the codec.
func (c Codec) String() string {
	if !c.Known() {
		return fmt.Sprintf("codec %d", int8(c))
	}
	return names[c]
}

// Parse returns the codec of a value of compression.type: none, gzip, snappy,
// lz4 or zstd, in lower case as Kafka wants it. Another is an *UnknownError.
func Parse(s string) (Codec, error) {
	for c, name := range names {
		if s == name {
			return Codec(c), nil
		}
	}
	return None, &UnknownError{Name: s}
}

// MarshalText returns Kafka's name; an unknown codec is an *UnknownError.
func (c Codec) MarshalText() ([]byte, error) {
	if !c.Known() {
		return nil, &UnknownError{Name: c.String()}
	}
	return []byte(names[c]), nil
}

// UnmarshalText takes what Parse takes.
func (c *Codec) UnmarshalText(b []byte) error {
	parsed, err := Parse(string(b))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}
