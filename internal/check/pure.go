package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// pureTree is the core: code that decides, and does nothing else (DESIGN.md section 2). Its inputs are values, so that
// a log of them replays a run exactly.
const pureTree = "producer/internal/delivery"

// impure are packages, with all below them, that act on the world or wait for it.
var impure = []string{"net", "sync", "os", "context", "log", "syscall", "runtime", "crypto/rand"}

// impureNames are the names of otherwise allowed packages that read a clock, wait, or draw from the process's random numbers.
var impureNames = map[string][]string{
	"time": {"Now", "Since", "Until", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Sleep"},
	"math/rand/v2": {"Int", "IntN", "Int32", "Int32N", "Int64", "Int64N", "Uint", "UintN", "Uint32", "Uint32N", "Uint64", "Uint64N",
		"Float32", "Float64", "ExpFloat64", "NormFloat64", "N", "Perm", "Shuffle"},
}

func checkPure(root string) ([]string, error) {
	dir := filepath.Join(root, filepath.FromSlash(pureTree))
	var faults []string
	files := 0
	err := walk(dir, func(path string) error {
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		files++
		found, err := impurities(path, nil)
		faults = append(faults, found...)
		return err
	})
	if err == nil && files == 0 {
		err = fmt.Errorf("no Go file in %s", dir)
	}
	return faults, err
}

// impurities names each place in a file of the core that acts on the world. src is as parser.ParseFile takes it.
func impurities(path string, src any) ([]string, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var faults []string
	fault := func(n ast.Node, what string) {
		faults = append(faults, fmt.Sprintf("%v: %s", fset.Position(n.Pos()), what))
	}

	names := map[string]string{} // by the name a package has in the file
	for _, spec := range file.Imports {
		pkg, _ := strconv.Unquote(spec.Path.Value)
		if slices.ContainsFunc(impure, func(tree string) bool { return within(pkg, tree) }) {
			fault(spec, "the core imports "+pkg)
		}
		if _, watched := impureNames[pkg]; watched {
			if spec.Name != nil && spec.Name.Name == "." {
				fault(spec, "the core imports "+pkg+" without its name")
			}
			names[importName(spec, pkg)] = pkg
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			fault(n, "the core starts a goroutine")
		case *ast.ChanType:
			fault(n, "the core has a channel")
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && slices.Contains(impureNames[names[x.Name]], n.Sel.Name) {
				fault(n, "the core uses "+names[x.Name]+"."+n.Sel.Name)
			}
		}
		return true
	})
	return faults, nil
}

// importName returns the name by which a file knows a package.
func importName(spec *ast.ImportSpec, path string) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	parts := strings.Split(path, "/")
	last := parts[len(parts)-1]
	if len(parts) > 1 && last == "v2" {
		last = parts[len(parts)-2]
	}
	return last
}
