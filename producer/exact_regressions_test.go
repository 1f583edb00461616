package producer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kafkaproducer/producer/internal/simulation"
)

// Schedules that failed once, each in a file named after what went wrong. What TestExact prints can be added as it is.
func TestExactRegressions(t *testing.T) {
	files, err := filepath.Glob("testdata/schedule/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no schedules: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := simulation.Parse(string(text))
			if err != nil {
				t.Fatal(err)
			}
			if err := runExact(s, nil); err != nil {
				t.Error(err)
			}
		})
	}
}
