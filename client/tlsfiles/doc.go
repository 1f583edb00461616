// Package tlsfiles makes a *tls.Config of what Kafka's ssl.* properties say: PEM trust stores and key stores, from files or in
// the properties themselves (KIP-651).
//
// # Files that change
//
// Certificates are replaced while programs run. Every file is read when the settings are made, where an error is an error, and
// again at each handshake: what it holds now serves that handshake. A file that is missing, half written or wrong then changes
// nothing: what it held before goes on to be used, and the log says so once. What counts as wrong is what can be seen to be:
// an object without its end line, what is not base64, a key that isn't that of the certificate, anything in a trust store that
// is no certificate. A key and its chain are in one file, so that one rename replaces both. Connections that are there stay.
//
// Inline values don't change.
//
// # Whom to trust
//
// VerifyConnection does what crypto/tls would with RootCAs and ServerName, since only that can go by the trust store of the
// moment: signatures up to a certificate of the trust store (or of the system, where there is none), dates, the use as a
// server, and the host name, also where that is an IP address. Sessions are not resumed, since then nothing would be verified.
//
// # Keys
//
// Encrypted keys are those of PKCS #8 with PBES2, PBKDF2 and AES in CBC mode, which is what openssl 1.1 and newer writes.
// Unencrypted keys may be in PKCS #8, or in the older formats of RSA and EC keys, which Kafka's client doesn't take. Ciphers
// that are not in Go's standard library, or no longer fit for use, are refused with the command that converts the key; so are
// stores in JKS and PKCS #12.
//
// # Parts
//
//	files      the settings, and what contradicts itself
//	pem        objects of a PEM text, strictly
//	store      trust stores and key stores of such objects
//	pkcs8      encrypted keys
//	reload     files that change
//	verify     who a broker must be, protocols and cipher suites
//	refuse     other formats, and how to get rid of them
//	shown      Files without its secrets
package tlsfiles
