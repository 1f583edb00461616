package interop

import (
	"time"

	"kafkaproducer/producer/producertest"
)

// newAuthority makes an authority, whose certificates are made on the fly.
func newAuthority() *producertest.CA { return producertest.NewCA("authority of a test") }

// expired makes a certificate for a host whose time is over.
func expired(ca *producertest.CA, host string) *producertest.Certificate {
	return ca.Issue(producertest.CertificateOptions{Hosts: []string{host}, NotAfter: time.Now().Add(-time.Hour)})
}

// trust are the properties, of a broker as of a client, that make it accept what the authority has signed.
func trust(ca *producertest.CA) properties {
	return properties{"ssl.truststore.type": "PEM", "ssl.truststore.certificates": ca.CertificatePEM()}
}

// show are the properties, of a broker as of a client, that make it show this certificate.
func show(c *producertest.Certificate) properties {
	return properties{"ssl.keystore.type": "PEM", "ssl.keystore.certificate.chain": c.CertificatePEM(), "ssl.keystore.key": c.KeyPEM()}
}

// showEncrypted is show with the private key encrypted (PBES2).
func showEncrypted(c *producertest.Certificate) properties {
	const keyPassword = "the key's secret"
	return join(show(c), properties{"ssl.keystore.key": c.EncryptedKeyPEM(keyPassword), "ssl.key.password": keyPassword})
}
