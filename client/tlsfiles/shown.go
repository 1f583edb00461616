package tlsfiles

import (
	"encoding/json"
	"fmt"
	"log/slog"
)

// hidden is what is shown of a secret.
const hidden = "[hidden]"

// plainFiles is Files without its methods.
type plainFiles Files

// shown is f as it may be seen.
func (f Files) shown() plainFiles {
	for _, secret := range []*string{
		&f.TruststoreCertificates, &f.TruststorePassword,
		&f.KeystoreCertificateChain, &f.KeystoreKey, &f.KeystorePassword, &f.KeyPassword,
	} {
		if *secret != "" {
			*secret = hidden
		}
	}
	f.Logger = nil
	return plainFiles(f)
}

// Format prints f without its secrets, whatever the verb.
func (f Files) Format(s fmt.State, verb rune) { fmt.Fprintf(s, fmt.FormatString(s, verb), f.shown()) }

// MarshalJSON leaves secrets out.
func (f Files) MarshalJSON() ([]byte, error) { return json.Marshal(f.shown()) }

// LogValue leaves secrets out.
func (f Files) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", f.shown())) }
