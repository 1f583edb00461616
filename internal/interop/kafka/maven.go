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

// classPaths are those that classPath has found, by release.
var classPaths struct {
	sync.Mutex
	of map[string]string
}

// classPath builds the Maven project for a release of the brokers where it needs it, and returns what follows java -cp. Clients are
// always those of the newest, "".
func classPath(release string) (string, error) {
	classPaths.Lock()
	defer classPaths.Unlock()
	if path := classPaths.of[release]; path != "" {
		return path, nil
	}
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	path, err := compile(filepath.Join(root, "java"), "target")
	if err == nil && release != "" {
		var older string
		older, err = compile(filepath.Join(root, "java", "older"), filepath.Join("target", release),
			"-Dkafka.version="+release, "-Dzookeeper.version="+zookeepers[release])
		path = older + ":" + filepath.Join(root, "java", "target", "classes") // for the leash
	}
	if err != nil {
		return "", err
	}
	if classPaths.of == nil {
		classPaths.of = map[string]string{}
	}
	classPaths.of[release] = path
	return path, nil
}

// compile builds a Maven project and returns its class path. Maven compiles only what has changed, and resolves from its local
// repository.
func compile(project, target string, args ...string) (string, error) {
	unlock, err := lock(project)
	if err != nil {
		return "", err
	}
	defer unlock()
	cmd := exec.Command("mvn", append([]string{"-B", "-q", "compile"}, args...)...)
	cmd.Dir = project
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%v in %s: %w\n%s", cmd, project, err, out.Bytes())
	}
	target = filepath.Join(project, target)
	jars, err := os.ReadFile(filepath.Join(target, "classpath"))
	if err != nil {
		return "", err
	}
	return filepath.Join(target, "classes") + ":" + strings.TrimSpace(string(jars)), nil
}

// Build builds the Maven project where it needs it: before a program goes where nothing can be fetched.
func Build() error {
	_, err := classPath("")
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
