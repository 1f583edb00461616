package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
)

// A file or function of this many lines is one to look at: it may hold two things.
const (
	longFile     = 400
	longFunction = 60
)

// printLengths prints the long files and functions. It finds no fault: some are long for a reason.
func printLengths(root string) ([]string, error) {
	return nil, walk(root, func(path string) error {
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		long, err := lengths(path, src)
		for _, l := range long {
			fmt.Println("warning:", l)
		}
		return err
	})
}

// lengths describes what is long in a file, unless it is generated.
func lengths(path string, src []byte) ([]string, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	if ast.IsGenerated(file) {
		return nil, nil
	}
	var long []string
	if n := bytes.Count(src, []byte("\n")); n >= longFile {
		long = append(long, fmt.Sprintf("%s: %d lines", path, n))
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		from, to := fset.Position(f.Pos()), fset.Position(f.End())
		if n := to.Line - from.Line + 1; n >= longFunction {
			long = append(long, fmt.Sprintf("%s:%d: %s, %d lines", path, from.Line, f.Name.Name, n))
		}
	}
	return long, nil
}
