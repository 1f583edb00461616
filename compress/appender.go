package compress

import "io"

// appender is an io.Writer that appends: to a caller's slice while an encoder that writes to it is in use.
type appender struct {
	b []byte
}

func (a *appender) Write(p []byte) (int, error) {
	a.b = append(a.b, p...)
	return len(p), nil
}

// encode appends to dst what zip, which was reset to write to a, makes of src.
func (a *appender) encode(dst []byte, zip io.WriteCloser, src []byte) ([]byte, error) {
	a.b = dst
	_, err := zip.Write(src)
	if err == nil {
		err = zip.Close()
	}
	out := a.b
	a.b = nil // the pool must not keep the caller's memory
	if err != nil {
		return dst, err
	}
	return out, nil
}
