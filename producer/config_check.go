package producer

import (
	"fmt"
	"math"
	"net"
	"strconv"
	"strings"
	"time"

	"kafkaproducer/client/tlsfiles"
	"kafkaproducer/compress"
	"kafkaproducer/protocol"
)

// resolver turns the fields of a Config into final values, one at a time, and gathers what is wrong. A wrong value's
// result is the default.
type resolver struct {
	errs    []error
	missing []error // what a program may still set after FromProperties
	notes   []string

	open  bool            // files may be opened: for New
	files *tlsfiles.Files // what New reads; nil: nothing
}

const (
	allowedAcks    = "all, -1, 0, 1"
	allowedServers = "host:port, an IPv6 address in brackets, separated by commas"
	notInNames     = " \t/@," // of hosts and listeners
)

// fail reports a value that is wrong by itself.
func (r *resolver) fail(property, value, allowed string) { r.clash(property, value, "", allowed) }

// clash reports a value that is wrong for a reason, such as another property's.
func (r *resolver) clash(property, value, reason, allowed string) {
	r.errs = append(r.errs, &ConfigError{Property: property, Value: value, Reason: reason, Allowed: allowed})
}

// lack reports what the program may still set after FromProperties.
func (r *resolver) lack(property, value, reason, allowed string) {
	r.missing = append(r.missing, &ConfigError{Property: property, Value: value, Reason: reason, Allowed: allowed})
}

func (r *resolver) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// clientID is a header's of every request.
func (r *resolver) clientID(id string) string {
	if len(id) > protocol.MaxString {
		r.clash("client.id", id, fmt.Sprintf("it has %d bytes", len(id)), fmt.Sprintf("at most %d bytes", protocol.MaxString))
		return ""
	}
	return id
}

func (r *resolver) int(property string, v int) int {
	return int(r.number(property, int64(v)))
}

func (r *resolver) number(property string, v int64) int64 {
	l := propertyNamed[property].limits
	n := l.fromConfig(v)
	if v != 0 && !l.allows(n) {
		r.fail(property, strconv.FormatInt(v, 10), l.String())
		return l.def
	}
	return n
}

// duration checks to the nanosecond: 999 µs is less than 1 ms.
func (r *resolver) duration(property string, v time.Duration) time.Duration {
	l := propertyNamed[property].limits
	unit := int64(l.durationUnit())
	n := time.Duration(l.fromConfig(int64(v)))
	switch low, high := max(l.low, math.MinInt64/unit)*unit, min(l.high, math.MaxInt64/unit)*unit; {
	case v == 0:
		return time.Duration(l.def * unit)
	case int64(n) < low || int64(n) > high && l.high != maxLong:
		r.fail(property, inUnits(v, l.durationUnit()), l.String())
		return time.Duration(l.def * unit)
	}
	return n
}

func (r *resolver) fraction(property string, v float64) float64 {
	f := propertyNamed[property].fractions
	n := f.fromConfig(v)
	if !(f.low <= n && n <= f.high) {
		r.fail(property, strconv.FormatFloat(v, 'g', -1, 64), f.String())
		return f.def
	}
	return n
}

func (r *resolver) toggle(property string, v Toggle, def bool) bool {
	switch v {
	case Default:
		return def
	case On, Off:
		return v == On
	}
	r.fail(property, v.String(), "true, false")
	return def
}

func (r *resolver) overflow(field string, v Overflow) Overflow {
	if v < OverflowDefault || v > OverflowDropOldest {
		r.fail(field, v.String(), "OverflowDefault to OverflowDropOldest")
		return OverflowDefault
	}
	return v
}

// chosen checks a constant whose names are the property's.
func chosen[T interface {
	~int8
	fmt.Stringer
}](r *resolver, property string, v T) T {
	n := propertyNamed[property].names
	if v < 0 || int(v) >= len(n.values) {
		r.fail(property, v.String(), n.String())
		return 0
	}
	return v
}

// level returns the level of the codec in use; those of the others are checked all the same, as Kafka does.
func (r *resolver) level(c Config) int {
	gzip := r.int("compression.gzip.level", c.CompressionGzipLevel)
	lz4 := r.int("compression.lz4.level", c.CompressionLZ4Level)
	zstd := r.int("compression.zstd.level", c.CompressionZstdLevel)
	switch c.CompressionType {
	case compress.Gzip:
		return gzip
	case compress.LZ4:
		return lz4
	case compress.ZSTD:
		return zstd
	}
	return compress.DefaultLevel
}

// servers returns the addresses of bootstrap.servers as host:port.
func (r *resolver) servers(list []string, protocol SecurityProtocol) []string {
	var addrs []string
	before := len(r.errs)
	for _, s := range list {
		if s = trim(s); s == "" {
			continue // Java passes over it too
		}
		addr, reason := serverAddress(s, protocol)
		if reason != "" {
			r.clash("bootstrap.servers", s, reason, allowedServers)
			continue
		}
		addrs = append(addrs, addr)
	}
	if len(addrs) == 0 && len(r.errs) == before {
		r.clash("bootstrap.servers", "", "it is required", allowedServers)
	}
	return addrs
}

// serverAddress returns an address as net.Dial takes it, or why it isn't one. As with Kafka's clients the name of a
// listener may stand before it, which Kafka passes over even where it is another security.protocol's.
func serverAddress(s string, protocol SecurityProtocol) (addr, reason string) {
	if listener, rest, ok := strings.Cut(s, "://"); ok {
		if i, err := propertyNamed["security.protocol"].names.parse(listener); err == nil && SecurityProtocol(i) != protocol {
			return "", fmt.Sprintf("%s contradicts security.protocol = %v", listener, protocol)
		}
		if strings.ContainsAny(listener, notInNames) {
			return "", "not a listener's name"
		}
		s = rest
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		if e, ok := err.(*net.AddrError); ok {
			return "", e.Err
		}
		return "", err.Error()
	}
	if host == "" {
		return "", "the host is missing"
	}
	if strings.ContainsAny(host, notInNames) {
		return "", "not a host name"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", "the port is not a number from 1 to 65535"
	}
	return net.JoinHostPort(host, port), ""
}
