package tlsfiles_test

import (
	"fmt"
	"os"
	"path/filepath"

	"kafkaproducer/client/tlsfiles"
	"kafkaproducer/producer/producertest"
)

// A trust store and a key store in files, as ssl.truststore.location and ssl.keystore.location name them.
func ExampleFiles_Config() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ca := producertest.NewCA("ours")
	me := ca.Client("me")
	trust, own := filepath.Join(dir, "trust.pem"), filepath.Join(dir, "me.pem")
	if err := producertest.WritePEM(trust, ca.CertificatePEM()); err != nil {
		fmt.Println(err)
	}
	if err := producertest.WritePEM(own, me.EncryptedKeyPEM("open sesame"), me.CertificatePEM()); err != nil {
		fmt.Println(err)
	}

	files := tlsfiles.Files{TruststoreLocation: trust, KeystoreLocation: own, KeyPassword: "open sesame"}
	config, err := files.Config() // for client.Config.TLS
	fmt.Println(config != nil, err)

	files.KeyPassword = ""
	_, err = files.Config()
	fmt.Println(err.(*tlsfiles.Error).Err)
	// Output:
	// true <nil>
	// the private key is encrypted, and ssl.key.password is not set
}
