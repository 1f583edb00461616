package record

import "fmt"

// BatchError says which field of a batch's header cannot be right.
type BatchError struct {
	Field   string // as in the table of the package's documentation
	Value   int64
	Allowed string
}

func (e *BatchError) Error() string {
	return fmt.Sprintf("record: batch field %s is %d, allowed: %s", e.Field, e.Value, e.Allowed)
}

// TruncatedError says that a batch ends before its end.
type TruncatedError struct {
	Have int   // bytes
	Need int64 // bytes
}

func (e *TruncatedError) Error() string {
	return fmt.Sprintf("record: batch of at least %d bytes ends after %d", e.Need, e.Have)
}

// ChecksumError says that the bytes of a batch are not those its producer wrote.
type ChecksumError struct {
	Stored, Computed uint32 // CRC-32C
}

func (e *ChecksumError) Error() string {
	return fmt.Sprintf("record: batch says checksum %08x, its bytes have %08x", e.Stored, e.Computed)
}

// RecordError says which field of which record in a batch cannot be right.
type RecordError struct {
	Index   int    // of the record in the batch, from 0; the number of records for bytes behind the last
	Field   string // as in the table of the package's documentation
	Value   int64
	Allowed string
}

func (e *RecordError) Error() string {
	return fmt.Sprintf("record: record %d field %s is %d, allowed: %s", e.Index, e.Field, e.Value, e.Allowed)
}
