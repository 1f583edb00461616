package sasl

import (
	"cmp"
	"fmt"
	"maps"
	"strings"
)

// Login modules of Kafka's clients.
const (
	plainModule       = "org.apache.kafka.common.security.plain.PlainLoginModule"
	scramModule       = "org.apache.kafka.common.security.scram.ScramLoginModule"
	oauthBearerModule = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
)

// moduleOf is the login module of each mechanism.
var moduleOf = map[string]string{
	MechanismPlain:       plainModule,
	MechanismScramSHA256: scramModule,
	MechanismScramSHA512: scramModule,
	MechanismOAuthBearer: oauthBearerModule,
}

// FromJAAS makes the Mechanism with the name mechanism (sasl.mechanism) from line, the value of sasl.jaas.config:
//
//	org.apache.kafka.common.security.plain.PlainLoginModule required username="…" password="…";
//	org.apache.kafka.common.security.scram.ScramLoginModule required username="…" password="…" tokenauth="true";
//	org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId="…" clientSecret="…" scope="…" extension_x="…"
//	    ssl.truststore.location="…";
//
// The module must be the mechanism's. Options that the client has no use for are refused, but for those that Kafka's
// brokers read from the same line (user_…). c is for OAUTHBEARER only, and what it names goes before what the line names,
// as in Kafka; where it names all, the line may be empty.
//
// Errors are a *JAASError or a *ConfigError, without a part of the line that may be secret.
func FromJAAS(mechanism, line string, c OIDCConfig) (Mechanism, error) {
	module, ok := moduleOf[mechanism]
	if !ok {
		return nil, &ConfigError{
			Property: "sasl.mechanism", Value: said(mechanism),
			Allowed: "must be one of " + strings.Join(Names(), ", ") + "; for others, give a Mechanism of your own",
		}
	}
	e := jaasEntry{module: module}
	if line != "" || mechanism != MechanismOAuthBearer {
		var err error
		if e, err = parseJAAS(line); err != nil {
			return nil, err
		}
	}
	if e.module != module {
		return nil, wrongModule(mechanism, e.module)
	}
	if mechanism == MechanismOAuthBearer {
		return oauthBearerFrom(e, c)
	}
	return passwordFrom(mechanism, e)
}

// wrongModule says what to do instead.
func wrongModule(mechanism, module string) error {
	reason := fmt.Sprintf("is not the login module of %s, which is %s", mechanism, moduleOf[mechanism])
	switch module {
	case plainModule, scramModule, oauthBearerModule:
	default:
		reason = fmt.Sprintf("this login module is not known here; %s has %s. For what other modules do, give a Mechanism of your own",
			mechanism, moduleOf[mechanism])
	}
	return &JAASError{Module: said(module), Offset: -1, Reason: reason}
}

// passwordFrom makes PLAIN and SCRAM.
func passwordFrom(mechanism string, e jaasEntry) (Mechanism, error) {
	var username, password string
	var options []ScramOption
	for _, o := range e.options {
		switch {
		case o.name == "username":
			username = o.value
		case o.name == "password":
			password = o.value
		case o.name == "tokenauth" && mechanism != MechanismPlain:
			switch strings.ToLower(o.value) {
			case "true":
				options = append(options, TokenAuth())
			case "false":
			default:
				return nil, &JAASError{Module: e.module, Option: "tokenauth", Offset: o.at, Reason: "must be true or false"}
			}
		case strings.HasPrefix(o.name, "user_"): // the broker's users, where one line serves both
		default:
			known := "username, password"
			if mechanism != MechanismPlain {
				known += ", tokenauth"
			}
			return nil, unknownOption(e, o, known)
		}
	}
	for _, c := range []struct{ name, value string }{{"username", username}, {"password", password}} {
		if c.value == "" {
			return nil, &JAASError{Module: e.module, Option: c.name, Offset: -1, Reason: "is missing or empty"}
		}
	}
	if err := checkCredentials(username, password); err != nil {
		return nil, &JAASError{Module: e.module, Offset: -1, Reason: err.Error()}
	}
	switch mechanism {
	case MechanismScramSHA256:
		return ScramSHA256(username, password, options...), nil
	case MechanismScramSHA512:
		return ScramSHA512(username, password, options...), nil
	}
	return Plain(username, password), nil
}

// oauthBearerFrom makes OAUTHBEARER with OIDC.
func oauthBearerFrom(e jaasEntry, c OIDCConfig) (Mechanism, error) {
	c.Extensions = maps.Clone(c.Extensions)
	ofTLS := map[string]string{}
	for _, o := range e.options {
		extension, isExtension := strings.CutPrefix(o.name, "extension_")
		switch {
		case o.name == "clientId":
			c.ClientID = cmp.Or(c.ClientID, o.value)
		case o.name == "clientSecret":
			c.ClientSecret = cmp.Or(c.ClientSecret, o.value)
		case o.name == "scope":
			c.Scope = cmp.Or(c.Scope, o.value)
		case isExtension:
			if err := checkExtension(extension, o.value); err != nil {
				return nil, &JAASError{Module: e.module, Offset: o.at, Reason: err.Error()}
			}
			if c.Extensions == nil {
				c.Extensions = make(map[string]string)
			}
			c.Extensions[extension] = cmp.Or(c.Extensions[extension], o.value)
		case strings.HasPrefix(o.name, "unsecuredLogin"):
			return nil, &JAASError{Module: e.module, Offset: o.at, Reason: "unsecured tokens are not made here; give a token function of your own"}
		case strings.HasPrefix(o.name, "ssl."):
			if c.TLSOptions == nil {
				return nil, &JAASError{Module: e.module, Offset: o.at, Reason: "options of TLS are not read here"}
			}
			ofTLS[o.name] = o.value
		default:
			return nil, unknownOption(e, o, "clientId, clientSecret, scope, extension_…, ssl.…")
		}
	}
	if len(ofTLS) > 0 {
		var err error
		if c.TLS, err = c.TLSOptions(ofTLS); err != nil {
			return nil, &JAASError{Module: e.module, Offset: -1, Reason: err.Error()}
		}
	}
	oidc, err := NewOIDC(c)
	if err != nil {
		return nil, err
	}
	return &oauthBearer{shown: MechanismOAuthBearer + " with " + oidc.shown, token: oidc.Token}, nil
}

// unknownOption names the place and not the name, which may be a part of a password that has no quotes.
func unknownOption(e jaasEntry, o jaasOption, known string) error {
	return &JAASError{Module: e.module, Offset: o.at, Reason: "an option that is not known here; known are " + known}
}
