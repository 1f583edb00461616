package netns

import (
	"fmt"
	"slices"
)

// Packets are those that a fault is for. They always pass the node's interface: what a node sends to itself is never touched.
type Packets struct {
	In   bool // those that arrive; else those that leave
	Port int  // of the peer, by TCP; 0: all packets
}

// match is how iptables names them.
func (p Packets) match() []string {
	chain, dev, port := "OUTPUT", "-o", "--dport"
	if p.In {
		chain, dev, port = "INPUT", "-i", "--sport"
	}
	words := []string{chain, dev, "eth0"}
	if p.Port > 0 {
		words = append(words, "-p", "tcp", port, fmt.Sprint(p.Port))
	}
	return words
}

// Drop lets packets vanish until it is lifted.
func (n *Node) Drop(p Packets) (lift func() error, err error) {
	return n.rule(append(p.match(), "-j", "DROP"))
}

// Lose lets so many of a hundred packets vanish, at random.
func (n *Node) Lose(p Packets, percent int) (lift func() error, err error) {
	probability := fmt.Sprintf("%.2f", float64(percent)/100)
	return n.rule(append(p.match(), "-m", "statistic", "--mode", "random", "--probability", probability, "-j", "DROP"))
}

// Reset answers packets that leave for a port with RST: the node's sockets are told that the peer closed the connection, and the
// peer is told nothing.
func (n *Node) Reset(port int) (lift func() error, err error) {
	return n.rule(append(Packets{Port: port}.match(), "-j", "REJECT", "--reject-with", "tcp-reset"))
}

func (n *Node) rule(words []string) (lift func() error, err error) {
	// -w: another iptables may hold the lock.
	if err := n.run("iptables", slices.Concat([]string{"-w", "-A"}, words)...); err != nil {
		return nil, err
	}
	return func() error { return n.run("iptables", slices.Concat([]string{"-w", "-D"}, words)...) }, nil
}

// Narrow lets so many kilobits a second leave the node. Packets that would wait for longer than 400 ms are dropped.
func (n *Node) Narrow(kbit int) (lift func() error, err error) {
	if err := n.run("tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", fmt.Sprintf("%dkbit", kbit), "burst", "16kb", "latency", "400ms"); err != nil {
		return nil, err
	}
	return func() error { return n.run("tc", "qdisc", "del", "dev", "eth0", "root") }, nil
}
