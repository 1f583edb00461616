package kafka

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports are taken from below the range that systems give to outgoing connections (Linux: 32768 to 60999). In that range
// a port whose broker was killed could be given to somebody else before the broker is back, and a client that tries to
// connect to it might be given that very port for its own end, and be connected to itself.
const (
	firstPort = 12000
	lastPort  = 32000
	portTries = 100
)

// freePorts returns n different ports of the loopback interface on which nobody listens. Somebody may take one before the
// broker does; who starts a broker must be ready to try again.
func freePorts(n int) ([]int, error) {
	var ports []int
	var last error
	for range portTries {
		if len(ports) == n {
			return ports, nil
		}
		port := firstPort + rand.IntN(lastPort-firstPort)
		l, err := net.Listen("tcp", at(loopback, port))
		if err != nil {
			last = err
			continue
		}
		// Held until all are found, so that none is found twice.
		defer l.Close()
		ports = append(ports, port)
	}
	return nil, fmt.Errorf("%d of %d free ports found after %d tries, last: %w", len(ports), n, portTries, last)
}

const loopback = "127.0.0.1"

func at(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }
