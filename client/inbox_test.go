package client

import (
	"encoding/binary"
	"testing"
)

// receive puts bytes into an inbox as reads do, a piece at a time, and returns the frames' lengths.
func receive(t *testing.T, b *inbox, data []byte, piece int) (sizes []int) {
	t.Helper()
	for len(data) > 0 {
		n := copy(b.space()[:min(piece, len(b.space()))], data)
		if n == 0 {
			t.Fatal("there is no space")
		}
		b.filled(n)
		data = data[n:]
		for {
			frame, err := b.next()
			if err != nil {
				t.Fatal(err)
			}
			if frame == nil {
				break
			}
			sizes = append(sizes, len(frame))
		}
	}
	return sizes
}

// Frames of all sizes come out as they went in, however they were cut; and a large one's storage does not stay.
func TestInbox(t *testing.T) {
	lengths := []int{4, 5, inboxSize - 4, inboxSize, inboxSize + 1, 100, 3 * inboxSize, 1 << 20, 4, 300_000, 7}
	var data []byte
	for _, n := range lengths {
		data = binary.BigEndian.AppendUint32(data, uint32(n))
		data = append(data, make([]byte, n)...)
	}
	for _, piece := range []int{1 << 20, 70_000, 4096, 1001} {
		b := inbox{limit: 1 << 21}
		got := receive(t, &b, data, piece)
		if len(got) != len(lengths) {
			t.Fatalf("%d bytes a read: %d frames, want %d", piece, len(got), len(lengths))
		}
		for i := range got {
			if got[i] != lengths[i] {
				t.Fatalf("%d bytes a read: frame %d has %d bytes, want %d", piece, i, got[i], lengths[i])
			}
		}
		if b.space(); len(b.buf) > inboxKept {
			t.Errorf("%d bytes a read: %d bytes of storage stay", piece, len(b.buf))
		}
	}
}

func TestInboxGrowsAsBytesArrive(t *testing.T) {
	b := inbox{limit: 1 << 30}
	head := binary.BigEndian.AppendUint32(nil, 1<<30)
	receive(t, &b, append(head, make([]byte, 100_000)...), 4096)
	if b.space(); len(b.buf) > 400_000 {
		t.Errorf("%d bytes of storage for 100,000 of a frame of 1 GiB", len(b.buf))
	}
}
