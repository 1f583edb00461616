package protocol

// ApiVersionsRequest asks a broker which versions of which APIs it knows. It is the first request on a connection.
type ApiVersionsRequest struct {
	ClientSoftwareName    string  // since 3: letters, digits, '-' and '.' (KIP-511)
	ClientSoftwareVersion string  // since 3: the same
	ClusterID             *string // since 5: the cluster that is meant; nil: any. Only together with NodeID
	NodeID                int32   // since 5: the broker that is meant; -1: any
}

// Key is ApiVersionsKey.
func (*ApiVersionsRequest) Key() Key { return ApiVersionsKey }

func (*ApiVersionsRequest) request() {}

func (m *ApiVersionsRequest) walk(c *Coder) {
	if c.since(3) {
		c.string(&m.ClientSoftwareName)
		c.string(&m.ClientSoftwareVersion)
	} else {
		ignored(c, &m.ClientSoftwareName, "")
		ignored(c, &m.ClientSoftwareVersion, "")
	}
	if c.since(5) {
		c.nullableString(&m.ClusterID)
		c.int32(&m.NodeID)
	} else {
		ignored(c, &m.ClusterID, nil)
		ignored(c, &m.NodeID, -1)
	}
	c.noTags()
}
