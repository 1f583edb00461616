package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

func checkFormat(root string) ([]string, error) {
	out, err := output(root, "gofmt", "-l", ".")
	if err != nil {
		return nil, err
	}
	var faults []string
	for file := range strings.Lines(out) {
		faults = append(faults, strings.TrimSpace(file)+": not formatted; gofmt -w makes it so")
	}
	return faults, nil
}

func checkVet(root string) ([]string, error) { return inEachModule(root, "go", "vet", "./...") }
func checkTidy(root string) ([]string, error) {
	return inEachModule(root, "go", "mod", "tidy", "-diff")
}

// ports are where the main module is to build besides the machine that checks: each differs in what connections can do or in how
// much an int holds.
var ports = [][]string{{"GOOS=linux", "GOARCH=386"}, {"GOOS=windows", "GOARCH=amd64"}, {"GOOS=darwin", "GOARCH=arm64"}}

func checkPorts(root string) (faults []string, err error) {
	for _, port := range ports {
		cmd := exec.Command("go", "vet", "./...")
		cmd.Dir, cmd.Env = root, append(os.Environ(), port...)
		if out, err := cmd.CombinedOutput(); err != nil {
			faults = append(faults, fmt.Sprintf("%v: %v: %v\n%s", port, cmd, err, out))
		}
	}
	return faults, nil
}

// bounded are the tests of what could exceed an int of 32 bits: of the packages that read what anybody may have written, and so hold every
// length against an int, all; of the producer those of the largest sizes that may be set.
var bounded = [][]string{{"./protocol", "./record", "./compress"}, {"-run", "TestLargestSizes", "./producer"}}

// check32Bits runs them where an int has 32 bits. Only amd64 runs such programs, and not on every kernel.
func check32Bits(root string) (faults []string, err error) {
	if runtime.GOARCH != "amd64" {
		return nil, nil
	}
	for _, args := range bounded {
		cmd := exec.Command("go", append([]string{"test"}, args...)...)
		cmd.Dir, cmd.Env = root, append(os.Environ(), "GOARCH=386", "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil && !bytes.Contains(out, []byte("exec format error")) {
			faults = append(faults, fmt.Sprintf("GOARCH=386: %v: %v\n%s", cmd, err, out))
		}
	}
	return faults, nil
}

// quickMutants are found at once, each by another rule of the oracle.
var quickMutants = []string{"left-out-acknowledged", "lost-not-in-doubt", "put-back-at-the-end"}

func checkMutants(root string) ([]string, error) {
	cmd := exec.Command("go", append([]string{"run", "./internal/mutants", "-trust"}, quickMutants...)...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return []string{fmt.Sprintf("%v: %v\n%s", cmd, err, out)}, nil
	}
	return nil, nil
}

// checkTests shows the tests' output as it comes: it is long, and so is the wait.
func checkTests(root string) ([]string, error) {
	cmd := exec.Command("go", "test", "-race", "-shuffle=on", "./...")
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return []string{"go test -race -shuffle=on ./...: " + err.Error()}, nil
	}
	return nil, nil
}

// checkBench tests the nested module that measures, whose tests need nothing but Go and the clients it measures. Those of
// internal/interop are no part of check: they need Java.
func checkBench(root string) ([]string, error) {
	cmd := exec.Command("go", "test", "-race", "-timeout", "5m", "./...")
	cmd.Dir = filepath.Join(root, "internal", "bench")
	if out, err := cmd.CombinedOutput(); err != nil {
		return []string{fmt.Sprintf("in %s: %v: %v\n%s", cmd.Dir, cmd, err, out)}, nil
	}
	return nil, nil
}

// inEachModule runs a command in the main module and in each nested one; where it fails, what it printed is the fault.
func inEachModule(root string, name string, args ...string) ([]string, error) {
	modules, err := findModules(root)
	if err != nil {
		return nil, err
	}
	var faults []string
	for _, dir := range modules {
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			faults = append(faults, fmt.Sprintf("in %s: %v: %v\n%s", dir, cmd, err, out))
		}
	}
	return faults, nil
}

// findModules returns the folders that hold a go.mod, the top one first.
func findModules(root string) ([]string, error) {
	var dirs []string
	err := walk(root, func(path string) error {
		if filepath.Base(path) == "go.mod" {
			dirs = append(dirs, filepath.Dir(path))
		}
		return nil
	})
	return dirs, err
}

// walk calls visit for each file that belongs to the repository's code: not for testdata, build products and hidden folders.
func walk(root string, visit func(path string) error) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			name := d.Name()
			if path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "target") {
				return filepath.SkipDir
			}
			return nil
		}
		return visit(path)
	})
}

// output runs a command in dir and returns what it printed on standard output.
func output(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return "", fmt.Errorf("%v: %w\n%s", cmd, err, exit.Stderr)
		}
		return "", fmt.Errorf("%v: %w", cmd, err)
	}
	return string(out), nil
}
