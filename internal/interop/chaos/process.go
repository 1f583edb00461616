package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"kafkaproducer/internal/interop/kafka"
)

// workerProcess is a worker as a process of its own, so that what it takes is its own.
type workerProcess struct {
	cmd    *exec.Cmd
	log    string // of what it prints on standard error
	lines  *bufio.Reader
	memory chan int64 // gets the peak of the resident set, in bytes, once, when the process has ended
	exited chan struct{}
}

// startWorker starts a job where clients run, and waits until it is ready to send.
func (f *Field) startWorker(job Job, log string) (*workerProcess, error) {
	text, err := json.Marshal(job)
	if err != nil {
		return nil, err
	}
	words, env, err := workerCommand(job.Client, string(text))
	if err != nil {
		return nil, err
	}
	if node := f.Client(); node != nil {
		words = slices.Concat(node.Command(), words)
	}
	out, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer out.Close() // the process has its own
	w := &workerProcess{cmd: exec.Command(words[0], words[1:]...), log: log, memory: make(chan int64, 1), exited: make(chan struct{})}
	w.cmd.Env, w.cmd.Stderr = append(os.Environ(), env...), out
	stdout, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if _, err := w.cmd.StdinPipe(); err != nil { // it ends when this one does
		return nil, err
	}
	w.lines = bufio.NewReader(stdout)
	if err := w.cmd.Start(); err != nil {
		return nil, err
	}
	go w.measure()
	if line, err := w.lines.ReadString('\n'); strings.TrimSpace(line) != ready {
		w.cmd.Process.Kill()
		return nil, fmt.Errorf("%s did not begin: %q, %v; see %s", job.Client, line, errors.Join(err, w.wait()), log)
	}
	return w, nil
}

// workerCommand returns what runs a job: this program again, or Java's.
func workerCommand(client, job string) (words, env []string, err error) {
	if client == "java" {
		words, err = kafka.JavaCommand([]string{"-Xmx512m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"}, "kafkaproducer.interop.Load", job)
		return words, nil, err
	}
	self, err := os.Executable()
	return []string{self}, []string{workerEnv + "=" + job}, err
}

// result waits until the worker has ended, at the latest when ctx does.
func (w *workerProcess) result(ctx context.Context) (*WorkerReport, error) {
	stop := context.AfterFunc(ctx, func() { w.cmd.Process.Kill() })
	defer stop()
	line, readErr := w.lines.ReadBytes('\n')
	err := w.wait()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("the worker was still running and had to be killed: %w", ctx.Err())
	}
	var r WorkerReport
	if err == nil && readErr == nil {
		err = json.Unmarshal(line, &r)
	}
	if err := errors.Join(err, readErr); err != nil {
		return nil, fmt.Errorf("the worker: %w; see %s", err, w.log)
	}
	return &r, nil
}

func (w *workerProcess) wait() error {
	err := w.cmd.Wait()
	close(w.exited)
	return err
}

// measure looks at the process's memory now and then, the last time shortly before it ends.
func (w *workerProcess) measure() {
	peak := int64(0)
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		peak = max(peak, residentPeak(w.cmd.Process.Pid))
		select {
		case <-w.exited:
			tick.Stop()
			w.memory <- peak
			return
		case <-tick.C:
		}
	}
}

// residentPeak returns the peak of a process's resident set in bytes (proc(5), VmHWM); 0 where there is no such file.
func residentPeak(pid int) int64 {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(text), "VmHWM:")
	line, _, _ := strings.Cut(after, "kB")
	n, _ := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	return n << 10
}
