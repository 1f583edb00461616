package table_test

import (
	"math"
	"testing"

	"kafkaproducer/internal/bench/table"
)

func TestTable(t *testing.T) {
	tab := table.Table{Head: []string{"", "µs"}}
	tab.Add("plain", "1,234")
	tab.Add("short")
	const want = "" +
		"|       |    µs |\n" +
		"| ----- | ----: |\n" +
		"| plain | 1,234 |\n" +
		"| short |       |\n"
	if got := tab.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.004: "0", 0.005: "0.01", 1.066: "1.07", 9.994: "9.99", 9.996: "10.0", 98.24: "98.2", 99.96: "100", 654.4: "654",
		999.6: "1,000", 12_345_678: "12,345,678", -1234: "-1,234", math.NaN(): "–", math.Inf(1): "–",
	} {
		if got := table.Number(v); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
}

func TestRatio(t *testing.T) {
	for _, test := range []struct {
		v, base float64
		want    string
	}{
		{500, 100, "500 (0.20)"}, {50, 99, "50.0 (2.0)"}, {1000, 71, "1,000 (0.071)"}, {1, 12, "1.00 (12)"}, {1, 0.996, "1.00 (1.0)"},
		{1.07, 0.001, "1.07"}, {0, 5, "0"}, {3, math.NaN(), "3.00"}, {math.NaN(), 3, "–"},
	} {
		if got := table.Ratio(test.v, test.base); got != test.want {
			t.Errorf("%v of %v: %q, want %q", test.base, test.v, got, test.want)
		}
	}
}
