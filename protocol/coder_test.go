package protocol

import (
	"runtime"
	"strings"
	"testing"
)

// decodeErrors are bodies that are wrong, and what is said of them.
var decodeErrors = []struct {
	name    string
	message Message
	version int16
	body    string
	want    string
}{
	{
		"cut off", new(InitProducerIDResponse), 0, "\x00\x00\x00\x00\x00\x00\x00\x01",
		"kafka protocol: decoding InitProducerId response version 0: ProducerID at byte 6: needs 8 bytes, 2 are left",
	},
	{
		"bytes left", new(SaslHandshakeRequest), 1, "\x00\x01xyz",
		"kafka protocol: decoding SaslHandshake request version 1: end at byte 3: 2 bytes too many",
	},
	{
		"negative length", new(SaslHandshakeRequest), 1, "\xff\xfexyz",
		"kafka protocol: decoding SaslHandshake request version 1: Mechanism at byte 2: length -2, where at most 3 is possible",
	},
	{
		"hostile count", new(SaslHandshakeResponse), 0, "\x00\x00\x7f\xff\xff\xff",
		"kafka protocol: decoding SaslHandshake response version 0: Mechanisms at byte 6: length 2147483647, where at most 0 is possible",
	},
	{
		"count beyond the bytes left", new(ProduceResponse), 12, "\x06\x02x\x01\x00",
		"kafka protocol: decoding Produce response version 12: Responses at byte 1: length 5, where at most 4 is possible",
	},
	{
		"string too long", new(ApiVersionsRequest), 3, "\x81\x80\x02" + strings.Repeat("x", 1<<15) + "\x01\x00",
		"kafka protocol: decoding ApiVersions request version 3: ClientSoftwareName at byte 3: length 32768, where at most 32767 is possible",
	},
	{
		"in the second element", new(SaslHandshakeResponse), 0, "\x00\x00\x00\x00\x00\x02\x00\x01x\x00\x02y",
		"kafka protocol: decoding SaslHandshake response version 0: Mechanisms[1] at byte 11: needs 2 bytes, 1 are left",
	},
	{
		"varint too long", new(SaslAuthenticateRequest), 2, "\xff\xff\xff\xff\xff\x01",
		"kafka protocol: decoding SaslAuthenticate request version 2: AuthBytes at byte 0: a varint of more than 32 bits",
	},
	{
		"varint too large", new(SaslAuthenticateRequest), 2, "\xff\xff\xff\xff\x1f",
		"kafka protocol: decoding SaslAuthenticate request version 2: AuthBytes at byte 0: a varint of more than 32 bits",
	},
	{
		"unknown tag beyond the end", new(SaslAuthenticateRequest), 2, "\x01\x01\x05\x02x",
		"kafka protocol: decoding SaslAuthenticate request version 2: end at byte 4: needs 2 bytes, 1 are left",
	},
	{
		"tagged field with bytes left", new(ApiVersionsResponse), 3, "\x00\x00\x01\x00\x00\x00\x00\x02\x03\x03\x01\x63\x00\x64\x00",
		"kafka protocol: decoding ApiVersions response version 3: end at byte 11: 2 bytes too many",
	},
	{
		"tagged field cut off", new(ApiVersionsResponse), 3, "\x00\x00\x01\x00\x00\x00\x00\x01\x01\x02\x01\x01",
		"kafka protocol: decoding ApiVersions response version 3: FinalizedFeaturesEpoch at byte 10: needs 8 bytes, 2 are left",
	},
	// Sizes and counts that an int of 32 bits takes for negative (GOARCH=386).
	{
		"unknown tag of 4 GiB", new(SaslAuthenticateRequest), 2, "\x01\x01\x05\xff\xff\xff\xff\x0f",
		"kafka protocol: decoding SaslAuthenticate request version 2: end at byte 8: needs 4294967295 bytes, 0 are left",
	},
	{
		"unknown tag of 2 GiB with more behind it", new(ProduceResponse), 9, "\x03\x02x\x01\x01\x05\x80\x80\x80\x80\x08\x02y\x01\x00\x00\x00\x00\x00\x00",
		"kafka protocol: decoding Produce response version 9: end at byte 11: needs 2147483648 bytes, 9 are left",
	},
	{
		"4 Gi tagged fields", new(SaslAuthenticateRequest), 2, "\x01\xff\xff\xff\xff\x0f",
		"kafka protocol: decoding SaslAuthenticate request version 2: end at byte 6: needs 1 bytes, 0 are left",
	},
}

func TestDecodeErrorsSayWhere(t *testing.T) {
	for _, test := range decodeErrors {
		t.Run(test.name, func(t *testing.T) {
			err := Decode([]byte(test.body), test.version, test.message)
			if err == nil || err.Error() != test.want {
				t.Errorf("\n got %v\nwant %s", err, test.want)
			}
		})
	}
}

// Four bytes each are more than an int of 32 bits counts. That many bytes are only claimed to be there.
func TestHugeCountOfInt32s(t *testing.T) {
	c := Coder{decoding: true, buf: []byte("\x40\x00\x00\x00"), end: 1<<30 + 4}
	var values []int32
	c.int32s(&values)
	if c.err == nil || c.err.Error() != "needs 4294967296 bytes, 1073741824 are left" || len(values) != 0 {
		t.Errorf("%d values, error %v", len(values), c.err)
	}
}

func TestEncodeErrorsSayWhere(t *testing.T) {
	long := strings.Repeat("x", MaxString+1)
	for _, test := range []struct {
		name    string
		message Message
		version int16
		want    string
	}{
		{
			"long string", &MetadataRequest{Topics: []MetadataRequestTopic{{Name: ptr("a")}, {Name: &long}}}, 9,
			"kafka protocol: encoding Metadata request version 9: Topics[1].Name: length 32768, where at most 32767 is possible",
		},
		{
			"not in the version", &InitProducerIDRequest{ProducerID: 7}, 2,
			"kafka protocol: encoding InitProducerId request version 2: ProducerID: set, but the version does not have it",
		},
		{
			"by id too early", &MetadataRequest{Topics: []MetadataRequestTopic{{TopicID: UUID{1}}}}, 9,
			"kafka protocol: encoding Metadata request version 9: Topics[0].Name: null where the version does not allow it",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Append(nil, test.version, test.message); err == nil || err.Error() != test.want {
				t.Errorf("\n got %v\nwant %s", err, test.want)
			}
		})
	}
}

// Tags in any order, and one twice: Java's reader takes what comes.
func TestTagOrder(t *testing.T) {
	head := "\x00\x00\x01\x00\x00\x00\x00"
	epoch := "\x01\x08\x00\x00\x00\x00\x00\x00\x00"
	var m ApiVersionsResponse
	if err := Decode([]byte(head+"\x04\x03\x01\x01\x63\x02xx"+epoch+"\x05"+epoch+"\x06"), 3, &m); err != nil {
		t.Fatal(err)
	}
	if !m.ZkMigrationReady || m.FinalizedFeaturesEpoch != 6 {
		t.Errorf("%+v", m)
	}
}

// A count is only a claim: it must not make us take memory for what isn't there.
func TestHostileCount(t *testing.T) {
	zeros := strings.Repeat("\x00", 1<<16)
	for _, test := range []struct {
		name    string
		message Message
		version int16
		body    string
	}{
		{"brokers", new(MetadataResponse), 4, "\x00\x00\x00\x00\x00\x01\x00\x00" + "\x00\x00\x00\x00" + "\xff\xfe" + zeros},
		{"topics", new(ProduceResponse), 12, "\x80\x80\x04" + "\x00" + zeros},
		{"partitions", new(ProduceRequest), 3, "\xff\xff" + "\x00\x01" + "\x00\x00\x00\x00" + "\x00\x00\x00\x01" + "\x00\x00" + "\x00\x00\xff\xff" + "\xff\xff\xff\xff\xff\xff" + zeros},
		{"replicas", new(MetadataResponse), 8, "\x00\x00\x00\x00" + "\x00\x00\x00\x00" + "\xff\xff" + "\x00\x00\x00\x00" + "\x00\x00\x00\x01" + "\x00\x00\x00\x01x\x00" + "\x00\x00\x00\x01" + strings.Repeat("\x00", 14) + "\x00\x00\xff\xff" + zeros},
		{"mechanisms", new(SaslHandshakeResponse), 0, "\x00\x00" + "\x00\x00\xff\xff" + "\xff\xff" + zeros},
	} {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := Decode([]byte(test.body), test.version, test.message)
			runtime.ReadMemStats(&after)
			took := after.TotalAlloc - before.TotalAlloc // of the whole process: the test runner allocates, too
			if limit := uint64(32 * len(test.body)); err == nil || took > limit {
				t.Errorf("took %d bytes for %d received, want at most %d; %v", took, len(test.body), limit, err)
			}
		})
	}
}
