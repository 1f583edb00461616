// Command floor is what sending must cost at the least on this machine: it is no client, and knows nothing but the bytes.
//
//   - In throughput it encodes records straight into batches, checksums them and writes requests of a batch for each of eight
//     partitions, five of them in flight. It has no API, locks, callbacks or handling of errors.
//   - In onebyone it writes a request with one record and reads the answer, over and over, on one goroutine.
//   - In paced it writes such a request for each record, and reads the answers on another goroutine.
//
// A client's cost is judged as a multiple of this.
package main

import (
	"net"
	"os"

	"kafkaproducer/internal/bench/load"
)

func version() string { return "floor" }

func main() {
	if s := load.Parse(os.Args[1:]); s.Mode == load.Throughput {
		load.MainBare(version, dialStream)
		return
	}
	load.Main(version, func(s load.Settings) (load.Client, []string, error) {
		conn, err := net.Dial("tcp", s.Bootstrap)
		if err != nil {
			return nil, nil, err
		}
		return newExchange(conn, s), nil, nil
	})
}
