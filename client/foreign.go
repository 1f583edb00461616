package client

import "bytes"

// sniffed is how many bytes of a first answer are looked at.
const sniffed = 8

// foreign says what a peer speaks whose first bytes cannot begin a Kafka answer; nil when they may. A Kafka answer
// begins with four bytes of length, and no first answer (to ApiVersions) is as large as these would mean: "HTTP" is
// 1.2 GB, a TLS alert 336 MB.
func foreign(first []byte) error {
	if e := foreignTo(first); e != nil {
		return e
	}
	return nil
}

func foreignTo(first []byte) *ForeignProtocolError {
	if len(first) < 4 {
		return nil
	}
	protocol := ""
	switch {
	case bytes.HasPrefix(first, []byte("HTTP")):
		protocol = "HTTP"
	case (first[0] == 0x15 || first[0] == 0x16) && first[1] == 0x03 && first[2] <= 0x04:
		// RFC 8446 section 5.1: an alert (21) or handshake (22) record of legacy version 3.x
		protocol = "TLS"
	case printable(first[:4]):
		protocol = "text"
	default:
		return nil
	}
	return &ForeignProtocolError{Protocol: protocol, First: bytes.Clone(first[:min(len(first), sniffed)])}
}

// printable reports whether b is what a line of text begins with.
func printable(b []byte) bool {
	for _, c := range b {
		if (c < 0x20 || c > 0x7e) && c != '\r' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}
