// Package proxy stands between clients and a broker and does to their connections what a network can do: it cuts them, lets
// one direction fall silent, delays, narrows, half-closes, refuses.
//
// A [Proxy] passes bytes on in the order in which they came, and never changes them: what TCP promises stays true. What is
// held up is not lost but late, as packets are that TCP sends again after the network has recovered. So a request can reach a
// broker long after its client gave up, closed the connection and sent the same records through another one: the end of a
// connection waits its turn behind the bytes that are held up.
//
// Each fault has an effect on the connections of the moment, and those that last on the ones to come, until they are lifted.
// Faults of one kind add up.
package proxy
