package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// The modules that the main module may depend on: every one is a burden for its users (DESIGN.md section 1). What needs more is a
// nested module.
var (
	codeModules = []string{"github.com/golang/snappy", "github.com/klauspost/compress", "github.com/pierrec/lz4/v4"}
	testModules = []string{"github.com/google/go-cmp"}
)

func checkModules(root string) ([]string, error) {
	out, err := output(root, "go", "mod", "edit", "-json")
	if err != nil {
		return nil, err
	}
	var mod struct {
		Require []struct{ Path string }
	}
	if err := json.Unmarshal([]byte(out), &mod); err != nil {
		return nil, err
	}
	var faults []string
	for _, r := range mod.Require {
		if !slices.Contains(codeModules, r.Path) && !slices.Contains(testModules, r.Path) {
			faults = append(faults, "go.mod requires "+r.Path)
		}
	}
	packages, err := listPackages(root)
	if err != nil {
		return nil, err
	}
	for _, p := range packages {
		faults = append(faults, moduleFaults(p)...)
	}
	return faults, nil
}

// moduleFaults names each import of a package that comes from a module it may not use.
func moduleFaults(p goPackage) []string {
	var faults []string
	check := func(imports []string, kind string, allowed ...string) {
		for _, path := range imports {
			if isStandard(path) || isOurs(path) || slices.ContainsFunc(allowed, func(m string) bool { return within(path, m) }) {
				continue
			}
			faults = append(faults, fmt.Sprintf("%s imports %s: %s may use %q only", p.ImportPath, path, kind, allowed))
		}
	}
	check(p.Imports, "code", codeModules...)
	tests := slices.Concat(p.TestImports, p.XTestImports)
	check(tests, "tests", slices.Concat(codeModules, testModules)...)
	return faults
}

// isStandard tells whether a package is of the standard library: only there has the first part of a path no dot. (Our
// own module's has none either; it is looked at before.)
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && first != mainModule
}
