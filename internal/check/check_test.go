package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Each rule finds the fault it is there for, and lets pass what is allowed.

func TestImportFaults(t *testing.T) {
	tests := []struct {
		pkg   string
		path  string
		fault bool
	}{
		{"kafkaproducer/protocol", "fmt", false},
		{"kafkaproducer/protocol", "kafkaproducer/compress", true},
		{"kafkaproducer/compress", "github.com/klauspost/compress/zstd", false},
		{"kafkaproducer/compress", "kafkaproducer/protocol", true},
		{"kafkaproducer/record", "kafkaproducer/compress", false},
		{"kafkaproducer/record", "kafkaproducer/protocol", true},
		{"kafkaproducer/client", "kafkaproducer/protocol", false},
		{"kafkaproducer/client", "kafkaproducer/client/internal/session", false},
		{"kafkaproducer/client", "kafkaproducer/client/sasl", false},
		{"kafkaproducer/client", "kafkaproducer/client/tlsfiles", true},
		{"kafkaproducer/client", "kafkaproducer/record", true},
		{"kafkaproducer/client", "kafkaproducer/producer", true},
		{"kafkaproducer/client/sasl", "kafkaproducer/client/sasl/internal/x", false},
		{"kafkaproducer/client/sasl", "kafkaproducer/client", true},
		{"kafkaproducer/client/sasl", "kafkaproducer/protocol", true},
		{"kafkaproducer/client/tlsfiles", "crypto/tls", false},
		{"kafkaproducer/client/tlsfiles", "kafkaproducer/client/sasl", true},
		{"kafkaproducer/producer", "kafkaproducer/client", false},
		{"kafkaproducer/producer", "kafkaproducer/client/tlsfiles", false},
		{"kafkaproducer/producer", "kafkaproducer/producer/internal/delivery", false},
		{"kafkaproducer/producer", "kafkaproducer/internal/thing", true},
		{"kafkaproducer/producer", "kafkaproducer/producer/producertest", true},
		{"kafkaproducer/producer", "kafkaproducer/stray", true},
		{"kafkaproducer/producer/producertest", "kafkaproducer/record", false},
		{"kafkaproducer/internal/cmd/kproduce", "kafkaproducer/producer/producertest", false},
		{"kafkaproducer/internal/cmd/kproduce", "kafkaproducer/protocol", false},
		{"kafkaproducer/stray", "fmt", true},
	}
	for _, test := range tests {
		t.Run(test.pkg+" imports "+test.path, func(t *testing.T) {
			faults := importFaults(goPackage{ImportPath: test.pkg, Imports: []string{test.path}})
			if (len(faults) > 0) != test.fault {
				t.Errorf("faults: %q", faults)
			}
		})
	}
}

func TestModuleFaults(t *testing.T) {
	const cmp, lz4, other = "github.com/google/go-cmp/cmp", "github.com/pierrec/lz4/v4", "github.com/klauspost/compressor"
	p := goPackage{ImportPath: "kafkaproducer/x", Imports: []string{"net/http", "kafkaproducer/y", lz4, cmp, other}, XTestImports: []string{cmp, lz4, other}}
	faults := moduleFaults(p)
	want := []string{"kafkaproducer/x imports " + cmp, "kafkaproducer/x imports " + other, "kafkaproducer/x imports " + other}
	if !slices.EqualFunc(faults, want, strings.HasPrefix) {
		t.Errorf("faults: %q", faults)
	}
}

func TestImpurities(t *testing.T) {
	tests := []struct {
		name, src string
		want      string // part of the only fault; empty: none
	}{
		{"types and constants of time", `import "time"; var d = 3 * time.Second; func f(now time.Time) time.Time { return now.Add(d) }`, ""},
		{"random numbers of its own", `import "math/rand/v2"; var r = rand.New(rand.NewPCG(1, 2)); var n = r.IntN(3)`, ""},
		{"a method named as a function", `type c struct{}; func (c) Now() int { return 0 }; var n = c{}.Now()`, ""},
		{"network", `import _ "net"`, "imports net"},
		{"below a package", `import _ "sync/atomic"`, "imports sync/atomic"},
		{"structured log", `import _ "log/slog"`, "imports log/slog"},
		{"clock", `import "time"; var t = time.Now()`, "uses time.Now"},
		{"clock as a value", `import "time"; var clock = time.Now`, "uses time.Now"},
		{"clock under another name", `import t "time"; var x = t.Since(t.Time{})`, "uses time.Since"},
		{"clock without a name", `import . "time"; var x = Now()`, "without its name"},
		{"timer", `import "time"; var x = time.NewTimer(1)`, "uses time.NewTimer"},
		{"shared random numbers", `import "math/rand/v2"; var x = rand.IntN(3)`, "uses math/rand/v2.IntN"},
		{"goroutine", `func f() { go f() }`, "starts a goroutine"},
		{"channel", `var c chan int`, "has a channel"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			faults, err := impurities("x.go", "package x; "+test.src)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case test.want == "" && len(faults) > 0, test.want != "" && (len(faults) != 1 || !strings.Contains(faults[0], test.want)):
				t.Errorf("faults: %q, want %q", faults, test.want)
			}
		})
	}
}

func TestLengths(t *testing.T) {
	body := strings.Repeat("\n", longFunction-2)
	src := "package x\nfunc short() {" + body + "}\nfunc long() {" + body + "\n}\n"
	long, err := lengths("x.go", []byte(src))
	if err != nil || len(long) != 1 || !strings.HasSuffix(long[0], "long, 60 lines") {
		t.Errorf("%q, %v", long, err)
	}
	long, err = lengths("x.go", []byte("package x\n"+strings.Repeat("//\n", longFile-1)))
	if err != nil || len(long) != 1 || long[0] != "x.go: 400 lines" {
		t.Errorf("%q, %v", long, err)
	}
	if long, err = lengths("x.go", []byte("// Code generated by x. DO NOT EDIT.\n"+src)); err != nil || long != nil {
		t.Errorf("generated: %q, %v", long, err)
	}
}

// A repository with a nested module and a file that is not formatted.
func TestGoTools(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module m\n\ngo 1.26\n", "a.go": "package a\n", "nested/go.mod": "module m/nested\n\ngo 1.26\n\nrequire example.com/x v1.0.0\n",
		"nested/b.go": "package b\nimport \"fmt\"\nfunc f()  { fmt.Printf(\"%d\") }\n", "testdata/go.mod": "no module",
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	modules, err := findModules(root)
	if want := []string{root, filepath.Join(root, "nested")}; err != nil || !slices.Equal(modules, want) {
		t.Errorf("modules %q, %v", modules, err)
	}
	for _, s := range []struct {
		name string
		run  func(string) ([]string, error)
		want string
	}{{"gofmt", checkFormat, "b.go: not formatted"}, {"tidy", checkTidy, "-require example.com/x"}} {
		if faults, err := s.run(root); err != nil || len(faults) != 1 || !strings.Contains(faults[0], s.want) {
			t.Errorf("%s: %q, %v", s.name, faults, err)
		}
	}
}
