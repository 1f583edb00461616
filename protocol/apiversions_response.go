package protocol

import "encoding/binary"

// ApiVersionsResponse says which versions of which APIs a broker knows.
type ApiVersionsResponse struct {
	ErrorCode              ErrorCode
	ApiKeys                []ApiVersion
	ThrottleTimeMs         int32                 // since 1: the client should be silent for so long, in milliseconds (KIP-219)
	SupportedFeatures      []SupportedFeatureKey // since 3 (KIP-584)
	FinalizedFeaturesEpoch int64                 // since 3; -1: unknown, and FinalizedFeatures means nothing
	FinalizedFeatures      []FinalizedFeatureKey // since 3: those in force in the cluster
	ZkMigrationReady       bool                  // since 3
}

// ApiVersion is the versions that a broker knows of one API, both ends included.
type ApiVersion struct {
	ApiKey     Key
	MinVersion int16
	MaxVersion int16
}

// SupportedFeatureKey is a feature that a broker has, with the versions it knows. Before 4 a broker leaves out
// features that begin at 0 (KAFKA-17011).
type SupportedFeatureKey struct {
	Name       string
	MinVersion int16
	MaxVersion int16
}

// FinalizedFeatureKey is a feature in force in the cluster, with its levels.
type FinalizedFeatureKey struct {
	Name            string
	MaxVersionLevel int16
	MinVersionLevel int16
}

// Key is ApiVersionsKey.
func (*ApiVersionsResponse) Key() Key { return ApiVersionsKey }

func (*ApiVersionsResponse) response() {}

func (m *ApiVersionsResponse) walk(c *Coder) {
	c.errorCode(&m.ErrorCode)
	array(c, &m.ApiKeys)
	if c.since(1) {
		c.int32(&m.ThrottleTimeMs)
	} else {
		ignored(c, &m.ThrottleTimeMs, 0)
	}
	t := c.tags(present(0, len(m.SupportedFeatures) > 0) |
		present(1, m.FinalizedFeaturesEpoch != -1) |
		present(2, len(m.FinalizedFeatures) > 0) |
		present(3, m.ZkMigrationReady))
	ignoredArray(c, &m.SupportedFeatures)
	ignored(c, &m.FinalizedFeaturesEpoch, -1)
	ignoredArray(c, &m.FinalizedFeatures)
	ignored(c, &m.ZkMigrationReady, false)
	for t.next(c) {
		switch t.tag {
		case 0:
			array(c, &m.SupportedFeatures)
		case 1:
			c.int64(&m.FinalizedFeaturesEpoch)
		case 2:
			array(c, &m.FinalizedFeatures)
		case 3:
			c.bool(&m.ZkMigrationReady)
		}
	}
}

func (m *ApiVersion) walk(c *Coder) {
	c.key(&m.ApiKey)
	c.int16(&m.MinVersion)
	c.int16(&m.MaxVersion)
	c.noTags()
}

func (m *SupportedFeatureKey) walk(c *Coder) {
	c.string(&m.Name)
	c.int16(&m.MinVersion)
	c.int16(&m.MaxVersion)
	c.noTags()
}

func (m *FinalizedFeatureKey) walk(c *Coder) {
	c.string(&m.Name)
	c.int16(&m.MaxVersionLevel)
	c.int16(&m.MinVersionLevel)
	c.noTags()
}

// refusesVersion reports whether the body is a broker's answer to an ApiVersions request whose version it doesn't know.
// The code is the first field of every version.
func refusesVersion(body []byte) bool {
	return len(body) >= 2 && ErrorCode(binary.BigEndian.Uint16(body)) == UnsupportedVersion
}

// decodeRefusal decodes what refusesVersion has recognised. A broker sends it in version 0, with what it knows of
// ApiVersions itself. librdkafka's mock cluster sends after the code what fits no version, so that what can't be read
// is left out: the code alone is enough to ask again with version 0.
func (m *ApiVersionsResponse) decodeRefusal(c *Coder, body []byte) {
	if c.decodeBody(body, 0, m) != nil {
		*m = ApiVersionsResponse{ErrorCode: UnsupportedVersion, FinalizedFeaturesEpoch: -1}
	}
}
