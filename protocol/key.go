package protocol

import (
	"math"
	"math/bits"
	"strconv"
)

// Key is the number of an API in a request's header.
type Key int16

// The APIs of this package.
const (
	ProduceKey          Key = 0
	MetadataKey         Key = 3
	SaslHandshakeKey    Key = 17
	ApiVersionsKey      Key = 18
	InitProducerIDKey   Key = 22
	SaslAuthenticateKey Key = 36
)

// api is what one knows about a key without looking into a message.
type api struct {
	name     string
	versions uint32 // bit v: version v is encoded here
	flexible int16  // the first flexible version (KIP-482)

	newRequest  func() Request
	newResponse func() Response
}

// apis holds the keys of this package. Versions are those that a Kafka of 2.1 to 4.4 speaks and a producer has a use
// for; what each brings is told beside the fields of its messages.
//
// The header of a flexible version is flexible too, except the response of ApiVersions: see responseHeader.
var apis = [...]api{
	ProduceKey: {
		"Produce", versionRange(3, 13), 9,
		func() Request { return new(ProduceRequest) }, func() Response { return new(ProduceResponse) },
	},
	MetadataKey: {
		"Metadata", versionRange(4, 13), 9,
		func() Request { return new(MetadataRequest) }, func() Response { return new(MetadataResponse) },
	},
	SaslHandshakeKey: {
		"SaslHandshake", versionRange(0, 1), math.MaxInt16, // never flexible
		func() Request { return new(SaslHandshakeRequest) }, func() Response { return new(SaslHandshakeResponse) },
	},
	ApiVersionsKey: {
		"ApiVersions", versionRange(0, 0) | versionRange(3, 5), 3, // 1 and 2 are no use: 0 is asked when 3 and later are refused
		func() Request { return new(ApiVersionsRequest) }, func() Response { return new(ApiVersionsResponse) },
	},
	InitProducerIDKey: {
		"InitProducerId", versionRange(0, 5), 2, // 6 is unstable in Kafka 4.4 (KIP-939)
		func() Request { return new(InitProducerIDRequest) }, func() Response { return new(InitProducerIDResponse) },
	},
	SaslAuthenticateKey: {
		"SaslAuthenticate", versionRange(0, 2), 2,
		func() Request { return new(SaslAuthenticateRequest) }, func() Response { return new(SaslAuthenticateResponse) },
	},
}

// versionRange is a bit for each version in the range, both ends included.
func versionRange(lo, hi int) uint32 { return 1<<(hi+1) - 1<<lo }

// api is the key's row, an empty one for a key that this package does not have.
func (k Key) api() *api {
	if k < 0 || int(k) >= len(apis) {
		return &api{}
	}
	return &apis[k]
}

// String is Kafka's name of the API, or its number when this package does not have it.
func (k Key) String() string {
	if name := k.api().name; name != "" {
		return name
	}
	return "API " + strconv.Itoa(int(k))
}

// Versions is the range of versions that this package encodes and decodes. Supports tells whether there are gaps in it.
// For an unknown key it is 0 and -1, which no version is in.
func (k Key) Versions() (lo, hi int16) {
	versions := k.api().versions
	if versions == 0 {
		return 0, -1
	}
	return int16(bits.TrailingZeros32(versions)), int16(bits.Len32(versions)) - 1
}

// Supports reports whether this package encodes and decodes the version.
func (k Key) Supports(version int16) bool {
	return version >= 0 && version < 32 && k.api().versions>>version&1 != 0
}

// Flexible reports whether the version is a flexible one (KIP-482), for versions later than those of this package too.
func (k Key) Flexible(version int16) bool {
	a := k.api()
	return a.versions != 0 && version >= a.flexible
}

// NewRequest is an empty request of the API, nil when this package does not have it.
func NewRequest(k Key) Request {
	if f := k.api().newRequest; f != nil {
		return f()
	}
	return nil
}

// NewResponse is an empty response of the API, nil when this package does not have it.
func NewResponse(k Key) Response {
	if f := k.api().newResponse; f != nil {
		return f()
	}
	return nil
}
