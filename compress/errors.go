package compress

import "fmt"

// UnknownError says that there is no codec of that name or id.
type UnknownError struct {
	Name string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("compress: unknown codec %q, allowed: none, gzip, snappy, lz4, zstd", e.Name)
}

// TooLargeError says that data decodes to more than the caller allows. How
// much more is not known: decoding stops at the limit.
type TooLargeError struct {
	Codec Codec
	Limit int // bytes
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("compress: %s data decodes to more than %d bytes", e.Codec, e.Limit)
}

// CorruptError says that data is not what the codec writes.
type CorruptError struct {
	Codec Codec
	Err   error // the cause
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("compress: corrupt %s data: %v", e.Codec, e.Err)
}

// Unwrap returns the cause.
func (e *CorruptError) Unwrap() error { return e.Err }
