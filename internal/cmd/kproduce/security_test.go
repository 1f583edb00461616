package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kafkaproducer/producer/producertest"
)

// A cluster with TLS and users is reached with properties alone, and the password is on no command line.
func TestGuardedCluster(t *testing.T) {
	ca := producertest.NewCA("tests")
	cluster := producertest.Start(t, producertest.Options{
		Topics: map[string]int32{"t": 1}, TLS: ca.ServerConfig(), Users: map[string]string{"alice": "hunter2"},
	})
	trust, line := filepath.Join(t.TempDir(), "ca.pem"), filepath.Join(t.TempDir(), "alice.jaas")
	const jaas = `org.apache.kafka.common.security.scram.ScramLoginModule required username="alice" password="%";`
	for path, text := range map[string]string{trust: ca.CertificatePEM(), line: strings.Replace(jaas, "%", "hunter2", 1) + "\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("KPRODUCE_JAAS", strings.Replace(jaas, "%", "hunter3", 1))
	args := []string{"-t", "t", "-X", "security.protocol=SASL_SSL", "-X", "sasl.mechanism=SCRAM-SHA-512", "-X", "ssl.truststore.location=" + trust}

	kproduce(cluster, strings.NewReader(numberedLines(5)), nil, append(args, "-X", "sasl.jaas.config=@file:"+line)...).
		expect(t, allDone, "5 records acknowledged")
	if n := cluster.Count("t"); n != 5 {
		t.Errorf("%d records", n)
	}

	out := kproduce(cluster, strings.NewReader(numberedLines(5)), nil, append(args, "-v", "-X", "sasl.jaas.config=@env:KPRODUCE_JAAS")...)
	out.expect(t, notAll, "SCRAM-SHA-512")
	if strings.Contains(out.stderr+out.stdout, "hunter") {
		t.Errorf("the password is shown: %s", out.stderr)
	}
}
