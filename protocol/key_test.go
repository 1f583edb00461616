package protocol

import "testing"

func TestUnknownKey(t *testing.T) {
	for _, k := range []Key{-1, 1, 37, 1<<15 - 1, -1 << 15} {
		lo, hi := k.Versions()
		if lo <= hi || k.Supports(0) || k.Flexible(99) || NewRequest(k) != nil || NewResponse(k) != nil {
			t.Errorf("%s is taken for something", k)
		}
	}
	if got := Key(1).String(); got != "API 1" {
		t.Errorf("key 1 is %q", got)
	}
	const text = "kafka protocol: API 1 is not known here"
	if got := (&VersionError{Key: 1}).Error(); got != text {
		t.Errorf("%q, want %q", got, text)
	}
}

func TestKey(t *testing.T) {
	for _, k := range []Key{
		ProduceKey, MetadataKey, SaslHandshakeKey, ApiVersionsKey, InitProducerIDKey, SaslAuthenticateKey,
	} {
		if NewRequest(k).Key() != k || NewResponse(k).Key() != k {
			t.Errorf("the messages of %s have another key", k)
		}
	}
	const text = "kafka protocol: ApiVersions version 2 is not known here (known are 0 to 5)"
	if got := (&VersionError{Key: ApiVersionsKey, Version: 2}).Error(); got != text {
		t.Errorf("%q, want %q", got, text)
	}
}
