package kafka

import (
	"maps"
	"strings"
)

// Listener is a way into each broker of a cluster beside the plain one, which the brokers and [Cluster.Java] use.
type Listener struct {
	Name     string            // unique, capitals: it becomes part of the names of server properties
	Protocol string            // as in security.protocol: SSL, SASL_PLAINTEXT or SASL_SSL
	Config   map[string]string // server properties of this listener alone, without listener.name.<name>.
	// Advertise returns the address that clients are told instead of addr, where the broker listens: that of a proxy. It is
	// called again with another addr when a port was taken. Nil: addr.
	Advertise func(broker int32, addr string) string
}

// ScramUser is a user that the cluster knows from its first start, by SCRAM-SHA-256 and SCRAM-SHA-512.
type ScramUser struct{ Name, Password string }

// formatArgs are arguments of the program that formats the storage, so that the user is in it.
func (u ScramUser) formatArgs() []string {
	var args []string
	for _, mechanism := range []string{"SCRAM-SHA-256", "SCRAM-SHA-512"} {
		args = append(args, "--add-scram", mechanism+"=[name="+u.Name+",password="+u.Password+"]")
	}
	return args
}

// listenerProperties are the server properties of a broker's listeners: those of its own, and the given ones.
func (b *Broker) listenerProperties(listeners []Listener) map[string]string {
	all := []string{"PLAINTEXT://" + b.Addr}
	protocols := []string{"PLAINTEXT:PLAINTEXT", "CONTROLLER:PLAINTEXT"}
	if b.cluster.opts.Release == "" {
		all = append(all, "CONTROLLER://"+b.controller)
	}
	advertised := []string{"PLAINTEXT://" + b.Addr}
	properties := map[string]string{}
	for _, l := range listeners {
		addr := b.Addrs[l.Name]
		all = append(all, l.Name+"://"+addr)
		if l.Advertise != nil {
			addr = l.Advertise(b.ID, addr)
		}
		advertised = append(advertised, l.Name+"://"+addr)
		protocols = append(protocols, l.Name+":"+l.Protocol)
		for name, value := range l.Config {
			properties["listener.name."+strings.ToLower(l.Name)+"."+name] = value
		}
	}
	maps.Copy(properties, map[string]string{
		"listeners":                      strings.Join(all, ","),
		"advertised.listeners":           strings.Join(advertised, ","),
		"listener.security.protocol.map": strings.Join(protocols, ","),
		"inter.broker.listener.name":     "PLAINTEXT",
	})
	return properties
}

// escape writes a value as a line of a properties file holds it: a PEM text has line breaks.
var escape = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`).Replace
