package tlsfiles

import (
	"os"
	"path/filepath"
	"testing"
)

// seeds adds all files of testdata.
func seeds(f *testing.F, add func(content []byte)) {
	paths, err := filepath.Glob(filepath.Join("..", "..", "testdata", "tls", "*.*"))
	if err != nil || len(paths) == 0 {
		f.Fatal(paths, err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		add(b)
	}
}

// FuzzPEM reads anything at all as a store: it must end with a store or an error that says something, and what is taken
// out of a text is never more than the text.
func FuzzPEM(f *testing.F) {
	seeds(f, func(b []byte) { f.Add(b) })
	f.Add([]byte("-----BEGIN CERTIFICATE----- -----END CERTIFICATE-----"))
	f.Add([]byte("-----BEGIN -----A: b\n\n-----END -----"))
	f.Fuzz(func(t *testing.T, b []byte) {
		blocks, err := parsePEM(string(b))
		total := 0
		for _, block := range blocks {
			total += len(block.der)
			if block.label == "ENCRYPTED PRIVATE KEY" {
				if k, err := parseSealed(block.der); err == nil && k.kdf.Iterations > 10_000 {
					t.Skip("it would take long to decrypt")
				}
			}
		}
		if total > len(b) || err != nil && err.Error() == "" {
			t.Fatalf("%d bytes of %d, %v", total, len(b), err)
		}
		if pool, err := parseTrust(string(b)); (pool == nil) != (err != nil) {
			t.Fatalf("trust store %v, %v", pool, err)
		}
		if own, err := parseOwn("secret", string(b)); err == nil && (own.PrivateKey == nil || own.Leaf == nil) {
			t.Fatal("a key store without a key or a certificate")
		}
		if what, _ := refuseContent(b, "x", true); what == nil {
			t.Fatal("refused without a reason")
		}
	})
}

// FuzzPKCS8 reads anything at all as an encrypted key.
func FuzzPKCS8(f *testing.F) {
	seeds(f, func(b []byte) {
		blocks, _ := parsePEM(string(b))
		for _, block := range blocks {
			f.Add(block.der, "secret")
		}
	})
	f.Fuzz(func(t *testing.T, der []byte, password string) {
		k, err := parseSealed(der)
		if err != nil {
			return
		}
		if k.kdf.Iterations < 1 || k.kdf.Iterations > maxIterations || k.prf == nil {
			t.Fatalf("taken: %+v", k)
		}
		if k.kdf.Iterations > 10_000 {
			return // it would take long
		}
		if plain, err := k.open(password); err == nil && len(plain) >= len(der) {
			t.Fatalf("%d bytes decrypted of %d", len(plain), len(der))
		}
	})
}
