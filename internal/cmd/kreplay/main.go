// Command kreplay runs a flight record of a producer (Producer.WriteFlightRecord) again, prints what happened, and says whether
// it was as it is recorded. Without a file it reads standard input.
//
//	go run ./internal/cmd/kreplay kafkaproducer-123.flight
package main

import (
	"fmt"
	"io"
	"os"

	"kafkaproducer/producer"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run returns the exit status: 0 for a record that replayed exactly, 1 for one that didn't or is none, 2 for wrong use.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) > 1 {
		fmt.Fprintln(stderr, "usage: kreplay [FILE]")
		return 2
	}
	if len(args) == 1 {
		f, err := os.Open(args[0])
		if err != nil {
			fmt.Fprintln(stderr, "kreplay:", err)
			return 2
		}
		defer f.Close()
		stdin = f
	}
	if err := producer.ReplayFlightRecord(stdin, stdout); err != nil {
		fmt.Fprintln(stderr, "kreplay:", err)
		return 1
	}
	fmt.Fprintln(stdout, "replayed exactly")
	return 0
}
