package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// client is somebody who is measured.
type client struct {
	name  string // in tables, and on the command line
	about string
	build func(ctx context.Context, dir string) (command []string, err error)
}

// Name is the client's name.
func (c client) Name() string { return c.name }

// The clients, in the order of the tables.
var clientList = []client{
	{"ours", "this repository's producer", goPeer(".", "./peer/ours")},
	{"floor", "no client: what sending costs at the least", goPeer(".", "./peer/floor")},
	{"franz-go", "github.com/twmb/franz-go", goPeer(".", "./peer/franz")},
	{"librdkafka", "by confluent-kafka-go; needs cgo", goPeer("librdkafka", ".")},
	{"java", "Kafka's own producer; needs a JDK and Maven", javaPeer},
	{"kafka-go", "github.com/segmentio/kafka-go", goPeer(".", "./peer/kafkago")},
	{"sarama", "github.com/IBM/sarama", goPeer(".", "./peer/sarama")},
}

// goPeer builds a command of a module below this one's directory.
func goPeer(module, pkg string) func(context.Context, string) ([]string, error) {
	return func(ctx context.Context, dir string) ([]string, error) {
		out := filepath.Join(dir, "peer-"+strings.ReplaceAll(filepath.Base(filepath.Join(module, pkg)), ".", "bench"))
		return []string{out}, buildGo(ctx, module, pkg, out)
	}
}

func buildGo(ctx context.Context, module, pkg, out string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", out, pkg)
	cmd.Dir = module
	return runQuietly(cmd)
}

// javaPeer builds the Maven project in java/.
func javaPeer(ctx context.Context, _ string) ([]string, error) {
	for _, tool := range []string{"java", "mvn"} {
		if _, err := exec.LookPath(tool); err != nil {
			return nil, err
		}
	}
	cmd := exec.CommandContext(ctx, "mvn", "-B", "-q", "compile")
	cmd.Dir = "java"
	if err := runQuietly(cmd); err != nil {
		return nil, err
	}
	jars, err := os.ReadFile(filepath.Join("java", "target", "classpath"))
	if err != nil {
		return nil, err
	}
	classes := filepath.Join("java", "target", "classes") + ":" + strings.TrimSpace(string(jars))
	return []string{"java", "-cp", classes, "kafkaproducer.bench.Peer"}, nil
}

// runQuietly runs a command; its error holds what it printed.
func runQuietly(cmd *exec.Cmd) error {
	out, err := cmd.CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) || err == nil {
		return err
	}
	return fmt.Errorf("%v: %w\n%s", cmd, err, out)
}
