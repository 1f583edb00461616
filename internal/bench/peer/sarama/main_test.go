package main

import (
	"testing"

	"kafkaproducer/internal/bench/load/loadtest"
)

func TestPeer(t *testing.T) { loadtest.Run(t, connect) }
