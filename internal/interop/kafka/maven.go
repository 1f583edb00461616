package kafka

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// module is the module whose java/ folder holds the Maven project.
const module = "kafkaproducer/internal/interop"

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

// moduleRoot asks the go command where the module is: in the working directory's module, or in what that one requires.
func moduleRoot() (string, error) {
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module)
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%v: %w\n%s", cmd, err, problem.Bytes())
	}
	return strings.TrimSpace(out.String()), nil
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
