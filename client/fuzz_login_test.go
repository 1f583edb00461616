package client

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"kafkaproducer/protocol"
)

// wayOf is one of the ways of a login, and the broker's half of it where all is well.
type wayOf struct {
	name   string
	logsIn bool // else it is only asked whether a login is wanted: see handshake.inquire
	good   []byte
}

// waysIn are SaslAuthenticate, the bare frames after SaslHandshake 0, and the question of who has no mechanism.
func waysIn(tb testing.TB) []wayOf {
	frame := func(id int32, version int16, m protocol.Response) []byte {
		b, err := protocol.AppendResponse(nil, version, id, m)
		if err != nil {
			tb.Fatal(err)
		}
		return b
	}
	versions := func(handshake, authenticate int16) []byte {
		return frame(0, 5, offering(
			protocol.ApiVersion{ApiKey: protocol.ProduceKey, MaxVersion: 13}, protocol.ApiVersion{ApiKey: protocol.MetadataKey, MaxVersion: 13},
			protocol.ApiVersion{ApiKey: protocol.SaslHandshakeKey, MaxVersion: handshake},
			protocol.ApiVersion{ApiKey: protocol.SaslAuthenticateKey, MaxVersion: authenticate},
		))
	}
	offered := &protocol.SaslHandshakeResponse{Mechanisms: []string{"PLAIN", "SCRIPTED"}}
	none := &protocol.SaslHandshakeResponse{ErrorCode: protocol.IllegalSaslState}
	bare := []byte{0, 0, 0, 3, 'y', 'e', 's'}
	return []wayOf{
		{"SaslAuthenticate", true, slices.Concat(versions(1, 2), frame(1, 1, offered),
			frame(2, 2, &protocol.SaslAuthenticateResponse{AuthBytes: []byte("more")}),
			frame(3, 2, &protocol.SaslAuthenticateResponse{AuthBytes: []byte("yes"), SessionLifetimeMs: 60_000}))},
		{"bare frames", true, slices.Concat(versions(0, 0), frame(1, 0, offered), bare, bare)},
		{"is one wanted", false, slices.Concat(versions(1, 2), frame(1, 1, none))},
	}
}

// FuzzLogin gives a connection that logs in anything at all after any beginning of a valid exchange: it must end, with a login that
// the mechanism is content with or with an error that says what came, and memory follows what was received.
func FuzzLogin(f *testing.F) {
	ways := waysIn(f)
	for way, w := range ways {
		for _, random := range [][]byte{nil, []byte("HTTP/1.1 400 Bad Request\r\n\r\n"), {0x7f, 0xff, 0xff, 0xff}, {0, 0, 0, 0}, {0xff, 0xff, 0xff, 0xff, 1}} {
			for _, part := range []int{len(w.good), len(w.good) / 2, len(w.good) - 9} {
				f.Add(uint8(way), uint16(part), uint16(len(random)), random)
			}
		}
		another := slices.Clone(w.good)
		another[7]++ // correlation id
		f.Add(uint8(way), uint16(0), uint16(100), another)
	}
	endless := slices.Clone(ways[0].good)
	endless[len(endless)-9] |= 0x80 // a session of less than no time
	f.Add(uint8(0), uint16(0), uint16(100), endless)
	f.Fuzz(func(t *testing.T, way uint8, prefix, chunk uint16, random []byte) {
		w := ways[int(way)%len(ways)]
		part := min(int(prefix), len(w.good))
		received := append(slices.Clone(w.good[:part]), random...)
		heard := 0
		h := wayIn(&simConn{reads: chunks(bytes.Clone(received), int(chunk)+1)}, nil, nil)
		h.wary = true
		if w.logsIn {
			h.mechanism = &scripted{next: func([]byte) ([]byte, bool, error) {
				if heard++; heard < 2 {
					return []byte("next"), false, nil
				}
				return nil, true, nil
			}}
		}
		_, s, err := h.run(t.Context())
		switch {
		case err != nil && part == len(w.good):
			t.Fatalf("all was well, and %v", err)
		case err == nil && w.logsIn && heard != 2:
			t.Fatalf("logged in after %d of 2 messages of the mechanism", heard)
		case err == nil && !inTurn(received, int(h.correlation)):
			t.Fatal("an answer was taken for that to another request")
		case err != nil && !saysWhatCame(err):
			t.Fatalf("%T says %q", err, err)
		case s.lifetime < 0:
			t.Fatalf("a session of %v", s.lifetime)
		}
		if limit := max(inboxSize, 4*len(received)); cap(h.inbox.buf) > limit {
			t.Fatalf("%d bytes were received, %d of storage taken", len(received), cap(h.inbox.buf))
		}
	})
}

// inTurn says whether the first n frames have the correlation ids 0 to n-1.
func inTurn(frames []byte, n int) bool {
	for id := range uint32(n) {
		if binary.BigEndian.Uint32(frames[4:]) != id {
			return false
		}
		frames = frames[4+binary.BigEndian.Uint32(frames):]
	}
	return true
}

// saysWhatCame says whether an error is one of those that tell what a peer did.
func saysWhatCame(err error) bool {
	var (
		auth        *AuthError
		size        *FrameSizeError
		correlation *CorrelationError
		foreign     *ForeignProtocolError
		version     *VersionError
		decode      *protocol.DecodeError
		code        protocol.ErrorCode
	)
	return err.Error() != "" && (hungUp(err) || errors.As(err, &auth) || errors.As(err, &size) || errors.As(err, &correlation) ||
		errors.As(err, &foreign) || errors.As(err, &version) || errors.As(err, &decode) || errors.As(err, &code))
}
