package producer

import (
	"encoding/json"
	"sync"
)

// JSONSerializer writes a value as encoding/json does, without escaping <, > and & for HTML. A value whose JSON is null,
// such as a nil pointer, becomes a record's null and so a tombstone, as with the JSON serializers in Java. What
// encoding/json allocates it allocates.
type JSONSerializer[T any] struct{}

// Serialize appends the JSON of v; an error is one of encoding/json.
func (JSONSerializer[T]) Serialize(dst []byte, _ string, v T) ([]byte, error) {
	e := jsonEncoders.Get().(*jsonEncoder)
	e.dst = dst
	err := e.enc.Encode(v)
	out := e.dst
	e.dst = nil // it is the caller's
	jsonEncoders.Put(e)
	if err != nil {
		return nil, err
	}
	out = out[:len(out)-1] // Encode ends with a newline
	if string(out[len(dst):]) == "null" {
		return nil, nil
	}
	return out, nil
}

// jsonEncoder is an encoder that appends to dst.
type jsonEncoder struct {
	enc *json.Encoder
	dst []byte
}

// Write appends; it cannot fail, which is why an encoder stays usable after an error.
func (e *jsonEncoder) Write(b []byte) (int, error) {
	e.dst = append(e.dst, b...)
	return len(b), nil
}

var jsonEncoders = sync.Pool{New: func() any {
	e := &jsonEncoder{}
	e.enc = json.NewEncoder(e)
	e.enc.SetEscapeHTML(false)
	return e
}}
