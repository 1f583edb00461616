package producer_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"kafkaproducer/client/sasl"
	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
)

// Into a cluster with TLS, as a user with a password.
func ExampleNew_guarded() {
	dir, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(dir)
	authority := producertest.NewCA("example")
	ca := filepath.Join(dir, "ca.pem")
	producertest.WritePEM(ca, authority.CertificatePEM())
	cluster, err := producertest.New(producertest.Options{
		Topics: map[string]int32{"email": 1}, TLS: authority.ServerConfig(), Users: map[string]string{"alice": "alice-secret"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cluster.Close()

	p, err := producer.New(producer.Config{
		BootstrapServers:      cluster.BootstrapServers(),
		SecurityProtocol:      producer.SASLSSL,
		SSLTruststoreLocation: ca,
		SASL:                  sasl.ScramSHA512("alice", "alice-secret"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close(context.Background())
	m, err := p.SendSync(context.Background(), producer.Record{Topic: "email", Value: []byte("welcome")})
	fmt.Println(m.Offset, err)
	// Output: 0 <nil>
}

// A password in a Config is not shown.
func ExampleSecret() {
	c := producer.Config{SSLKeyPassword: producer.NewSecret("hunter2")}
	fmt.Println(c.SSLKeyPassword)
	// Output: [hidden]
}
