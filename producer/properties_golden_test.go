package producer

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
)

// The judge of these tests is Kafka's own ConfigDef and java.util.Properties: internal/golden/run writes what they make of
// names, values and texts, see Settings.java.

// goldenRows returns the fields of each line of a file of testdata/properties, unquoted.
func goldenRows(t testing.TB, file string) [][]string {
	t.Helper()
	b, err := os.ReadFile("../testdata/properties/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(b)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		for i, f := range fields {
			if strings.HasPrefix(f, `"`) {
				if fields[i], err = strconv.Unquote(f); err != nil {
					t.Fatalf("%s: %s: %v", file, f, err)
				}
			}
		}
		rows = append(rows, fields)
	}
	return rows
}

func TestPropertiesAreKafkas(t *testing.T) {
	rows := goldenRows(t, "definition.tsv")
	if len(rows) != len(properties) || len(properties) != len(propertyNamed) {
		t.Errorf("%d properties with %d names, Kafka has %d", len(properties), len(propertyNamed), len(rows))
	}
	for _, row := range rows {
		name, kind, def, validator := row[0], row[1], row[2], row[3]
		t.Run(name, func(t *testing.T) {
			p := propertyNamed[name]
			if p == nil {
				t.Fatal("not known")
			}
			if p.secret != (kind == "PASSWORD") {
				t.Errorf("secret is %v, Kafka's type is %s", p.secret, kind)
			}
			if f := p.fractions; f != nil {
				if got := fmt.Sprint(f.def); got != def || fmt.Sprintf("[%.1f,...,%v]", f.low, validatorNumber(f.high)) != validator {
					t.Errorf("default %s, %v; Kafka's is %s, %s", got, f, def, validator)
				}
			}
			if p.limits == nil {
				return
			}
			if got := strconv.FormatInt(p.limits.def, 10); got != def && !otherDefaults[name] {
				t.Errorf("default %s, Kafka's is %s", got, def)
			}
			if want := map[string]int64{"INT": maxInt, "LONG": maxLong, "SHORT": math.MaxInt16}[kind]; p.limits.high != want && !strings.Contains(validator, ",...,") {
				t.Errorf("at most %d, Kafka's %s goes to %d", p.limits.high, kind, want)
			}
		})
	}
}

// otherDefaults are numbers with a default that isn't Kafka's.
var otherDefaults = map[string]bool{"linger.ms": true, "sasl.login.connect.timeout.ms": true, "sasl.login.read.timeout.ms": true}

// validatorNumber writes a number as Java does, with a fraction.
func validatorNumber(f float64) string {
	if s := fmt.Sprint(f); strings.Contains(s, ".") {
		return s
	}
	return fmt.Sprintf("%.1f", f)
}

// stricter are values that Kafka takes and that can only be a mistake, or that would fail every record.
var stricter = map[string]func(v int64) bool{
	"delivery.timeout.ms":                    func(v int64) bool { return v == 0 },
	"request.timeout.ms":                     func(v int64) bool { return v == 0 },
	"buffer.memory":                          func(v int64) bool { return v == 0 },
	"max.request.size":                       func(v int64) bool { return v == 0 },
	"send.buffer.bytes":                      func(v int64) bool { return v == 0 },
	"receive.buffer.bytes":                   func(v int64) bool { return v == 0 },
	"connections.max.idle.ms":                func(v int64) bool { return v == 0 },
	"socket.connection.setup.timeout.ms":     func(v int64) bool { return v <= 0 },
	"socket.connection.setup.timeout.max.ms": func(v int64) bool { return v <= 0 },
	"sasl.login.connect.timeout.ms":          func(v int64) bool { return v <= 0 },
	"sasl.login.read.timeout.ms":             func(v int64) bool { return v <= 0 },
	"sasl.login.retry.backoff.ms":            func(v int64) bool { return v < 0 },
	"sasl.login.retry.backoff.max.ms":        func(v int64) bool { return v < 0 },
}

func TestValuesAreParsedAsKafkaDoes(t *testing.T) {
	rows := goldenRows(t, "values.tsv")
	if len(rows) < 1000 {
		t.Fatalf("only %d values", len(rows))
	}
	for _, row := range rows {
		name, value, valid := row[0], row[1], row[2] == "ok"
		p := propertyNamed[name]
		if p.refused {
			continue
		}
		var c Config
		err := p.parse(&c, trim(value))
		if v, e := strconv.ParseInt(trim(value), 10, 64); e == nil && stricter[name] != nil && stricter[name](v) {
			valid = false
		}
		if valid != (err == nil) {
			t.Errorf("%s=%q: Kafka takes it: %v, here: %v", name, value, valid, err)
			continue
		}
		if f := p.fractions; valid && f != nil {
			got, _ := f.parse(trim(value))
			if want, e := strconv.ParseFloat(row[3], 64); e != nil || f.fromConfig(f.toConfig(got)) != want {
				t.Errorf("%s=%q is %v, Kafka has %s (%v)", name, value, got, row[3], e)
			}
		}
		if !valid || p.limits == nil {
			continue
		}
		want, e := strconv.ParseInt(row[3], 10, 64)
		if e != nil {
			t.Fatal(e)
		}
		if name == "compression.zstd.level" && want == 0 {
			want = 3 // libzstd's meaning of 0
		}
		if want < -1 && name == "connections.max.idle.ms" {
			want = -1
		}
		if got := p.limits.fromConfig(p.limits.toConfig(want)); got != want {
			t.Errorf("%s=%q is %d, Kafka has %d", name, value, got, want)
		}
	}
}

func TestReadPropertiesAsJavaDoes(t *testing.T) {
	rows := goldenRows(t, "load.tsv")
	if len(rows) < 1000 {
		t.Fatalf("only %d texts", len(rows))
	}
	for _, row := range rows {
		text, want := row[0], row[1:]
		got, err := ReadProperties(strings.NewReader(text))
		if len(want) == 1 && want[0] == "error" {
			if err == nil {
				t.Errorf("%q: read %q, Java has an error", text, got)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		same := len(got) == len(want)/2
		for i := 0; i < len(want); i += 2 {
			value, ok := got[want[i]]
			same = same && ok && value == want[i+1]
		}
		if !same {
			t.Errorf("%q: read %q, Java reads %q", text, got, want)
		}
	}
}
