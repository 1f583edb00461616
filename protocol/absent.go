package protocol

// What happens to a field at a version that does not have it. Decoding gives it its default, since the struct may be
// in use again. Encoding leaves it out: silently where Kafka's schema calls the field ignorable, else only when
// nothing was set, since the receiver would act as if nothing had been.

// ignored is for a field that Kafka calls ignorable, and for a tagged field before its section is walked.
func ignored[T any](c *Coder, p *T, byDefault T) {
	if c.decoding {
		*p = byDefault
	}
}

// absent is for a field that Kafka does not call ignorable. A Go zero value counts as not set, too.
func absent[T comparable](c *Coder, p *T, byDefault T) {
	var zero T
	if c.decoding {
		*p = byDefault
	} else if *p != byDefault && *p != zero {
		c.fail(p, errAbsent)
	}
}

// ignoredArray is ignored for an array. The storage is kept.
func ignoredArray[T any](c *Coder, s *[]T) {
	if c.decoding {
		*s = (*s)[:0]
	}
}

// absentArray is absent for an array. The storage is kept.
func absentArray[T any](c *Coder, s *[]T) {
	if c.decoding {
		*s = (*s)[:0]
	} else if len(*s) > 0 {
		c.fail(s, errAbsent)
	}
}
