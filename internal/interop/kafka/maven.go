package kafka

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// module is the first line of the go.mod of the module whose java/ folder holds the Maven project.
const module = "module kafkaproducer/internal/interop"

// classPath builds the Maven project where it needs it, and returns what follows java -cp.
var classPath = sync.OnceValues(func() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	java := filepath.Join(root, "java")
	unlock, err := lock(java)
	if err != nil {
		return "", err
	}
	defer unlock()
	// Maven compiles only what has changed, and resolves from its local repository.
	cmd := exec.Command("mvn", "-B", "-q", "compile")
	cmd.Dir = java
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("mvn compile in %s: %w\n%s", java, err, out.Bytes())
	}
	jars, err := os.ReadFile(filepath.Join(java, "target", "classpath"))
	if err != nil {
		return "", err
	}
	return filepath.Join(java, "target", "classes") + ":" + strings.TrimSpace(string(jars)), nil
})

// Build builds the Maven project where it needs it: before a program goes where nothing can be fetched.
func Build() error {
	_, err := classPath()
	return err
}

// moduleRoot looks for the module upwards from the working directory, which go test sets to the package's.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if first, _, _ := strings.Cut(string(text), "\n"); err == nil && first == module {
			return dir, nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no go.mod upwards of the working directory begins with %q", module)
		}
		dir = up
	}
}

// lock keeps test binaries of several packages from building at once.
func lock(dir string) (unlock func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, &fs.PathError{Op: "flock", Path: dir, Err: err}
	}
	return func() { f.Close() }, nil
}
