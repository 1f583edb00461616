package client

import "math/rand/v2"

// What differs in a World (Config.World).

// random returns a random number in [0, 1).
func (c *Client) random() float64 {
	if w := c.cfg.World; w != nil {
		return float64(w.Uint64()>>11) / (1 << 53)
	}
	return rand.Float64()
}

// spawn has f run on a goroutine that Close waits for.
func (c *Client) spawn(f func()) {
	if w := c.cfg.World; w != nil {
		w.Go(f)
		return
	}
	c.running.Go(f)
}
