package tlsfiles

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
)

// Stores of Java's are refused by name: PKCS #12 and JKS need ciphers and formats of their own, which the tools that
// made them convert.

// refuseType refuses a store by the type that the settings give it.
func refuseType(property, storeType, path string, key bool) error {
	e := &Error{Property: property, Err: fmt.Errorf("type %s is not supported, only PEM", storeType)}
	switch strings.ToUpper(storeType) {
	case "JKS", "JCEKS":
		e.Advice = fromJKS(path, key)
	case "PKCS12":
		e.Advice = fromPKCS12(path, key)
	}
	return e
}

// refuseContent says what a file without any PEM is, and how to make PEM of it.
func refuseContent(b []byte, path string, key bool) (what error, advice string) {
	switch {
	case len(b) == 0:
		return errors.New("it is empty"), ""
	case bytes.HasPrefix(b, []byte{0xFE, 0xED, 0xFE, 0xED}), bytes.HasPrefix(b, []byte{0xCE, 0xCE, 0xCE, 0xCE}): // JCEKS
		return errors.New("it is a JKS store, only PEM is supported"), fromJKS(path, key)
	case b[0] != 0x30: // a SEQUENCE of DER
		return errors.New("there is no PEM in it"), ""
	}
	if _, err := x509.ParseCertificate(b); err == nil {
		return errors.New("it is a certificate in DER, only PEM is supported"),
			fmt.Sprintf("convert it with: openssl x509 -inform der -in %s -out %s", quote(path), quote(path+".pem"))
	}
	return errors.New("it looks like a PKCS #12 store, only PEM is supported"), fromPKCS12(path, key)
}

func fromJKS(path string, key bool) string {
	from := quoteOr(path, "store.jks")
	if !key {
		return fmt.Sprintf("convert it with: keytool -list -rfc -keystore %s > %s", from, quoteOr(suffixed(path, ".pem"), "store.pem"))
	}
	return fmt.Sprintf("convert it with: keytool -importkeystore -srckeystore %s -destkeystore %s -deststoretype PKCS12 && openssl pkcs12 -in %[2]s -aes256 -out %s",
		from, quoteOr(suffixed(path, ".p12"), "store.p12"), quoteOr(suffixed(path, ".pem"), "store.pem"))
}

func fromPKCS12(path string, key bool) string {
	only := "-aes256"
	if !key {
		only = "-nokeys"
	}
	return fmt.Sprintf("convert it with: openssl pkcs12 -in %s %s -out %s", quoteOr(path, "store.p12"), only, quoteOr(suffixed(path, ".pem"), "store.pem"))
}

func suffixed(path, suffix string) string {
	if path == "" {
		return ""
	}
	return path + suffix
}

func quoteOr(path, other string) string {
	if path == "" {
		return other
	}
	return quote(path)
}

// quote makes a path fit for a shell.
func quote(path string) string {
	if strings.ContainsAny(path, " \t'\"$`\\&|;<>()*?[]{}!#~") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
