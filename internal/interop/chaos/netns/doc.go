// Package netns makes a small network of Linux network namespaces, and faults in it that the kernel makes: packets lost at
// random, dropped without a word, answered with RST, squeezed through a narrow pipe.
//
// [Enter] starts the program again in a namespace of its own. There [Open] makes a bridge and, for each node, a namespace joined
// to it by a pair of virtual interfaces:
//
//	node 1 eth0 ── veth1 ┐
//	node 2 eth0 ── veth2 ├ bridge ── this program
//	node 3 eth0 ── veth3 ┘
//
// The addresses are from 198.18.0.0/15, which is set aside for such tests (RFC 2544), and no packet leaves the namespaces.
// None of them has a name: each is held by a process whose standard input is a pipe from this one. When this program ends,
// however it ends, the kernel ends them all and takes interfaces and rules along, so that nothing is left to clean up.
//
// It needs root, and the commands ip, tc, nsenter and iptables; [Check] tells what is missing.
package netns
