package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// sinkOptions are what a sink is started with.
type sinkOptions struct {
	delay   time.Duration
	brokers int
}

// sink is a process of ./sink. It ends when this one does.
type sink struct {
	bootstrap string
	stdin     io.WriteCloser
	stdout    *bufio.Reader
	cmd       *exec.Cmd
}

// counts is what a sink saw; see sink/sink.go.
type counts struct{ Requests, Batches, Records, Bytes int64 }

func startSink(ctx context.Context, binary string, o sinkOptions) (*sink, error) {
	cmd := exec.CommandContext(ctx, binary, fmt.Sprintf("-delay=%v", o.delay), fmt.Sprintf("-brokers=%d", max(1, o.brokers)))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &sink{stdin: stdin, stdout: bufio.NewReader(stdout), cmd: cmd}
	line, err := s.stdout.ReadString('\n')
	if err != nil {
		s.close()
		return nil, fmt.Errorf("the sink didn't say where it is: %w", err)
	}
	s.bootstrap = strings.TrimSpace(line)
	return s, nil
}

// take returns what the sink has counted since the last time.
func (s *sink) take() (counts, error) {
	var c counts
	if _, err := io.WriteString(s.stdin, "\n"); err != nil {
		return c, err
	}
	line, err := s.stdout.ReadBytes('\n')
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(line, &c)
}

func (s *sink) close() {
	s.stdin.Close()
	s.cmd.Wait()
}
