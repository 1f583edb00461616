package client

import (
	"maps"
	"slices"

	"kafkaproducer/protocol"
)

// Versions is what a broker said it speaks, when its connection was set up. It is immutable; the zero value offers
// nothing.
type Versions struct {
	offered  []protocol.ApiVersion // as the broker has sent them
	features map[string]int16
}

// newVersions takes over what an ApiVersions answer says, and its list.
func newVersions(r *protocol.ApiVersionsResponse) Versions {
	v := Versions{offered: r.ApiKeys}
	if r.FinalizedFeaturesEpoch >= 0 && len(r.FinalizedFeatures) > 0 { // below zero the list means nothing (KIP-584)
		v.features = make(map[string]int16, len(r.FinalizedFeatures))
		for _, f := range r.FinalizedFeatures {
			v.features[f.Name] = f.MaxVersionLevel
		}
	}
	return v
}

// Max returns the highest version of a request that the broker and this module have in common and that is not above
// limit; -1 when there is none.
func (v Versions) Max(key protocol.Key, limit int16) int16 {
	least, most, ok := v.Offers(key)
	if !ok {
		return -1
	}
	lo, hi := key.Versions()
	for version := min(most, hi, limit); version >= max(least, lo); version-- {
		if key.Supports(version) {
			return version
		}
	}
	return -1
}

// Offers returns the broker's range of versions, whatever this module speaks; ok is false when it doesn't know the
// request. A broker of Kafka 4 claims Produce from 0 on but closes the connection on less than 3 (KAFKA-18659).
func (v Versions) Offers(key protocol.Key) (lo, hi int16, ok bool) {
	for i := len(v.offered) - 1; i >= 0; i-- { // of two, which Kafka doesn't send, the last counts
		if o := &v.offered[i]; o.ApiKey == key {
			return o.MinVersion, o.MaxVersion, true
		}
	}
	return 0, 0, false
}

// Feature returns the level of a finalized feature of the cluster, such as transaction.version; zero when the
// broker didn't name it (KIP-584).
func (v Versions) Feature(name string) int16 { return v.features[name] }

// Features returns the names of the finalized features, sorted.
func (v Versions) Features() []string { return slices.Sorted(maps.Keys(v.features)) }

// ClientThrottles reports whether the broker answers at once and expects the client to be silent for the throttle
// time it names, rather than having waited itself (KIP-219).
func (v Versions) ClientThrottles(key protocol.Key, version int16) bool {
	switch key {
	case protocol.ProduceKey, protocol.MetadataKey:
		return version >= 6
	case protocol.ApiVersionsKey:
		return version >= 2
	case protocol.InitProducerIDKey:
		return version >= 1
	}
	return false
}

// check returns a *VersionError when there is no version of key in common.
func (v Versions) check(key protocol.Key, newer string) error {
	if v.Max(key, 1<<15-1) >= 0 {
		return nil
	}
	e := &VersionError{Key: key, NeedsNewerBrokerOf: newer}
	e.ClientMin, e.ClientMax = key.Versions()
	e.BrokerMin, e.BrokerMax, e.Offered = v.Offers(key)
	if !e.Offered {
		e.NeedsNewerBrokerOf = ""
	}
	return e
}

// negotiation is the exchange that finds out a broker's versions: ask with the newest ApiVersions; a broker that
// doesn't know it says so and names what it knows; ask again (KIP-35, KIP-511).
type negotiation struct {
	version int16 // to ask with
	rounds  int
}

// negotiationRounds is how often a broker may refuse: 5, then what it named, then 0.
const negotiationRounds = 3

func newNegotiation() negotiation {
	_, newest := protocol.ApiVersionsKey.Versions()
	return negotiation{version: newest}
}

// answer takes a broker's answer: the versions, or again when it must be asked once more with n.version, or an error.
func (n *negotiation) answer(r *protocol.ApiVersionsResponse) (v Versions, again bool, err error) {
	n.rounds++
	switch {
	case r.ErrorCode == protocol.None:
		v = newVersions(r)
		if err := v.check(protocol.ProduceKey, "0.11"); err != nil {
			return v, false, err
		}
		return v, false, v.check(protocol.MetadataKey, "0.11")
	case r.ErrorCode == protocol.UnsupportedVersion && n.version > 0 && n.rounds < negotiationRounds:
		// Where the broker names its range, the best of it; else, and where the rest of the answer could not be
		// read (librdkafka's mock cluster), version 0, which every broker has.
		below := n.version - 1
		n.version = 0
		if known := newVersions(r).Max(protocol.ApiVersionsKey, below); known > 0 {
			n.version = known
		}
		return Versions{}, true, nil
	}
	return Versions{}, false, r.ErrorCode
}
