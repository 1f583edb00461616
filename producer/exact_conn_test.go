package producer

import (
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"slices"

	"kafkaproducer/client/world"
	"kafkaproducer/compress"
	"kafkaproducer/producer/internal/delivery"
	"kafkaproducer/producer/internal/simulation"
)

func (x *exact) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	nc, err := x.c.Dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	x.open++
	return &exactConn{Arriver: nc.(world.Arriver), x: x}, nil
}

// exactConn is the client's end of a connection, counted and listened to.
type exactConn struct {
	world.Arriver
	x      *exact
	closed bool
}

func (c *exactConn) Read(b []byte) (int, error) {
	n, err := c.Arriver.Read(b)
	c.x.heard(b[:n])
	return n, err
}

func (c *exactConn) Write(b []byte) (int, error) {
	n, err := c.Arriver.Write(b)
	c.x.heard(b[:n])
	return n, err
}

func (c *exactConn) Close() error {
	if !c.closed {
		c.closed = true
		c.x.open--
	}
	return c.Arriver.Close()
}

func (x *exact) heard(b []byte) {
	if x.wire != nil {
		binary.Write(x.wire, binary.BigEndian, int64(x.w.Elapsed()))
		x.wire.Write(b)
	}
}

// simulated sets what a Config has no field for.
func simulated(set *settings, s *simulation.Settings) {
	set.firstSequence, set.gather = int32(s.Sequence), delivery.Gather(slices.Index(simulation.Gathers, s.Gather))
}

// exactConfig is the Config of a schedule.
func exactConfig(s simulation.Settings, dial func(context.Context, string, string) (net.Conn, error), trace io.Writer) Config {
	log := slog.New(slog.DiscardHandler)
	if trace != nil {
		log = slog.New(slog.NewTextHandler(trace, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}))
	}
	cfg := Config{
		BootstrapServers: []string{simulation.Bootstrap}, Dial: dial, Logger: log,
		EnableIdempotence: Off, Retries: s.Retries, MaxInFlightRequestsPerConnection: s.InFlight,
		Linger: s.Linger, BatchSize: s.Batch, MaxRequestSize: s.MaxRequest, BufferMemory: s.Memory,
		RequestTimeout: s.RequestTimeout, DeliveryTimeout: s.DeliveryTimeout,
		RetryBackoff: s.Backoff, RetryBackoffMax: 10 * s.Backoff, ReconnectBackoff: s.Backoff, ReconnectBackoffMax: 10 * s.Backoff,
		CompressionType: compress.Codec(s.Compression), MaxBlock: s.Block,
	}
	if s.Idempotent && s.Retries >= 0 {
		cfg.EnableIdempotence = On
	}
	if s.Batch == 0 {
		cfg.BatchSize = 1
	}
	switch s.Acks {
	case 0:
		cfg.Acks = AcksNone
	case 1:
		cfg.Acks = AcksLeader
	}
	if s.Gapless {
		cfg.Gapless = On
	}
	cfg.Overflow = overflowNamed(s.Overflow)
	cfg.Topics = map[string]TopicConfig{simulation.Topic(s.Topics - 1): {Overflow: overflowNamed(s.TopicOverflow)}}
	return cfg
}
