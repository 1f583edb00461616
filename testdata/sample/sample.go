// Package sample holds a real-looking file for whoever wants something to send: the tool behind make run, and tests.
package sample

import _ "embed"

// Events is events.tsv: half a day of a web shop and its mail service in 20,000 lines, each a customer as the key, a
// tab, and an event as JSON in UTF-8. The lines of a customer are in the order in which things happened to it.
//
//go:generate go run generate.go
//go:embed events.tsv
var Events []byte

// Lines is how many lines Events has.
const Lines = 20_000
