package kafka

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

// process is a JVM in a process group of its own. It ends when its standard input does.
type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	exited chan struct{} // closed once err is set
	err    error         // why it ended
}

// JavaCommand returns the words of a command that runs a class of the Maven project, which is built where it needs it.
func JavaCommand(jvm []string, class string, args ...string) ([]string, error) {
	return javaCommand("", jvm, class, args...)
}

// javaCommand is JavaCommand with the class path of a release.
func javaCommand(release string, jvm []string, class string, args ...string) ([]string, error) {
	classes, err := classPath(release)
	if err != nil {
		return nil, err
	}
	words := []string{"java", "-cp", classes,
		"-XX:+UseSerialGC", // collector threads of several JVMs would fight over few cores
		"-Dorg.slf4j.simpleLogger.showDateTime=true", "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
		"-Dorg.slf4j.simpleLogger.showShortLogName=true"}
	return slices.Concat(words, jvm, []string{class}, args), nil
}

// start runs a command. What it prints on standard error is appended to the file log, and what it prints on standard output too,
// unless stdout is given.
func start(log string, stdout io.Writer, words []string) (*process, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer out.Close() // the process has its own
	p := &process{cmd: exec.Command(words[0], words[1:]...), exited: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = out, out
	if stdout != nil {
		p.cmd.Stdout = stdout
	}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.exited)
	}()
	return p, nil
}

// signal sends sig to the process group. A process that has ended is no error.
func (p *process) signal(sig syscall.Signal) error {
	if err := syscall.Kill(-p.cmd.Process.Pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("%v to process group %d: %w", sig, p.cmd.Process.Pid, err)
	}
	return nil
}

// end sends sig, and SIGKILL when the process is still there after patience, and waits until it is gone.
func (p *process) end(sig syscall.Signal, patience time.Duration) error {
	select {
	case <-p.exited:
		return nil // its id may be somebody else's by now
	default:
	}
	if err := p.signal(sig); err != nil {
		return err
	}
	select {
	case <-p.exited:
		return nil
	case <-time.After(patience):
	}
	if err := p.signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-p.exited
	if sig != syscall.SIGKILL {
		return fmt.Errorf("process %d was still there %v after %v, and was killed", p.cmd.Process.Pid, patience, sig)
	}
	return nil
}

// tail returns the last lines of a log file, or what stood in the way of reading it.
func tail(log string, lines int) []byte {
	text, err := os.ReadFile(log)
	if err != nil {
		return []byte(err.Error() + "\n")
	}
	text = append(bytes.TrimRight(text, "\n"), '\n')
	from := len(text) - 1
	for range lines {
		at := bytes.LastIndexByte(text[:from], '\n')
		if at < 0 {
			return text
		}
		from = at
	}
	return text[from+1:]
}
