package delivery

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"kafkaproducer/protocol"
)

// What each error code that a broker can send means for a batch is written in testdata/codes.tsv, for people to read; -rewrite
// writes it anew. Columns: the code; a batch of one record; of several; without idempotence; and of one that may have been appended at
// an earlier attempt.
func TestEveryCode(t *testing.T) {
	const file = "testdata/codes.tsv"
	var now strings.Builder
	fmt.Fprintln(&now, "code\tone record\tseveral\twithout idempotence\tin doubt before")
	for code := protocol.UnknownServerError; code.Known(); code++ {
		describeCode(&now, code)
	}
	describeCode(&now, 9999)
	old, err := os.ReadFile(file)
	if *rewrite {
		err = os.WriteFile(file, []byte(now.String()), 0o644)
		old = []byte(now.String())
	}
	if err != nil {
		t.Fatal(err)
	}
	if now.String() != string(old) {
		t.Errorf("%s (see -rewrite of TestTranscripts):\n%s", file, firstDifference(string(old), now.String()))
	}
}

func describeCode(s *strings.Builder, code protocol.ErrorCode) {
	plain := "enable.idempotence=false"
	fmt.Fprintf(s, "%s\t%s\t%s\t%s\t%s\n", code.Name(), meaning(code, "", 1, false), meaning(code, "", 2, false),
		meaning(code, plain, 1, false), meaning(code, "", 1, true))
}

// meaning says what the core does with a batch that is answered with a code.
func meaning(code protocol.ErrorCode, config string, records int, doubt bool) string {
	s := newSession()
	said := func(format string, args ...any) string {
		out, err := s.run(fmt.Sprintf(format, args...))
		if err != nil {
			panic(err)
		}
		return strings.Join(out, "; ")
	}
	if config != "" {
		said("config %s", config)
	}
	said("producer-id 7")
	said("partition email-0 leader=1")
	said("connected 1")
	said("send first email-0")
	said("answer 1 ok,offset=0")
	said("send a email-0 records=%d", records)
	request := 2
	if doubt {
		said("answer 2 REQUEST_TIMED_OUT")
		said("wait")
		request++
	}
	out := said("answer %d %d,log-start=0", request, code)
	b := s.batches["a"]
	switch {
	case s.core.Fatal() != nil:
		return "ends the producer, " + certainty(b)
	case s.batches["a.1"] != nil:
		return "is split"
	case b.State() == Done && b.Outcome.Err == nil:
		return "acknowledged"
	case b.State() == Done:
		return "fails, " + certainty(b)
	}
	text := "goes again"
	if strings.Contains(out, "refresh metadata") {
		text += ", new metadata"
	}
	if strings.Contains(out, "begin anew") {
		text += ", new epoch"
	}
	if strings.Contains(out, "ask for a producer id") {
		text += ", new producer id"
	}
	return text
}

func certainty(b *Batch) string {
	return [...]string{"NotPersisted", "PossiblyPersisted", "Persisted"}[b.Outcome.Certainty]
}
