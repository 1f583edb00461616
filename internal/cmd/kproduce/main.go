package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	t := tool{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, interrupts: interrupts}
	os.Exit(t.run(os.Args[1:]))
}
