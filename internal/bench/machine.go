package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// machine describes what is measured on.
func machine() string {
	s := fmt.Sprintf("%s, %d cores", cpuModel(), runtime.NumCPU())
	if kernel, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		release, _, _ := strings.Cut(strings.TrimSpace(string(kernel)), "-")
		s += ", Linux " + release
	} else {
		s += ", " + runtime.GOOS
	}
	return s + ", " + runtime.Version() + " " + runtime.GOARCH
}

func cpuModel() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown CPU"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ":")
		if strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown CPU"
}

// ourVersion is the commit that is measured.
func ourVersion() string {
	commit, err := exec.Command("git", "rev-parse", "--short=10", "HEAD").Output()
	if err != nil {
		return "kafkaproducer"
	}
	version := "kafkaproducer " + strings.TrimSpace(string(commit))
	// The producer's own code; what this command writes is no change of it.
	changes, err := exec.Command("git", "status", "--porcelain", "--",
		"../../producer", "../../client", "../../record", "../../protocol", "../../compress").Output()
	if err != nil || len(changes) > 0 {
		version += " with changes"
	}
	return version
}
