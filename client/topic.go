package client

import (
	"context"
	"fmt"
	"unicode/utf8"

	"kafkaproducer/protocol"
)

// Topic takes a topic into use and returns it as soon as it is known. A topic that does not exist is waited for: brokers
// are asked to create it (auto.create.topics.enable), and may be doing so. What waiting doesn't heal is returned at once,
// INVALID_TOPIC_EXCEPTION, which brokers needn't be asked for where no request can hold the name, and TOPIC_AUTHORIZATION_FAILED. The error is a *TopicError, which wraps ctx's cause if ctx
// ended, and the last trouble. While no broker and this client let each other in the error is the *AuthError, at once;
// connecting is tried again meanwhile.
func (c *Client) Topic(ctx context.Context, name string) (*Topic, error) {
	if err := askable(name); err != nil {
		return nil, &TopicError{Topic: name, Err: err}
	}
	changed, fatal, _ := c.state()
	t := c.Cluster().Topics[name]
	switch {
	case fatal != nil:
		return nil, &TopicError{Topic: name, Err: fatal}
	case known(t):
		return t, nil
	}
	if refused := c.refusal(); refused != nil {
		c.post(func(s *control) { s.meta.ask(name, s.now) })
		return nil, refused
	}
	stale := t // an error that was there before must be asked for again
	if !c.post(func(s *control) { s.meta.ask(name, s.now) }) {
		return nil, &TopicError{Topic: name, Err: ErrClosed}
	}
	for {
		select {
		case <-changed:
		case <-ctx.Done():
			_, _, trouble := c.state()
			if t := c.Cluster().Topics[name]; t != nil && t.Err != protocol.None {
				trouble = t.Err
			}
			return nil, &TopicError{Topic: name, Err: context.Cause(ctx), Cause: trouble}
		}
		var trouble error
		changed, fatal, trouble = c.state()
		t = c.Cluster().Topics[name]
		switch {
		case known(t):
			return t, nil
		case fatal != nil:
			return nil, &TopicError{Topic: name, Err: fatal, Cause: trouble}
		case t != nil && t != stale && lasting(t.Err):
			return nil, &TopicError{Topic: name, Err: t.Err}
		}
		if refused := c.refusal(); refused != nil {
			return nil, refused
		}
		c.UseTopic(name) // who waits uses it, even for longer than metadata.max.idle.ms
	}
}

// askable returns why no request can have a topic's name, or nil: one that doesn't fit would make requests for all other topics impossible, too,
// and brokers answer for another name where it isn't UTF-8. What else names may be is for brokers to say.
func askable(name string) error {
	if len(name) <= protocol.MaxString && utf8.ValidString(name) {
		return nil
	}
	return fmt.Errorf("%w: %d bytes, allowed are at most %d of UTF-8", protocol.InvalidTopicException, len(name), protocol.MaxString)
}

// known reports whether a topic can be produced to.
func known(t *Topic) bool { return t != nil && t.Err == protocol.None && len(t.Partitions) > 0 }

// state returns a channel that is closed at the next change, whether the client has failed for good, and what the last
// trouble was.
func (c *Client) state() (changed <-chan struct{}, fatal, trouble error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changed == nil {
		c.changed = make(chan struct{})
	}
	return c.changed, c.fatal, c.trouble
}

// tell wakes those who wait for a change.
func (c *Client) tell() {
	c.mu.Lock()
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
	c.mu.Unlock()
}

// setTrouble notes what went wrong on the way to metadata.
func (c *Client) setTrouble(err error) {
	c.mu.Lock()
	c.trouble = err
	c.mu.Unlock()
}

// refusal returns why no broker lets this client in; nil when one may.
func (c *Client) refusal() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refused == nil {
		return nil
	}
	return c.refused
}

// setRefused notes why no broker lets this client in.
func (c *Client) setRefused(err *AuthError) {
	c.mu.Lock()
	news := err != nil && c.refused == nil
	c.refused = err
	c.mu.Unlock()
	if news {
		c.tell()
	}
}

// giveUp makes the client of no use any more.
func (c *Client) giveUp(err error) {
	c.mu.Lock()
	if c.fatal == nil {
		c.fatal = err
	}
	c.mu.Unlock()
	c.tell()
}
