package netns

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// inside is in the environment of a program that Enter has started.
const inside = "CHAOS_NETNS"

// Check returns why there can't be a network here, or nil.
func Check() error {
	if runtime.GOOS != "linux" {
		return errors.New("network namespaces are Linux's")
	}
	if os.Geteuid() != 0 {
		return errors.New("network namespaces need root")
	}
	for _, name := range []string{"ip", "tc", "nsenter", "iptables"} {
		if _, err := exec.LookPath(name); err != nil {
			return fmt.Errorf("network namespaces need the command %s", name)
		}
	}
	// Each in a namespace that ends with it.
	for _, words := range probes {
		cmd := exec.Command(words[0], words[1:]...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("in a network namespace: %v: %w: %s", cmd, err, out)
		}
	}
	return nil
}

// probes show that the kernel has what the faults are made of.
var probes = [][]string{
	{"ip", "link", "add", "bridge", "type", "bridge"},
	{"ip", "link", "add", "veth1", "type", "veth", "peer", "name", "veth2"},
	{"iptables", "-w", "-A", "OUTPUT", "-m", "statistic", "--mode", "random", "--probability", "0.5", "-j", "DROP"},
	{"iptables", "-w", "-A", "OUTPUT", "-p", "tcp", "-j", "REJECT", "--reject-with", "tcp-reset"},
	{"tc", "qdisc", "add", "dev", "lo", "root", "tbf", "rate", "1mbit", "burst", "16kb", "latency", "400ms"},
}

// Inside tells whether this program was started by Enter.
func Inside() bool { return os.Getenv(inside) != "" }

// Enter runs this program again, with the same arguments, in a network namespace of its own, and returns its exit status.
func Enter() (status int, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.Command(self, os.Args[1:]...)
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	// Pdeathsig is sent when the thread ends that started the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err = cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// Network is the bridge and its nodes.
type Network struct {
	Host  string // this program's address
	Nodes []*Node
}

// Open makes a network of so many nodes in the namespace of this program, which Enter has started.
func Open(nodes int) (*Network, error) {
	n := &Network{Host: "198.18.0.254"}
	for _, args := range [][]string{
		{"link", "set", "lo", "up"},
		{"link", "add", "bridge", "type", "bridge"},
		{"link", "set", "bridge", "up"},
		{"address", "add", n.Host + "/24", "dev", "bridge"},
	} {
		if err := run("ip", args...); err != nil {
			return nil, err
		}
	}
	for i := 1; i <= nodes; i++ {
		node, err := open(i)
		if node != nil {
			n.Nodes = append(n.Nodes, node)
		}
		if err != nil {
			return nil, errors.Join(err, n.Close())
		}
	}
	return n, nil
}

// Close ends all nodes. Processes in them go on without a network.
func (n *Network) Close() error {
	var errs []error
	for _, node := range n.Nodes {
		errs = append(errs, node.leash.Close(), node.holder.Wait())
	}
	return errors.Join(errs...)
}

// Node is one namespace.
type Node struct {
	Host string

	holder *exec.Cmd // keeps the namespace
	leash  io.Closer // its standard input
}

func open(i int) (*Node, error) {
	n := &Node{Host: fmt.Sprintf("198.18.0.%d", i), holder: exec.Command("cat")}
	n.holder.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Setpgid: true}
	in, err := n.holder.StdinPipe()
	if err != nil {
		return nil, err
	}
	n.leash = in
	if err := n.holder.Start(); err != nil {
		return nil, err
	}
	veth := fmt.Sprintf("veth%d", i)
	if err := run("ip", "link", "add", veth, "type", "veth", "peer", "name", "eth0", "netns", fmt.Sprint(n.holder.Process.Pid)); err != nil {
		return n, err
	}
	if err := run("ip", "link", "set", veth, "master", "bridge", "up"); err != nil {
		return n, err
	}
	return n, errors.Join(n.run("ip", "link", "set", "lo", "up"), n.run("ip", "link", "set", "eth0", "up"),
		n.run("ip", "address", "add", n.Host+"/24", "dev", "eth0"))
}

// Command is what a command begins with so that it runs in the node.
func (n *Node) Command() []string {
	return []string{"nsenter", fmt.Sprintf("--net=/proc/%d/ns/net", n.holder.Process.Pid), "--"}
}

func (n *Node) run(name string, args ...string) error {
	words := append(n.Command(), name)
	return run(words[0], append(words[1:], args...)...)
}

func run(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w: %s", cmd, err, out)
	}
	return nil
}
