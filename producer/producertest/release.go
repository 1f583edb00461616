package producertest

import (
	"fmt"
	"slices"
	"strings"

	"kafkaproducer/protocol"
)

// release is what a producer can tell of a Kafka release.
type release struct {
	name         string
	maxVersions  [6]int16        // in the order of releaseKeys; -1: the API did not exist
	unknown      UnknownProducer // KIP-360 came with 2.5, KAFKA-15591 comes with 4.5
	kraft        bool            // auto-creation is done by a KRaft controller
	minProduceV3 bool            // KIP-896: Produce 0 to 2 are gone, although ApiVersions still says 0 (KAFKA-18659)
}

// releaseKeys are in their order.
var releaseKeys = [6]protocol.Key{
	protocol.ProduceKey, protocol.MetadataKey, protocol.SaslHandshakeKey,
	protocol.ApiVersionsKey, protocol.InitProducerIDKey, protocol.SaslAuthenticateKey,
}

// releases are the releases in which something changed, oldest first. The versions are those the brokers announce.
var releases = []release{
	{"0.11", [6]int16{3, 4, 0, 1, 0, -1}, RefuseOutOfOrder, false, false},
	{"1.0", [6]int16{5, 5, 1, 1, 0, 0}, RefuseUnknown, false, false},
	{"2.0", [6]int16{6, 6, 1, 2, 1, 0}, RefuseUnknown, false, false},
	{"2.1", [6]int16{7, 7, 1, 2, 1, 0}, RefuseUnknown, false, false},
	{"2.2", [6]int16{7, 7, 1, 2, 1, 1}, RefuseUnknown, false, false},
	{"2.3", [6]int16{7, 8, 1, 2, 1, 1}, RefuseUnknown, false, false},
	{"2.4", [6]int16{8, 9, 1, 3, 2, 1}, RefuseUnknown, false, false},
	{"2.5", [6]int16{8, 9, 1, 3, 3, 2}, AcceptUnknown, false, false},
	{"2.7", [6]int16{8, 9, 1, 3, 4, 2}, AcceptUnknown, false, false},
	{"2.8", [6]int16{9, 11, 1, 3, 4, 2}, AcceptUnknown, false, false},
	{"3.1", [6]int16{9, 12, 1, 3, 4, 2}, AcceptUnknown, false, false},
	{"3.3", [6]int16{9, 12, 1, 3, 4, 2}, AcceptUnknown, true, false},
	{"3.7", [6]int16{10, 12, 1, 3, 4, 2}, AcceptUnknown, true, false},
	{"3.8", [6]int16{11, 12, 1, 3, 5, 2}, AcceptUnknown, true, false},
	{"3.9", [6]int16{11, 12, 1, 4, 5, 2}, AcceptUnknown, true, false},
	{"4.0", [6]int16{12, 13, 1, 4, 5, 2}, AcceptUnknown, true, true},
	{"4.1", [6]int16{13, 13, 1, 4, 5, 2}, AcceptUnknown, true, true},
	{"4.4", [6]int16{13, 13, 1, 5, 5, 2}, AcceptUnknown, true, true},
	{"4.5", [6]int16{13, 13, 1, 5, 5, 2}, AcceptUnknownUnlessEmpty, true, true},
}

// defaultRelease is what a broker imitates when nothing else is asked for.
const defaultRelease = "4.4"

// Releases are the names that Options.Release takes, oldest first.
func Releases() []string {
	names := make([]string, len(releases))
	for i, r := range releases {
		names[i] = r.name
	}
	return names
}

// before says whether r is an older release than the one of a name.
func (r release) before(name string) bool {
	at := func(name string) int {
		return slices.IndexFunc(releases, func(x release) bool { return x.name == name })
	}
	return at(r.name) < at(name)
}

func findRelease(name string) (release, error) {
	if name == "" {
		name = defaultRelease
	}
	for _, r := range releases {
		if r.name == name {
			return r, nil
		}
	}
	return release{}, &OptionError{Option: "Release", Value: name, Allowed: strings.Join(Releases(), ", ")}
}

// OptionError is returned by New for an option that can't be.
type OptionError struct {
	Option  string
	Value   any
	Allowed string
}

// Error names the option, its value and what is allowed.
func (e *OptionError) Error() string {
	return fmt.Sprintf("producertest: Options.%s is %v, allowed: %s", e.Option, e.Value, e.Allowed)
}

// announced returns the ranges of versions as ApiVersions has them, in the order of the keys: the release's with the options' on top.
func announced(o *Options, r release) []protocol.ApiVersion {
	ranges := make([]protocol.ApiVersion, 0, len(releaseKeys))
	for i, key := range releaseKeys {
		v := protocol.ApiVersion{ApiKey: key, MaxVersion: r.maxVersions[i]}
		if least, ok := o.MinVersions[key]; ok {
			v.MinVersion = least
		}
		if most, ok := o.MaxVersions[key]; ok {
			v.MaxVersion = most
		}
		if v.MaxVersion >= v.MinVersion {
			ranges = append(ranges, v)
		}
	}
	return ranges
}
