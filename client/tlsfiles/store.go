package tlsfiles

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
)

// parseTrust reads the certificates of a trust store. Anything in it that is not a certificate is an error, so that a
// trust store that is no longer what it was is noticed.
func parseTrust(text string) (*x509.CertPool, error) {
	blocks, err := parsePEM(text)
	if err != nil {
		return nil, err
	}
	pool, n := x509.NewCertPool(), 0
	for _, b := range blocks {
		switch b.label {
		case "CERTIFICATE", "X509 CERTIFICATE":
		default:
			return nil, fmt.Errorf("it holds a %s, a trust store holds certificates only", head(b.label))
		}
		c, err := x509.ParseCertificate(b.der)
		if err != nil {
			return nil, fmt.Errorf("certificate number %d can't be read: %w", n+1, err)
		}
		pool.AddCert(c)
		n++
	}
	if n == 0 {
		return nil, errNoPEM
	}
	return pool, nil
}

// errNoPEM is that there is nothing of use in a text; a file may be of another format then.
var errNoPEM = errors.New("there is no PEM in it")

// parseOwn reads a certificate chain, own certificate first, and its private key from the objects of one text or two.
func parseOwn(password string, texts ...string) (*tls.Certificate, error) {
	own := new(tls.Certificate)
	found := 0
	for _, text := range texts {
		blocks, err := parsePEM(text)
		if err != nil {
			return nil, err
		}
		for _, b := range blocks {
			found++
			switch b.label {
			case "CERTIFICATE", "X509 CERTIFICATE":
				own.Certificate = append(own.Certificate, b.der)
			case "EC PARAMETERS", "DH PARAMETERS": // openssl puts them before a key
			default:
				if own.PrivateKey != nil {
					return nil, errors.New("it holds more than one private key")
				}
				if own.PrivateKey, err = parseKey(b, password); err != nil {
					return nil, err
				}
			}
		}
	}
	switch {
	case found == 0:
		return nil, errNoPEM
	case own.PrivateKey == nil:
		return nil, errors.New("there is no private key")
	case len(own.Certificate) == 0:
		return nil, errors.New("there is no certificate")
	}
	return own, match(own)
}

// match checks that a chain can be read and begins with the certificate of the private key.
func match(own *tls.Certificate) error {
	for i, der := range own.Certificate {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return fmt.Errorf("certificate number %d can't be read: %w", i+1, err)
		}
		if i == 0 {
			own.Leaf = c
		}
	}
	public, ok := own.PrivateKey.(crypto.Signer).Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(own.Leaf.PublicKey) {
		return errors.New("the private key is not that of the first certificate (the chain begins with the client's own)")
	}
	return nil
}

// parseKey reads a private key. Kafka's client takes PKCS #8 only; unencrypted keys of openssl's older formats are taken
// as well, since nothing about them is ambiguous.
func parseKey(b block, password string) (crypto.PrivateKey, error) {
	var key any
	var err error
	switch {
	case b.encrypted:
		return nil, &unsupportedCipher{"openssl's format from before PKCS #8"}
	case b.label == "ENCRYPTED PRIVATE KEY":
		return parseEncrypted(b.der, password)
	case b.label == "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(b.der)
	case b.label == "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(b.der)
	case b.label == "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(b.der)
	default:
		return nil, fmt.Errorf("it holds a %s, a key store holds a private key and certificates only", head(b.label))
	}
	if err != nil {
		return nil, errUnreadableKey
	}
	return signer(key)
}

// errUnreadableKey doesn't say what crypto/x509 says, which may show parts of the key.
var errUnreadableKey = errors.New("the private key can't be read")

func parseEncrypted(der []byte, password string) (crypto.PrivateKey, error) {
	k, err := parseSealed(der)
	if err != nil {
		return nil, err
	}
	if password == "" {
		return nil, errors.New("the private key is encrypted, and ssl.key.password is not set")
	}
	plain, err := k.open(password)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(plain)
	if err != nil {
		return nil, errWrongPassword
	}
	return signer(key)
}

// signer returns a key that can sign: some that PKCS #8 holds can only agree on other keys.
func signer(key any) (crypto.PrivateKey, error) {
	if s, ok := key.(crypto.Signer); ok {
		return s, nil
	}
	return nil, fmt.Errorf("a private key of type %T can't sign", key)
}

// adviceFor says what to do about a store that can't be used.
func adviceFor(err error) string {
	if e := new(unsupportedCipher); errors.As(err, &e) {
		return "convert the key with: openssl pkcs8 -topk8 -v2 aes-256-cbc -in old.key -out new.key"
	}
	return ""
}
