package protocol

import "encoding/base64"

// UUID is a topic's id. The zero UUID means that there is none.
type UUID [16]byte

// String is the id as Kafka's tools print it: base64 in its URL form, without padding.
func (u UUID) String() string { return base64.RawURLEncoding.EncodeToString(u[:]) }
