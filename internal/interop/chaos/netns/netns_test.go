package netns

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// The tests run in a network namespace of their own, like the program that uses the package.
func TestMain(m *testing.M) {
	if Check() == nil && !Inside() {
		status, err := Enter()
		if err != nil {
			fmt.Println(err)
			status = 1
		}
		os.Exit(status)
	}
	os.Exit(m.Run())
}

// What a node says through a fault, and how it goes on when the fault is lifted.
func TestFaults(t *testing.T) {
	if err := Check(); err != nil {
		t.Skip(err)
	}
	network, err := Open(1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := network.Close(); err != nil {
			t.Error(err)
		}
	})
	port := echo(t, network.Host)
	node := network.Nodes[0]
	tests := []struct {
		name    string
		inject  func() (func() error, error)
		through bool
		says    string
	}{
		{"drop out", func() (func() error, error) { return node.Drop(Packets{Port: port}) }, false, ""},
		{"drop in", func() (func() error, error) { return node.Drop(Packets{In: true, Port: port}) }, false, ""},
		{"drop all", func() (func() error, error) { return node.Drop(Packets{}) }, false, ""},
		{"another port", func() (func() error, error) { return node.Drop(Packets{Port: port + 1}) }, true, ""},
		{"lose all", func() (func() error, error) { return node.Lose(Packets{Port: port}, 100) }, false, ""},
		{"lose few", func() (func() error, error) { return node.Lose(Packets{In: true}, 10) }, true, ""},
		{"reset", func() (func() error, error) { return node.Reset(port) }, false, "refused"},
		{"narrow", func() (func() error, error) { return node.Narrow(100) }, true, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			lift, err := test.inject()
			if err != nil {
				t.Fatal(err)
			}
			if through, out := speak(node, port, test.through); through != test.through || !strings.Contains(out, test.says) {
				t.Errorf("through: %v, %q", through, out)
			}
			if err := lift(); err != nil {
				t.Fatal(err)
			}
			if through, out := speak(node, port, true); !through {
				t.Errorf("after the fault: %q", out)
			}
		})
	}
}

// echo answers at a port of the host with what it is told.
func echo(t *testing.T, host string) (port int) {
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				b := make([]byte, 100)
				n, _ := c.Read(b)
				c.Write(b[:n])
			}()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

// speak says hello from inside the node and tells whether it came back: patiently when it should.
func speak(n *Node, port int, should bool) (bool, string) {
	patience := 500 * time.Millisecond
	if should {
		patience = time.Minute
	}
	script := fmt.Sprintf("exec 3<>/dev/tcp/198.18.0.254/%d && echo hello >&3 && cat <&3", port)
	words := append(n.Command(), "timeout", fmt.Sprint(patience.Seconds()), "bash", "-c", script)
	out, _ := exec.Command(words[0], words[1:]...).CombinedOutput()
	return strings.HasPrefix(string(out), "hello"), string(out)
}
