package protocol

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// VersionError is a version of an API that this package does not have.
type VersionError struct {
	Key     Key
	Version int16
}

func (e *VersionError) Error() string {
	lo, hi := e.Key.Versions()
	if lo > hi {
		return fmt.Sprintf("kafka protocol: %s is not known here", e.Key)
	}
	return fmt.Sprintf("kafka protocol: %s version %d is not known here (known are %d to %d)", e.Key, e.Version, lo, hi)
}

// EncodeError is a message that can't be encoded at a version.
type EncodeError struct {
	Key      Key
	Version  int16
	Response bool   // a response, else a request
	Field    string // Kafka's way to it in Go's spelling, such as TopicData[2].PartitionData[0].Records
	Err      error  // what is wrong with the field
}

func (e *EncodeError) Error() string {
	return fmt.Sprintf("kafka protocol: encoding %s: %s: %v", describe(e.Key, e.Version, e.Response), e.Field, e.Err)
}

func (e *EncodeError) Unwrap() error { return e.Err }

// DecodeError is bytes that are not the message they should be.
type DecodeError struct {
	Key      Key
	Version  int16
	Response bool   // a response, else a request
	Field    string // where it went wrong, such as Responses[2].PartitionResponses[0].ErrorMessage
	Offset   int    // where in the body, or in the header, in bytes
	Err      error  // what is wrong there
}

func (e *DecodeError) Error() string {
	return fmt.Sprintf("kafka protocol: decoding %s: %s at byte %d: %v",
		describe(e.Key, e.Version, e.Response), e.Field, e.Offset, e.Err)
}

func (e *DecodeError) Unwrap() error { return e.Err }

func describe(k Key, version int16, response bool) string {
	kind := "request"
	if response {
		kind = "response"
	}
	return fmt.Sprintf("%s %s version %d", k, kind, version)
}

func encodeError(c *Coder, version int16, m Message) error {
	_, response := m.(Response)
	return &EncodeError{Key: m.Key(), Version: version, Response: response, Field: fieldPath(m, c.field), Err: c.err}
}

func decodeError(c *Coder, version int16, m Message) error {
	_, response := m.(Response)
	return &DecodeError{
		Key: m.Key(), Version: version, Response: response, Field: fieldPath(m, c.field), Offset: c.offset, Err: c.err,
	}
}

// What is wrong with a field.
var (
	errNull   = errors.New("null where the version does not allow it")
	errAbsent = errors.New("set, but the version does not have it")
	errVarint = errors.New("a varint of more than 32 bits")
)

// shortError is a field that would need more bytes than are left.
type shortError struct {
	Need int64
	Left int
}

func (e *shortError) Error() string {
	return fmt.Sprintf("needs %d bytes, %d are left", e.Need, e.Left)
}

// trailingError is bytes after the last field of a message or of a tagged field.
type trailingError struct{ Left int }

func (e *trailingError) Error() string { return fmt.Sprintf("%d bytes too many", e.Left) }

// lengthError is a length or count that can't be.
type lengthError struct{ Length, Max int64 }

func (e *lengthError) Error() string {
	return fmt.Sprintf("length %d, where at most %d is possible", e.Length, e.Max)
}

// fieldPath finds the field of m that has the address. Walks carry no names, since only this needs them: when
// something is wrong, the field is looked up by the address that its walk gave.
func fieldPath(m any, field any) string {
	if field == nil {
		return "end" // what follows the fields: a tagged section or the end of the message
	}
	path, _ := findField(reflect.ValueOf(m).Elem(), reflect.ValueOf(field))
	return strings.TrimPrefix(path, ".")
}

// findField looks for what address points to in v and returns the way to it. A struct and its first field have one
// address, but not one kind. The way is put together on the way back: what is searched in vain may be large.
func findField(v, address reflect.Value) (path string, found bool) {
	if v.Addr().Pointer() == address.Pointer() && v.Kind() == address.Type().Elem().Kind() {
		return "", true
	}
	switch {
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if path, found = findField(v.Field(i), address); found {
				return "." + v.Type().Field(i).Name + path, true
			}
		}
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8:
		for i := v.Len() - 1; i >= 0; i-- { // decoding always fails in the last
			if path, found = findField(v.Index(i), address); found {
				return "[" + strconv.Itoa(i) + "]" + path, true
			}
		}
	}
	return "", false
}
