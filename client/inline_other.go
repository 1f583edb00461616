//go:build !unix

package client

import "net"

// inlineWriter does not exist here: only connections' writers write.
type inlineWriter struct{}

func newInlineWriter(net.Conn) *inlineWriter { return nil }

func (*inlineWriter) write([]byte) (int, error) { panic("client: callers do not write on this system") }
