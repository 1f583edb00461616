package client

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"testing"
)

// What is written in pieces arrives whole and in order: empty pieces, more than a system call takes, larger ones than it is given, and
// more than the socket takes at a time.
func TestGather(t *testing.T) {
	for name, sizes := range map[string][]int{
		"nothing":      nil,
		"empty pieces": {0, 0, 5, 0, 7, 0},
		"as requests":  {90, 16_384, 12, 16_000, 12, 16_200, 3},
		"many":         make([]int, 5000),
		"large":        {10, 3 << 20, 20, 300 << 10, 1},
	} {
		t.Run(name, func(t *testing.T) {
			ours, theirs := loopback(t)
			defer ours.Close()
			defer theirs.Close()
			random := rand.NewChaCha8([32]byte{1})
			var pieces [][]byte
			var whole []byte
			for i, size := range sizes {
				if name == "many" {
					size = i % 7
				}
				p := make([]byte, size)
				random.Read(p)
				pieces, whole = append(pieces, p), append(whole, p...)
			}
			wrote := make(chan error, 1)
			go func() {
				w := newGatherWriter(ours)
				for i := range 2 { // the second time with what the first left in its storage
					all, n, err := i == 0, int64(0), error(nil)
					if all {
						n, err = w.write(slices.Clone(pieces))
					} else if n, all, err = w.begin(slices.Clone(pieces)); !all && err == nil {
						n, err = w.finish()
					}
					if w.begun() {
						t.Error("it is not finished")
					}
					if err == nil && n != int64(len(whole)) {
						t.Errorf("%d bytes of %d have left", n, len(whole))
					}
					if err != nil {
						wrote <- err
						return
					}
				}
				wrote <- ours.CloseWrite()
			}()
			got, err := io.ReadAll(theirs)
			if err != nil {
				t.Fatal(err)
			}
			if err := <-wrote; err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, append(whole, whole...)) {
				t.Errorf("%d bytes came, not the %d that were written twice", len(got), len(whole))
			}
		})
	}
}

// A write that the peer or somebody here ends returns an error, and how many bytes have left.
func TestGatherFails(t *testing.T) {
	for name, end := range map[string]func(ours, theirs *net.TCPConn){
		"reset":  func(_, theirs *net.TCPConn) { theirs.SetLinger(0); theirs.Close() },
		"closed": func(ours, _ *net.TCPConn) { ours.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			ours, theirs := loopback(t)
			defer ours.Close()
			defer theirs.Close()
			const size = 64 << 20 // more than any socket takes
			go func() {
				io.ReadFull(theirs, make([]byte, 1<<20))
				end(ours, theirs)
			}()
			n, err := newGatherWriter(ours).write([][]byte{make([]byte, size)})
			if err == nil || n < 1<<20 || n >= size {
				t.Errorf("%d bytes have left, with error %v", n, err)
			}
		})
	}
}

// drained returns the writer of a connection whose peer reads all that comes.
func drained(t *testing.T) *gatherWriter {
	ours, theirs := loopback(t)
	t.Cleanup(func() {
		ours.Close()
		theirs.Close()
	})
	go io.Copy(io.Discard, theirs)
	return newGatherWriter(ours)
}

// A write allocates nothing.
func TestGatherAllocatesNothing(t *testing.T) {
	w := drained(t)
	header, records := make([]byte, 100), make([]byte, 16<<10)
	pieces := make([][]byte, 2)
	if n := testing.AllocsPerRun(100, func() {
		pieces[0], pieces[1] = header, records
		if _, err := w.write(pieces); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a write", n)
	}
}
