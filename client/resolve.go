package client

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// lookup is how names become addresses.
type lookup interface {
	// LookupHost returns the addresses of a name.
	LookupHost(ctx context.Context, host string) ([]string, error)
	// LookupAddr returns the names of an address.
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// noLookup leaves names to a Dial of the user's own.
type noLookup struct{}

func (noLookup) LookupHost(_ context.Context, host string) ([]string, error) {
	return []string{host}, nil
}

func (noLookup) LookupAddr(_ context.Context, addr string) ([]string, error) {
	return []string{addr}, nil
}

// newLookup chooses how the names in cfg's world are resolved.
func newLookup(cfg *Config) lookup {
	switch {
	case cfg.lookup != nil:
		return cfg.lookup
	case cfg.Dial != nil:
		return noLookup{}
	}
	return net.DefaultResolver
}

// resolve returns the addresses that stand behind a broker's name. With canonical each address is given back under
// its own canonical name (KIP-235); an address that has none keeps itself as its name, as Java's getCanonicalHostName does.
func resolve(ctx context.Context, l lookup, b Broker, canonical bool) ([]target, error) {
	port := strconv.Itoa(int(b.Port))
	addrs := []string{b.Host}
	if !isIP(b.Host) {
		var err error
		if addrs, err = l.LookupHost(ctx, b.Host); err != nil {
			return nil, err
		}
	}
	var targets []target
	for _, a := range addrs {
		t := target{name: b.Host, addr: net.JoinHostPort(a, port)}
		if canonical {
			t.name = a
			if names, err := l.LookupAddr(ctx, a); err == nil && len(names) > 0 {
				t.name = strings.TrimSuffix(names[0], ".")
			}
		}
		targets = append(targets, t)
	}
	if len(targets) == 0 {
		return nil, &net.DNSError{Err: "no address", Name: b.Host, IsNotFound: true}
	}
	return targets, nil
}

// isIP reports whether a host is an address already, perhaps with a zone.
func isIP(host string) bool {
	host, _, _ = strings.Cut(host, "%")
	_, err := netip.ParseAddr(host)
	return err == nil
}
