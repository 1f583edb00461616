//go:build ignore

// This program writes events.tsv, the same bytes each time: a fixed seed drives a small simulation of customers who look
// at things, order some, and are sent mail about it.
package main

import (
	"bufio"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
)

const (
	lines     = 20_000
	customers = 1_500
	begin     = 1_772_438_400_000 // 2026-03-02T08:00:00Z, in ms
)

// shop is the state of the simulation.
type shop struct {
	random *rand.Rand
	out    *bufio.Writer
	now    int64 // ms
	order  int   // number of the last order
	left   int   // lines still to be written
}

// customer is someone whose next events are already decided: what an order brings about, for example.
type customer struct {
	key     string
	pending []string // without their time
}

func main() {
	file, err := os.Create("events.tsv")
	if err != nil {
		log.Fatal(err)
	}
	s := &shop{random: rand.New(rand.NewPCG(2026, 3)), out: bufio.NewWriter(file), now: begin, order: 48_100, left: lines}
	all := make([]customer, customers)
	for i := range all {
		all[i].key = fmt.Sprintf("c-%d", 10_000+s.random.IntN(90_000))
	}
	for ; s.left > 0; s.left-- {
		s.now += 1 + int64(s.random.ExpFloat64()*2000)
		// The product of two random numbers makes a few customers busy and most of them quiet.
		s.happen(&all[int(s.random.Float64()*s.random.Float64()*customers)])
	}
	if err := s.out.Flush(); err != nil {
		log.Fatal(err)
	}
	if err := file.Close(); err != nil {
		log.Fatal(err)
	}
}

// happen writes the next event of a customer.
func (s *shop) happen(c *customer) {
	if len(c.pending) == 0 {
		c.pending = s.visit()
	}
	fmt.Fprintf(s.out, "%s\t{\"ts\":%d,\"event\":%s}\n", c.key, s.now, c.pending[0])
	c.pending = c.pending[1:]
}

// visit decides what a customer does next, and what follows from it.
func (s *shop) visit() []string {
	sku := fmt.Sprintf("%s-%04d", pick(s, "TEA", "CUP", "POT", "TIN"), s.random.IntN(2000))
	events := []string{fmt.Sprintf(`"page.viewed","sku":"%s"`, sku)}
	switch n := s.random.IntN(10); {
	case n < 4:
		return events
	case n < 5:
		return append(events, `"mail.queued","mail":"newsletter-09"`, s.delivery("newsletter-09"), `"mail.opened","mail":"newsletter-09"`)
	case n < 6:
		return append(events, fmt.Sprintf(`"search","q":"%s"`, pick(s, "grüner Tee", "thé vert", "teapot", "日本茶", "cup blue", "")))
	}
	return append(append(events, fmt.Sprintf(`"cart.added","sku":"%s","qty":%d`, sku, 1+s.random.IntN(4))), s.buy()...)
}

// buy is an order and what it brings about.
func (s *shop) buy() []string {
	s.order++
	o := s.order
	events := []string{
		fmt.Sprintf(`"order.placed","order":%d,"eur":%d.%02d`, o, 5+s.random.IntN(120), 10*s.random.IntN(10)),
		fmt.Sprintf(`"mail.queued","mail":"confirmation","order":%d`, o),
		fmt.Sprintf(`"order.paid","order":%d,"by":"%s"`, o, pick(s, "card", "card", "invoice", "sepa")),
		s.delivery("confirmation"),
		fmt.Sprintf(`"order.shipped","order":%d,"parcel":"%08X"`, o, s.random.Uint32()),
		fmt.Sprintf(`"mail.queued","mail":"shipped","order":%d`, o),
		s.delivery("shipped"),
	}
	if s.random.IntN(3) == 0 {
		events = append(events, fmt.Sprintf(`"mail.clicked","mail":"shipped","order":%d`, o))
	}
	if s.random.IntN(8) == 0 {
		text := pick(s, "Schöne Tasse, schnell geliefert – danke!", "Broken handle :(", "très bien", "Great tea, \\\"second flush\\\" as described.", "")
		events = append(events, fmt.Sprintf(`"review","order":%d,"stars":%d,"text":"%s"`, o, 1+s.random.IntN(5), text))
	}
	return events
}

// delivery is what became of a mail.
func (s *shop) delivery(mail string) string {
	if s.random.IntN(40) == 0 {
		return fmt.Sprintf(`"mail.bounced","mail":"%s","why":"%s"`, mail, pick(s, "mailbox full", "unknown user", "greylisted"))
	}
	return fmt.Sprintf(`"mail.delivered","mail":"%s","mx":%d`, mail, 1+s.random.IntN(6))
}

func pick(s *shop, from ...string) string { return from[s.random.IntN(len(from))] }
