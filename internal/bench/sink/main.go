// Command sink is a neutral Kafka broker that acknowledges at once: it looks at a produce request only as far as it must to
// answer it, so that what is measured is the client. Every client is measured against the same one.
//
//	sink [-delay 20ms] [-brokers 3]
//
// It listens on free ports of the loopback interface, prints their addresses on a line ("host:port,host:port"), and then
// answers each line of standard input with a line of JSON, what it counted since the one before. It ends with its input.
//
// A topic has as many partitions as its name says after the last hyphen: bench-8 has eight. Every topic exists. The
// partitions are spread over the brokers.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"strings"
	"time"
)

func main() {
	delay := flag.Duration("delay", 0, "wait before each answer to a produce request; requests behind it wait for nothing")
	brokers := flag.Int("brokers", 1, "how many brokers the cluster has")
	flag.Parse()
	if err := run(*delay, *brokers); err != nil {
		log.Fatal(err)
	}
}

func run(delay time.Duration, brokers int) error {
	s, err := newSink(delay, brokers)
	if err != nil {
		return err
	}
	defer s.close()
	s.serve()
	fmt.Println(strings.Join(s.addrs(), ","))
	out := json.NewEncoder(os.Stdout)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if err := out.Encode(s.counts.take()); err != nil {
			return err
		}
	}
	return nil
}
