package protocol

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"testing"
)

const schemaFile = "../testdata/protocol/schema.tsv"

// schemaMessage is a message as Kafka's schema has it.
type schemaMessage struct {
	name       string
	kind       string // request, response, header
	key        Key
	versions   versionSpan
	flexible   versionSpan
	unstable   bool // the latest version is
	schemaBody schemaStruct
}

type schemaStruct []*schemaField

type schemaField struct {
	path     string // with the fields above it: TopicData.PartitionData.Index
	name     string
	kind     string // int32, string, records … ; for a struct or an array of them, the struct's name
	array    bool
	versions versionSpan
	nullable versionSpan
	byDef    string // "-": the type's zero
	tag      int    // -1: none
	tagged   versionSpan
	ignore   bool
	flexible *versionSpan // nil: as the message
	fields   schemaStruct // of a struct
}

// versionSpan is a range of versions as the schemas write it: "3+", "0-12", "5", "none".
type versionSpan struct{ lo, hi int16 }

func (s versionSpan) has(v int16) bool { return s.lo <= v && v <= s.hi }

func parseSpan(t testing.TB, s string) versionSpan {
	number := func(s string) int16 {
		n, err := strconv.ParseInt(s, 10, 16)
		if err != nil {
			t.Fatal(err)
		}
		return int16(n)
	}
	if s == "none" || s == "-" {
		return versionSpan{0, -1}
	}
	if lo, ok := strings.CutSuffix(s, "+"); ok {
		return versionSpan{number(lo), 1<<15 - 1}
	}
	lo, hi, ok := strings.Cut(s, "-")
	if !ok {
		hi = lo
	}
	return versionSpan{number(lo), number(hi)}
}

// readSchema reads the table of facts that internal/golden takes out of Kafka's Java client.
func readSchema(t testing.TB) map[string]*schemaMessage {
	f, err := os.Open(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	messages := map[string]*schemaMessage{}
	fields := map[string]*schemaField{} // by message and path
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		columns := strings.Split(lines.Text(), "\t")
		switch {
		case columns[0] == "message":
			m := &schemaMessage{name: columns[1], kind: columns[2], versions: parseSpan(t, columns[4]), flexible: parseSpan(t, columns[5])}
			if columns[3] != "-" {
				key, err := strconv.Atoi(columns[3])
				if err != nil {
					t.Fatal(err)
				}
				m.key = Key(key)
			}
			m.unstable = columns[6] == "true"
			messages[m.name] = m
		case columns[0] == "field":
			f := parseField(t, columns)
			fields[columns[1]+" "+f.path] = f
			if above, _, ok := cutLast(f.path, "."); ok {
				parent := fields[columns[1]+" "+above]
				parent.fields = append(parent.fields, f)
			} else {
				messages[columns[1]].schemaBody = append(messages[columns[1]].schemaBody, f)
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return messages
}

func parseField(t testing.TB, columns []string) *schemaField {
	f := &schemaField{
		path: columns[2], kind: columns[3],
		versions: parseSpan(t, columns[4]), nullable: parseSpan(t, columns[5]),
		byDef: columns[6], tag: -1, tagged: parseSpan(t, columns[8]), ignore: columns[9] == "true",
	}
	_, f.name, _ = cutLast("."+f.path, ".")
	f.kind, f.array = strings.TrimPrefix(f.kind, "[]"), strings.HasPrefix(f.kind, "[]")
	if columns[7] != "-" {
		tag, err := strconv.Atoi(columns[7])
		if err != nil {
			t.Fatal(err)
		}
		f.tag = tag
	}
	if columns[10] != "-" {
		span := parseSpan(t, columns[10])
		f.flexible = &span
	}
	return f
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+len(sep):], true
}

// fieldsAt visits the fields of a struct, and of the structs in it that the version has. These fields themselves may be
// ones that the version does not have.
func (s schemaStruct) fieldsAt(version int16, visit func(*schemaField)) {
	for _, f := range s {
		visit(f)
		if f.versions.has(version) {
			f.fields.fieldsAt(version, visit)
		}
	}
}

// isStruct reports whether the field is a struct or an array of them.
func (f *schemaField) isStruct() bool { return f.fields != nil }

// message is a new Go value of the message.
func (m *schemaMessage) message() Message {
	if m.kind == "request" {
		return NewRequest(m.key)
	}
	return NewResponse(m.key)
}

// eachVersion runs a test for each message at each version that this package has.
func eachVersion(t *testing.T, test func(t *testing.T, m *schemaMessage, version int16)) {
	messages := readSchema(t)
	ran := 0
	for _, m := range messages {
		if m.kind == "header" {
			continue
		}
		lo, hi := m.key.Versions()
		for version := lo; version <= hi; version++ {
			if !m.key.Supports(version) {
				continue
			}
			ran++
			t.Run(m.name+"/"+strconv.Itoa(int(version)), func(t *testing.T) { test(t, m, version) })
		}
	}
	if want := 2 * (11 + 10 + 6 + 4 + 2 + 3); ran != want {
		t.Errorf("%d messages and versions, want %d", ran, want)
	}
}
