package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// What a command line says is seen by all users of the machine, in its list of processes. So a value may be kept elsewhere
// and named there.
const (
	fromFile        = "@file:"
	fromEnvironment = "@env:"
	maxFile         = 1 << 20 // bytes of such a file, which may be a chain of certificates
)

// settings returns the properties of -X: the later of two with the same name counts. Its errors show no values.
func settings(texts []string) (map[string]string, error) {
	set := map[string]string{}
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			return nil, errors.New("-X: want name=value")
		}
		value, err := valueOf(value)
		if err != nil {
			return nil, fmt.Errorf("-X %s: %w", name, err)
		}
		set[name] = value
	}
	return set, nil
}

// valueOf returns what a value names, or itself.
func valueOf(value string) (string, error) {
	if path, ok := strings.CutPrefix(value, fromFile); ok {
		return contents(path)
	}
	if variable, ok := strings.CutPrefix(value, fromEnvironment); ok {
		value, ok := os.LookupEnv(variable)
		if !ok {
			return "", fmt.Errorf("the environment has no variable %q", variable)
		}
		return value, nil
	}
	return value, nil
}

// contents returns a text file without the line end that ends it.
func contents(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return "", err
	case len(b) > maxFile:
		return "", fmt.Errorf("%s is larger than %d bytes", path, maxFile)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r"), nil
}
