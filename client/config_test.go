package client

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestConfigErrors(t *testing.T) {
	for _, tt := range []struct {
		property, value string
		change          func(*Config)
	}{
		{"bootstrap.servers", "", func(c *Config) { c.BootstrapServers = nil }},
		{"bootstrap.servers", "nonsense", func(c *Config) { c.BootstrapServers = []string{"host:9092", "nonsense"} }},
		{"request.timeout.ms", "0", func(c *Config) { c.RequestTimeout = 0 }},
		{"reconnect.backoff.ms", "-1", func(c *Config) { c.ReconnectBackoff = -time.Millisecond }},
		{"reconnect.backoff.max.ms", "-1", func(c *Config) { c.ReconnectBackoffMax = -time.Millisecond }},
		{"retry.backoff.ms", "-1", func(c *Config) { c.RetryBackoff = -time.Millisecond }},
		{"retry.backoff.max.ms", "-1", func(c *Config) { c.RetryBackoffMax = -time.Millisecond }},
		{"metadata.max.age.ms", "-1", func(c *Config) { c.MetadataMaxAge = -time.Millisecond }},
		{"metadata.max.idle.ms", "0", func(c *Config) { c.MetadataMaxIdle = 0 }},
		{"metadata.recovery.rebootstrap.trigger.ms", "-1", func(c *Config) { c.MetadataRecoveryRebootstrapTrigger = -time.Millisecond }},
		{"bootstrap.resolve.timeout.ms", "-1", func(c *Config) { c.BootstrapResolveTimeout = -time.Millisecond }},
		{"max.in.flight.requests.per.connection", "0", func(c *Config) { c.MaxInFlightRequestsPerConnection = 0 }},
		{"MaxResponseBytes", "-1", func(c *Config) { c.MaxResponseBytes = -1 }},
	} {
		t.Run(tt.property, func(t *testing.T) {
			cfg := newFakeCluster(t, 1).config()
			tt.change(&cfg)
			_, err := New(cfg, newEvents())
			var e *ConfigError
			if !errors.As(err, &e) || e.Property != tt.property || e.Value != tt.value || e.Allowed == "" {
				t.Fatalf("got %v", err)
			}
			if !strings.Contains(err.Error(), tt.property) || !strings.Contains(err.Error(), e.Allowed) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestServersAreTakenOnce(t *testing.T) {
	cfg := Config{BootstrapServers: []string{"a:1", "PLAINTEXT://a:1", "a:2", " a:1", "[::1]:1"}}
	servers, err := cfg.servers()
	if err != nil || len(servers) != 3 || servers[2].Addr() != "[::1]:1" {
		t.Errorf("got %v %v", servers, err)
	}
}

func TestNamesOfValues(t *testing.T) {
	for got, want := range map[string]string{
		Rebootstrap.String(): "rebootstrap", RecoverNone.String(): "none", RecoveryStrategy(9).String(): "RecoveryStrategy(9)",
		UseAllDNSIPs.String(): "use_all_dns_ips", DNSLookup(9).String(): "DNSLookup(9)",
		ResolveCanonicalBootstrapServersOnly.String(): "resolve_canonical_bootstrap_servers_only",
		nodeDown.String(): "nodeDown", nodeConnecting.String(): "nodeConnecting", nodeUp.String(): "nodeUp", nodeState(9).String(): "nodeState(9)",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
