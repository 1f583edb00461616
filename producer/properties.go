package producer

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// FromProperties returns the Config of properties named and written as for Kafka's Java producer 4.4, of which it knows
// all 120: bootstrap.servers, linger.ms, acks and so on. It reports every wrong one, and contradictions between them, as
// a *ConfigError (errors.Join); an unknown name is an error that suggests the nearest known one. Numbers are written as
// in Kafka, so that retries=0 becomes a negative Config.Retries.
//
// Properties of transactions, of Kerberos, and those that name a Java class not known here are errors, as none of them is
// supported; where there is a field of Config to use instead, the error names it. Those that only mean something inside a
// JVM or a broker, and those of metrics, are taken; New logs that they have no effect. What the program may still set in the
// Config, such as bootstrap.servers or the way to log in, may be missing here, but not in New. Files are read by New.
//
// No error shows a secret, nor the value of an unknown name, which may be a misspelt secret's.
func FromProperties(properties map[string]string) (Config, error) {
	var c Config
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		value := trim(properties[name])
		p := propertyNamed[name]
		if p == nil {
			errs = append(errs, unknownProperty(name))
			continue
		}
		if err := p.parse(&c, value); err != nil {
			err.Property, err.Value = name, p.show(value)
			errs = append(errs, err)
		}
	}
	if len(errs) == 0 {
		errs = c.contradictions()
	}
	if len(errs) > 0 {
		return Config{}, errors.Join(errs...)
	}
	return c, nil
}

// show returns the value as an error may hold it.
func (p *property) show(value string) string {
	if p.secret {
		return hidden
	}
	return value
}

// unknownProperty is the error that suggests the known name with the smallest edit distance, whatever the case.
// Its value may be a secret whose name is misspelt, and stays hidden.
func unknownProperty(name string) *ConfigError {
	lower := strings.ToLower(name)
	nearest := slices.MinFunc(properties, func(a, b property) int {
		return editDistance(lower, a.name) - editDistance(lower, b.name)
	})
	return &ConfigError{Property: name, Value: hidden, Reason: "there is no such property; the nearest is " + nearest.name}
}

// editDistance is how many bytes must be inserted, deleted or replaced to make b of a (Levenshtein). Names longer than
// any property are cut, so that the work is bounded.
func editDistance(a, b string) int {
	a = a[:min(len(a), 100)]
	row := make([]int, len(b)+1) // distances of a's beginning so far to each beginning of b
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
