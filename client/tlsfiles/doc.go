// Package tlsfiles makes a *tls.Config of what Kafka's ssl.* properties name.
package tlsfiles
