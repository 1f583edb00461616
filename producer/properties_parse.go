package producer

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The constructors of the table's rows. Values are parsed as Kafka's ConfigDef does.

func integer[T int | int64](name string, l limits, field func(*Config) *T) property {
	return property{name: name, limits: &l, parse: into(field, l.parse, func(v int64) T { return T(l.toConfig(v)) })}
}

func millis(name string, l limits, field func(*Config) *time.Duration) property {
	return property{name: name, limits: &l, parse: into(field, l.parse, l.toDuration), isSet: nonZero(field)}
}

func seconds(name string, l limits, field func(*Config) *time.Duration) property {
	l.unit = time.Second
	return millis(name, l, field)
}

func fraction(name string, f fractions, field func(*Config) *float64) property {
	return property{name: name, fractions: &f, parse: into(field, f.parse, f.toConfig), isSet: nonZero(field)}
}

func text(name string, field func(*Config) *string) property {
	return property{name: name, parse: into(field, anything, asIs[string]), isSet: nonZero(field)}
}

func secret(name string, field func(*Config) *Secret) property {
	return property{name: name, secret: true, parse: into(field, anything, NewSecret), isSet: func(c *Config) bool { return field(c).IsSet() }}
}

// servers is a list of addresses, which may not be empty.
func servers(name string, field func(*Config) *[]string) property {
	return property{name: name, parse: func(c *Config, value string) *ConfigError {
		*field(c) = splitList(value)
		if len(*field(c)) == 0 {
			return &ConfigError{Reason: "the list is empty", Allowed: allowedServers}
		}
		return nil
	}}
}

// words is a list that may be empty, which is the default.
func words(name string, field func(*Config) *[]string) property {
	return property{name: name, parse: into(field, anything, splitList), isSet: func(c *Config) bool { return len(*field(c)) > 0 }}
}

func flag(name string, field func(*Config) *bool) property {
	return property{name: name, parse: into(field, parseBoolean, asIs[bool]), isSet: nonZero(field)}
}

func toggle(name string, field func(*Config) *Toggle) property {
	return property{name: name, parse: into(field, parseBoolean, func(on bool) Toggle {
		if on {
			return On
		}
		return Off
	})}
}

func choice[T ~int8](name string, n names, field func(*Config) *T) property {
	return property{name: name, names: &n, parse: into(field, n.parse, func(i int) T { return T(i) })}
}

// into puts what a value means into a field.
func into[V, T any](field func(*Config) *T, parse func(string) (V, *ConfigError), convert func(V) T) func(*Config, string) *ConfigError {
	return func(c *Config, value string) *ConfigError {
		v, err := parse(value)
		if err == nil {
			*field(c) = convert(v)
		}
		return err
	}
}

func anything(value string) (string, *ConfigError) { return value, nil }

func asIs[T any](v T) T { return v }

func nonZero[T comparable](field func(*Config) *T) func(*Config) bool {
	var zero T
	return func(c *Config) bool { return *field(c) != zero }
}

// class is a property that names a Java class: only those that need not run are allowed, with or without their package.
func class(name, reason string, allowed ...string) property {
	return property{name: name, parse: func(_ *Config, value string) *ConfigError {
		if slices.ContainsFunc(allowed, func(class string) bool {
			return class == value || class[strings.LastIndexByte(class, '.')+1:] == value
		}) {
			return nil
		}
		return &ConfigError{Reason: reason, Allowed: strings.Join(allowed, ", ")}
	}}
}

func serializer(name string, field func(*Config) *string) property {
	return property{name: name, parse: func(c *Config, value string) *ConfigError {
		if _, err := serializerNamed(value); err != nil {
			return err
		}
		*field(c) = value
		return nil
	}}
}

// ineffective is a property that nothing here depends on. New logs that it has no effect; check may be nil.
func ineffective(name string, check func(value string) *ConfigError) property {
	return property{name: name, parse: func(c *Config, value string) *ConfigError {
		if check != nil {
			if err := check(value); err != nil {
				return err
			}
		}
		c.ineffective = append(c.ineffective, name)
		return nil
	}}
}

func unsupported(name, reason string) property {
	return property{name: name, refused: true, parse: func(*Config, string) *ConfigError {
		return &ConfigError{Reason: reason}
	}}
}

func emptyList(name, reason string) property {
	return property{name: name, parse: func(_ *Config, value string) *ConfigError {
		if len(splitList(value)) > 0 {
			return &ConfigError{Reason: reason, Allowed: "an empty list"}
		}
		return nil
	}}
}

// valid checks a value that nothing is to be made of.
func valid[V any](parse func(string) (V, *ConfigError)) func(string) *ConfigError {
	return func(value string) *ConfigError {
		_, err := parse(value)
		return err
	}
}

// parse returns Kafka's number.
func (l limits) parse(value string) (int64, *ConfigError) {
	v, err := strconv.ParseInt(value, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrSyntax):
		return 0, &ConfigError{Reason: "not a whole number", Allowed: l.String()}
	case err != nil || !l.allows(v):
		return 0, &ConfigError{Allowed: l.String()}
	}
	return v, nil
}

// names are the values of a property that is one of a few. Where a Config holds it, it holds the index.
type names struct {
	values []string
	fold   bool // in either case of letters
}

// namesOf returns what the constants of a type are called.
func namesOf[T fmt.Stringer](constants ...T) []string {
	values := make([]string, len(constants))
	for i, c := range constants {
		values[i] = c.String()
	}
	return values
}

// parse returns the index of the name.
func (n names) parse(value string) (int, *ConfigError) {
	i := slices.IndexFunc(n.values, func(name string) bool {
		return name == value || n.fold && strings.EqualFold(name, value)
	})
	if i < 0 {
		return 0, &ConfigError{Allowed: n.String()}
	}
	return i, nil
}

// String describes what is allowed.
func (n names) String() string { return strings.Join(n.values, ", ") }

func parseBoolean(value string) (bool, *ConfigError) {
	switch {
	case strings.EqualFold(value, "true"):
		return true, nil
	case strings.EqualFold(value, "false"):
		return false, nil
	}
	return false, &ConfigError{Allowed: "true, false"}
}

// splitList takes a list apart at its commas; the empty string is the empty list.
func splitList(value string) []string {
	if value == "" {
		return nil
	}
	items := strings.Split(value, ",")
	for i := range items {
		items[i] = trim(items[i])
	}
	return items
}

// trim is Java's String.trim.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
}

func parseAcks(c *Config, value string) *ConfigError {
	switch value {
	case "all", "-1":
		c.Acks = AcksAll
	case "1":
		c.Acks = AcksLeader
	case "0":
		c.Acks = AcksNone
	default:
		return &ConfigError{Allowed: allowedAcks}
	}
	return nil
}

// parsePartitioner knows the one class that Kafka brings along.
func parsePartitioner(c *Config, value string) *ConfigError {
	if strings.TrimPrefix(value, "org.apache.kafka.clients.producer.") != "RoundRobinPartitioner" {
		return &ConfigError{
			Reason:  "a Java class can't run here; set Config.Partitioner for one of your own",
			Allowed: "org.apache.kafka.clients.producer.RoundRobinPartitioner, or not set for Kafka's default",
		}
	}
	c.Partitioner = new(RoundRobinPartitioner)
	return nil
}

// parseAllocationStrategy: buffers here always grow with the data, as Kafka's incremental has it.
func parseAllocationStrategy(c *Config, value string) *ConfigError {
	strategies := names{values: []string{"full", "incremental"}, fold: true}
	i, err := strategies.parse(value)
	if err == nil && strategies.values[i] == "full" {
		c.ineffective = append(c.ineffective, "buffer.memory.allocation.strategy")
	}
	return err
}

// parseMetricsPush: there is no push (KIP-714), so that false is obeyed.
func parseMetricsPush(c *Config, value string) *ConfigError {
	v, err := parseBoolean(value)
	if v {
		c.ineffective = append(c.ineffective, "enable.metrics.push")
	}
	return err
}
