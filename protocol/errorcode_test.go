package protocol

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// The Java client's own table, of which internal/golden writes the facts down.
func TestErrorTable(t *testing.T) {
	f, err := os.Open("../testdata/protocol/errors.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		columns := strings.Split(lines.Text(), "\t")
		if len(columns) != 5 {
			continue
		}
		n++
		var code ErrorCode
		if _, err := fmt.Sscan(columns[0], &code); err != nil {
			t.Fatal(err)
		}
		name, retriable, refresh, exception := columns[1], columns[2] == "true", columns[3] == "true", columns[4]
		if row := code.row(); row == nil || row.code != code {
			t.Errorf("%s (%d) is not in its place: %v", name, code, row)
			continue
		}
		if code.Name() != name || code.Retriable() != retriable || code.RefreshMetadata() != refresh || !code.Known() {
			t.Errorf("%d is %s, retriable %t, refresh %t; want %s, %t, %t",
				code, code.Name(), code.Retriable(), code.RefreshMetadata(), name, retriable, refresh)
		}
		if want := fatalExceptions[exception]; code.Fatal() != want {
			t.Errorf("%s: fatal %t, want %t", name, code.Fatal(), want)
		}
		if code.row().text == "" {
			t.Errorf("%s has no text", name)
		}
	}
	if n != len(errorTable) || n < 130 {
		t.Errorf("%d codes here, %d in the Java client", len(errorTable), n)
	}
}

// fatalExceptions is what TransactionManager.isFatalException of the Java client names.
var fatalExceptions = map[string]bool{
	"ClusterAuthorizationException": true, "TransactionalIdAuthorizationException": true,
	"ProducerFencedException": true, "UnsupportedVersionException": true,
}

func TestErrorCode(t *testing.T) {
	wrapped := fmt.Errorf("sending: %w", NotLeaderOrFollower)
	if !errors.Is(wrapped, NotLeaderOrFollower) || errors.Is(wrapped, LeaderNotAvailable) {
		t.Error("errors.Is does not tell codes apart")
	}
	const text = "NOT_LEADER_OR_FOLLOWER (6): the broker is not the partition's leader, or no replica of it"
	if got := NotLeaderOrFollower.Error(); got != text {
		t.Errorf("%q, want %q", got, text)
	}
	for _, unknown := range []ErrorCode{-2, 1234, -1 << 15, 1<<15 - 1} {
		if unknown.Known() || unknown.Retriable() || unknown.RefreshMetadata() || unknown.Fatal() {
			t.Errorf("%d is taken for something", unknown)
		}
		if got, want := unknown.Error(), fmt.Sprintf("error code %d", int16(unknown)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if got, want := unknown.Name(), fmt.Sprintf("UNKNOWN_%d", int16(unknown)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
