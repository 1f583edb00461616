package tlsfiles

import (
	"crypto/ecdsa"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testdata reads a file that openssl or keytool made.
func testdata(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "tls", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// testKey is the key that all files hold, as crypto/x509 reads it.
func testKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	own, err := parseOwn("", testdata(t, "key.pem"), testdata(t, "cert.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return own.PrivateKey.(*ecdsa.PrivateKey)
}

func TestKeysOfOpenssl(t *testing.T) {
	want := testKey(t)
	for _, tt := range []struct {
		file, password string
		text           string // of the error; empty: none
	}{
		{file: "key.pem"},
		{file: "key.pem", password: "needless"},
		{file: "key-sec1.pem"},
		{file: "encrypted-aes-128-cbc.pem", password: "secret"},
		{file: "encrypted-aes-192-cbc.pem", password: "secret"},
		{file: "encrypted-aes-256-cbc.pem", password: "secret"},
		{file: "encrypted-hmacWithSHA1.pem", password: "secret"},
		{file: "encrypted-hmacWithSHA224.pem", password: "secret"},
		{file: "encrypted-hmacWithSHA384.pem", password: "secret"},
		{file: "encrypted-hmacWithSHA512.pem", password: "secret"},
		{file: "encrypted-aes-256-cbc.pem", text: "ssl.key.password is not set"},
		{file: "encrypted-aes-256-cbc.pem", password: "wrong", text: "can't be decrypted with ssl.key.password"},
		{file: "encrypted-des3.pem", password: "secret", text: "triple DES"},
		{file: "encrypted-pbes1.pem", password: "secret", text: "PBE with SHA-1 and triple DES"},
		{file: "encrypted-scrypt.pem", password: "secret", text: "scrypt"},
		{file: "encrypted-legacy.pem", password: "secret", text: "from before PKCS #8"},
		{file: "cert.pem", text: "there is no private key"},
	} {
		t.Run(tt.file+" "+tt.password, func(t *testing.T) {
			files := Files{KeystoreCertificateChain: testdata(t, "cert.pem"), KeystoreKey: testdata(t, tt.file), KeyPassword: tt.password}
			own, err := files.keystore()
			if tt.text != "" {
				var e *Error
				if !errors.As(err, &e) || e.Property != "ssl.keystore.key" || !strings.Contains(err.Error(), tt.text) {
					t.Fatalf("got %v", err)
				}
				if unsupported := new(unsupportedCipher); errors.As(err, &unsupported) != strings.Contains(err.Error(), "openssl pkcs8 -topk8 -v2 aes-256-cbc") {
					t.Errorf("the advice of %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !want.Equal(own.current().PrivateKey) {
				t.Error("it is another key")
			}
		})
	}
}

// A value of a properties file that goes over several lines arrives as one line with blanks in it.
func TestOneLine(t *testing.T) {
	want := testKey(t)
	oneLine := func(name string) string { return strings.Join(strings.Split(testdata(t, name), "\n"), " ") }
	own, err := parseOwn("secret", oneLine("cert.pem"), oneLine("encrypted-aes-256-cbc.pem"))
	if err != nil || !want.Equal(own.PrivateKey) {
		t.Errorf("got %v, %v", own, err)
	}
	for _, newline := range []string{"\r\n", "\r", " \n\t"} {
		text := "Bag Attributes\n    friendlyName: me\n" + testdata(t, "cert.pem") + "Key Attributes: <No Attributes>\n" + testdata(t, "key.pem")
		if _, err := parseOwn("", strings.ReplaceAll(text, "\n", newline)); err != nil {
			t.Errorf("with %q: %v", newline, err)
		}
	}
}

func TestWrongStores(t *testing.T) {
	cert, key := testdata(t, "cert.pem"), testdata(t, "key.pem")
	other, _, _ := strings.Cut(cert, "-----END")
	for _, tt := range []struct {
		name, text, want string
		trust            bool
	}{
		{"a certificate that is cut off", cert + cert[:len(cert)/2], "cut off", true},
		{"a line that is cut off", cert + "-----BEGIN CERTIFI", "cut off", true},
		{"a certificate within another", other + cert, "cut off", true},
		{"a damaged certificate", strings.Replace(cert, "M", "?", 1), "not in base64", true},
		{"another object", strings.ReplaceAll(cert, "CERTIFICATE", "PUBLIC KEY"), "holds a PUBLIC KEY", true},
		{"a key among those to trust", cert + key, "holds a PRIVATE KEY", true},
		{"nothing", "", "no PEM", true},
		{"a key only", key, "no certificate", false},
		{"two keys", cert + key + key, "more than one private key", false},
		{"a key that is cut off", cert + key[:len(key)-30], "cut off", false},
		{"headers without end", "-----BEGIN PRIVATE KEY-----\nA: b\nAAAA\n-----END PRIVATE KEY-----", "headers that do not end", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var err error
			if tt.trust {
				_, err = parseTrust(tt.text)
			} else {
				_, err = parseOwn("", tt.text)
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// Stores of Java's are refused with what converts them.
func TestForeignStores(t *testing.T) {
	dir := filepath.Join("..", "..", "testdata", "tls")
	jks, p12, der := filepath.Join(dir, "store.jks"), filepath.Join(dir, "store.p12"), filepath.Join(dir, "cert.der")
	for _, tt := range []struct {
		name  string
		files Files
		want  []string
	}{
		{"trust store JKS", Files{TruststoreLocation: jks}, []string{"ssl.truststore.location = " + jks, "JKS", "keytool -list -rfc -keystore " + jks}},
		{"key store JKS", Files{KeystoreLocation: jks}, []string{"keytool -importkeystore -srckeystore " + jks, "openssl pkcs12 -in " + jks + ".p12 -aes256"}},
		{"trust store PKCS #12", Files{TruststoreLocation: p12}, []string{"openssl pkcs12 -in " + p12 + " -nokeys -out"}},
		{"key store PKCS #12", Files{KeystoreLocation: p12}, []string{"openssl pkcs12 -in " + p12 + " -aes256 -out"}},
		{"DER", Files{TruststoreLocation: der}, []string{"openssl x509 -inform der -in " + der}},
		{"by type", Files{TruststoreType: "jks", TruststoreLocation: "a b.jks"}, []string{"ssl.truststore.type", "keytool -list -rfc -keystore 'a b.jks'"}},
		{"by type, without a file", Files{KeystoreType: "PKCS12"}, []string{"ssl.keystore.type", "openssl pkcs12 -in store.p12 -aes256 -out store.pem"}},
		{"by a type that nobody has", Files{KeystoreType: "BKS"}, []string{"type BKS is not supported"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.files.Config()
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q", err, want)
				}
			}
		})
	}
}
