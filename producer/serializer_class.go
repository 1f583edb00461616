package producer

import (
	"reflect"
	"strings"
)

// serializerClass is one of Kafka's serializers by the name that key.serializer and value.serializer know it by.
type serializerClass struct {
	name       string // without its package
	serializer any    // a Serializer of takes
	takes      string // the Go type
	bytes      bool   // a Producer by itself, which takes bytes, does the same
}

const serializationPackage = "org.apache.kafka.common.serialization."

var serializerClasses = []serializerClass{
	{"ByteArraySerializer", ByteArraySerializer{}, "[]byte", true},
	{"BytesSerializer", ByteArraySerializer{}, "[]byte", true},
	{"ByteBufferSerializer", ByteArraySerializer{}, "[]byte", true},
	{"StringSerializer", StringSerializer{}, "string", true},
	{"ShortSerializer", ShortSerializer{}, "int16", false},
	{"IntegerSerializer", IntegerSerializer{}, "int32", false},
	{"LongSerializer", LongSerializer{}, "int64", false},
	{"FloatSerializer", FloatSerializer{}, "float32", false},
	{"DoubleSerializer", DoubleSerializer{}, "float64", false},
	{"BooleanSerializer", BooleanSerializer{}, "bool", false},
	{"UUIDSerializer", UUIDSerializer{}, "[16]byte", false},
	{"VoidSerializer", VoidSerializer{}, "struct {}", false},
}

// classNames are the names of the classes that include takes.
func classNames(include func(serializerClass) bool) string {
	var names []string
	for _, c := range serializerClasses {
		if include(c) {
			names = append(names, c.name)
		}
	}
	return strings.Join(names, ", ")
}

// serializerNamed finds a class by its name, with or without its package.
func serializerNamed(class string) (serializerClass, *ConfigError) {
	name := strings.TrimPrefix(class, serializationPackage)
	for _, c := range serializerClasses {
		if c.name == name {
			return c, nil
		}
	}
	return serializerClass{}, &ConfigError{
		Reason:  "not a serializer known here; NewTyped takes one of your own",
		Allowed: classNames(func(serializerClass) bool { return true }),
	}
}

// bytesSerializer checks a serializer beside a Producer that takes bytes; an empty name is none.
func (r *resolver) bytesSerializer(property, class string) {
	if class == "" {
		return
	}
	c, err := serializerNamed(class)
	if err == nil && !c.bytes {
		err = &ConfigError{
			Reason:  "a Producer takes bytes; TypedFromConfig is for other types",
			Allowed: classNames(func(c serializerClass) bool { return c.bytes }),
		}
	}
	if err != nil {
		err.Property, err.Value = property, class
		r.errs = append(r.errs, err)
	}
}

// serializerFor returns the serializer of T that class names, or where it is empty the one Kafka has for T.
func serializerFor[T any](property, class string) (Serializer[T], error) {
	takes := reflect.TypeFor[T]().String()
	fitting := classNames(func(c serializerClass) bool { _, ok := c.serializer.(Serializer[T]); return ok })
	if fitting == "" {
		return nil, &ConfigError{Property: property, Value: class,
			Reason: "Kafka has no serializer for the type " + takes + "; NewTyped takes one of your own"}
	}
	if class == "" {
		class, _, _ = strings.Cut(fitting, ",")
	}
	c, err := serializerNamed(class)
	if err == nil {
		if s, ok := c.serializer.(Serializer[T]); ok {
			return s, nil
		}
		err = &ConfigError{Reason: "it serializes " + c.takes + ", not " + takes}
	}
	err.Property, err.Value, err.Allowed = property, class, fitting
	return nil, err
}
