package load

// Client is the common face of the clients.
type Client interface {
	// Callback makes of done what Send takes, in the client's own form, so that a callback that many records share is
	// made once.
	Callback(done func(error)) any
	// Send sends a record to the topic with this index and returns when the client has taken it. The callback is called
	// once, when the outcome is known; also when the client didn't take the record.
	Send(topic int, key, value []byte, callback any)
	// Flush returns when every record sent before has its outcome.
	Flush()
	Close()
}

// Connect makes a client for a work. Notes are settings that the client can't have as asked for.
type Connect func(Settings) (c Client, notes []string, err error)
