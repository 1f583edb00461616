package producertest

import (
	"context"
	"net"
	"sync"
)

// worldNetwork is the network of a World: it gives out the addresses of the network in memory, and nobody dials it: see connect.
type worldNetwork struct {
	servers []*place // given out so far
}

// worldListener stands for a broker's being there.
type worldListener struct{ at *place }

func (w *worldNetwork) listen(addr string) (net.Listener, error) {
	for _, at := range w.servers {
		if at.name == addr {
			return &worldListener{at}, nil
		}
	}
	at := worldPlace(len(w.servers))
	w.servers = append(w.servers, at)
	return &worldListener{at}, nil
}

func (w *worldNetwork) dial(_ context.Context, network, addr string) (net.Conn, error) {
	return nil, dialError(network, addr, errConnRefused)
}

func (l *worldListener) Accept() (net.Conn, error) { return nil, net.ErrClosed }
func (l *worldListener) Close() error              { return nil }
func (l *worldListener) Addr() net.Addr            { return l.at.addr }

// worldPlaces are the first of them, which are the same in every World.
var worldPlaces = sync.OnceValue(func() (places [16]*place) {
	for i := range places {
		places[i] = newPlace(memoryAddr(i))
	}
	return places
})

// worldPlace returns the i-th address that is given out.
func worldPlace(i int) *place {
	if places := worldPlaces(); i < len(places) {
		return places[i]
	}
	return newPlace(memoryAddr(i))
}
