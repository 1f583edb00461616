package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

const (
	mainModule = "kafkaproducer"
	testKit    = mainModule + "/producer/producertest"
	simulation = mainModule + "/producer/internal/simulation" // for tests, too
)

// A layer is a package of ours and all below it.
type layer struct {
	name string
	may  []string // the other layers that its code may import
}

// Tests may import what they like: those that need something from above are in packages of their own (package x_test),
// which the compiler sees to.
// A package named before the one it lies in is a layer of its own.
var layers = []layer{
	{"protocol", nil},
	{"compress", nil},
	{"record", []string{"compress"}},
	{"client/sasl", nil},
	{"client/tlsfiles", nil},
	{"client", []string{"client/sasl", "protocol"}},
	{"producer", []string{"client", "client/sasl", "client/tlsfiles", "record", "protocol", "compress"}},
	// What stands around the producer.
	{"internal", []string{"producer", "client", "client/sasl", "client/tlsfiles", "record", "protocol", "compress", "testdata"}},
	// Data that several packages use, embedded.
	{"testdata", nil},
}

// goPackage is what go list tells about a package.
type goPackage struct {
	ImportPath   string
	Imports      []string // of its code, not of its tests
	TestImports  []string
	XTestImports []string
}

func checkImports(root string) ([]string, error) {
	packages, err := listPackages(root)
	if err != nil {
		return nil, err
	}
	var faults []string
	for _, p := range packages {
		faults = append(faults, importFaults(p)...)
	}
	return faults, nil
}

func listPackages(root string) ([]goPackage, error) {
	out, err := output(root, "go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	if err != nil {
		return nil, err
	}
	var packages []goPackage
	for d := json.NewDecoder(strings.NewReader(out)); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, err
		}
		packages = append(packages, p)
	}
}

// importFaults names each import of a package that its layer may not have.
func importFaults(p goPackage) []string {
	from, ok := layerOf(p.ImportPath)
	if !ok {
		return []string{p.ImportPath + ": belongs to no layer that internal/check knows"}
	}
	var faults []string
	for _, path := range p.Imports {
		to, ours := layerOf(path)
		switch {
		case !ours && isOurs(path):
			faults = append(faults, fmt.Sprintf("%s imports %s, which belongs to no layer", p.ImportPath, path))
		case ours && to.name != from.name && !slices.Contains(from.may, to.name):
			faults = append(faults, fmt.Sprintf("%s imports %s: of ours, %s may import %q only", p.ImportPath, path, from.name, from.may))
		case (within(path, testKit) || within(path, simulation)) && from.name != "internal" &&
			!within(p.ImportPath, testKit) && !within(p.ImportPath, simulation):
			faults = append(faults, fmt.Sprintf("%s imports %s, which is for tests", p.ImportPath, path))
		}
	}
	return faults
}

// layerOf returns the layer of a package of ours.
func layerOf(path string) (layer, bool) {
	i := slices.IndexFunc(layers, func(l layer) bool { return within(path, mainModule+"/"+l.name) })
	if i < 0 {
		return layer{}, false
	}
	return layers[i], true
}

func isOurs(path string) bool { return within(path, mainModule) }

// within tells whether path is the package tree or below it.
func within(path, tree string) bool {
	return path == tree || strings.HasPrefix(path, tree+"/")
}
