package kafka

import "fmt"

// Verdict is what [Java.Verify] found in a topic of numbered records.
type Verdict struct {
	Count      int64           `json:"-"` // how many there should be
	Records    int64           `json:"records"`
	Missing    int64           `json:"missing"`    // numbers that are not there
	Doubled    int64           `json:"doubled"`    // records whose number was there before
	OutOfOrder int64           `json:"outOfOrder"` // records after a higher number of their key
	Strayed    int64           `json:"strayed"`    // keys seen in more than one partition
	Alien      int64           `json:"alien"`      // records without a number below Count
	Partitions map[int32]int64 `json:"partitions"` // records of each
	Examples   []string        `json:"examples"`   // of what is wrong, the first few
}

// Err returns nil when every number is there exactly once, and each key's numbers rise in one single partition.
func (v *Verdict) Err() error {
	if v.Records == v.Count && v.Missing+v.Doubled+v.OutOfOrder+v.Strayed+v.Alien == 0 {
		return nil
	}
	return fmt.Errorf("%d records where there should be %d: %d missing, %d doubled, %d out of order, %d keys in several "+
		"partitions, %d alien; %q", v.Records, v.Count, v.Missing, v.Doubled, v.OutOfOrder, v.Strayed, v.Alien, v.Examples)
}

// Verify reads a topic of numbered records with Kafka's consumer. The value of each begins with its number in decimal
// digits; the numbers 0 to count-1 were sent in that order, under any keys.
func (j *Java) Verify(topic string, count int64) (*Verdict, error) {
	v := &Verdict{Count: count}
	err := j.call(request{Op: "verify", Topic: topic, Count: count}, nil, v)
	return v, err
}

// WriteNumbered sends count numbered records over so many keys with Kafka's producer, and returns how many of them failed.
func (j *Java) WriteNumbered(topic string, config map[string]string, count int64, keys int) (failed int64, err error) {
	err = j.call(request{Op: "number", Topic: topic, Config: config, Count: count, Keys: keys}, nil, &failed)
	return failed, err
}
