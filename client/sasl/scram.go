package sasl

// ScramOption changes how SCRAM logs in.
type ScramOption func(*scram)

type scram struct{}

// TokenAuth says that the user name and password are the id and HMAC of a delegation token (KIP-48).
func TokenAuth() ScramOption { return func(*scram) {} }

// ScramSHA256 is the mechanism SCRAM-SHA-256 of RFC 7677.
func ScramSHA256(username, password string, o ...ScramOption) Mechanism { panic("yet to come") }

// ScramSHA512 is ScramSHA256 with SHA-512.
func ScramSHA512(username, password string, o ...ScramOption) Mechanism { panic("yet to come") }
