// Package readme holds README.md to the truth: its tests compile and run the programs that it shows, and compare what
// it says of properties and make targets with what there is.
package readme
