package tlsfiles

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
)

// encryptedKey is EncryptedPrivateKeyInfo of RFC 5958 section 3, whose algorithm is PBES2 of RFC 8018 appendix A.4: a key
// derived from the password by PBKDF2, and AES in CBC mode.
type encryptedKey struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

type pbes2Params struct {
	KDF    pkix.AlgorithmIdentifier
	Cipher pkix.AlgorithmIdentifier
}

type pbkdf2Params struct {
	Salt       []byte
	Iterations int
	KeyLength  int                      `asn1:"optional"`
	PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
}

var (
	oidPBES2    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidHMACSHA1 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 7}
)

// prfs are the hashes that PBKDF2 goes by.
var prfs = []struct {
	oid asn1.ObjectIdentifier
	new func() hash.Hash
}{
	{oidHMACSHA1, sha1.New}, // RFC 8018's default, and Java's
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 8}, sha256.New224},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}, sha256.New},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 10}, sha512.New384},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 11}, sha512.New},
}

// ciphers are the kinds of AES-CBC, with the bytes of their keys.
var ciphers = []struct {
	oid    asn1.ObjectIdentifier
	length int
}{
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 2}, 16},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 22}, 24},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}, 32},
}

// foreignAlgorithms are ways to encrypt a key that are refused by name.
var foreignAlgorithms = map[string]string{
	"1.2.840.113549.1.5.3": "PBE with MD5 and DES", "1.2.840.113549.1.5.10": "PBE with SHA-1 and DES",
	"1.2.840.113549.1.12.1.3": "PBE with SHA-1 and triple DES", "1.2.840.113549.1.12.1.6": "PBE with SHA-1 and RC2",
	"1.2.840.113549.3.7": "triple DES", "1.3.6.1.4.1.11591.4.11": "scrypt",
}

// maxIterations bounds what deriving a key may cost: a few seconds.
const maxIterations = 10_000_000

// errWrongPassword is what a wrong password looks like; a key that is damaged looks the same.
var errWrongPassword = errors.New("the private key can't be decrypted with ssl.key.password")

// unsupportedCipher is a way to encrypt a key that isn't taken.
type unsupportedCipher struct{ name string }

func (e *unsupportedCipher) Error() string {
	return "the private key is encrypted by " + e.name + ", only PBES2 with PBKDF2 and AES in CBC mode is supported"
}

// sealedKey is an encrypted key, understood.
type sealedKey struct {
	kdf    pbkdf2Params
	prf    func() hash.Hash
	length int // of the AES key
	iv     []byte
	data   []byte
}

// parseSealed takes an encrypted PKCS #8 key apart.
func parseSealed(der []byte) (k sealedKey, err error) {
	var outer encryptedKey
	var params pbes2Params
	if err := whole(der, &outer); err != nil {
		return k, fmt.Errorf("the encrypted private key can't be read: %w", err)
	}
	if !outer.Algorithm.Algorithm.Equal(oidPBES2) {
		return k, unsupported(outer.Algorithm.Algorithm)
	}
	if err := whole(outer.Algorithm.Parameters.FullBytes, &params); err != nil {
		return k, fmt.Errorf("the encrypted private key can't be read: %w", err)
	}
	if !params.KDF.Algorithm.Equal(oidPBKDF2) {
		return k, unsupported(params.KDF.Algorithm)
	}
	if err := whole(params.KDF.Parameters.FullBytes, &k.kdf); err != nil {
		return k, fmt.Errorf("the encrypted private key can't be read: %w", err)
	}
	if k.kdf.PRF.Algorithm == nil {
		k.kdf.PRF.Algorithm = oidHMACSHA1
	}
	for _, p := range prfs {
		if p.oid.Equal(k.kdf.PRF.Algorithm) {
			k.prf = p.new
		}
	}
	for _, c := range ciphers {
		if c.oid.Equal(params.Cipher.Algorithm) {
			k.length = c.length
		}
	}
	switch {
	case k.prf == nil:
		return k, unsupported(k.kdf.PRF.Algorithm)
	case k.length == 0:
		return k, unsupported(params.Cipher.Algorithm)
	case k.kdf.KeyLength != 0 && k.kdf.KeyLength != k.length:
		return k, fmt.Errorf("the encrypted private key has a key length of %d, its cipher needs %d", k.kdf.KeyLength, k.length)
	case k.kdf.Iterations < 1 || k.kdf.Iterations > maxIterations:
		return k, fmt.Errorf("the encrypted private key has an iteration count of %d, allowed are 1 to %d", k.kdf.Iterations, maxIterations)
	}
	if err := whole(params.Cipher.Parameters.FullBytes, &k.iv); err != nil || len(k.iv) != aes.BlockSize {
		return k, errors.New("the encrypted private key has no right initialization vector")
	}
	if k.data = outer.Data; len(k.data) == 0 || len(k.data)%aes.BlockSize != 0 {
		return k, errors.New("the encrypted private key is cut off")
	}
	return k, nil
}

// open decrypts the key.
func (k *sealedKey) open(password string) ([]byte, error) {
	key, err := pbkdf2.Key(k.prf, password, k.kdf.Salt, k.kdf.Iterations, k.length)
	if err != nil {
		return nil, err
	}
	b, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, len(k.data))
	cipher.NewCBCDecrypter(b, k.iv).CryptBlocks(plain, k.data)
	pad := int(plain[len(plain)-1])
	if pad < 1 || pad > aes.BlockSize {
		return nil, errWrongPassword
	}
	for _, p := range plain[len(plain)-pad:] {
		if int(p) != pad {
			return nil, errWrongPassword
		}
	}
	return plain[:len(plain)-pad], nil
}

func unsupported(oid asn1.ObjectIdentifier) error {
	name := foreignAlgorithms[oid.String()]
	if name == "" {
		name = "the algorithm " + oid.String()
	}
	return &unsupportedCipher{name}
}

// whole decodes all of a DER value.
func whole(der []byte, v any) error {
	rest, err := asn1.Unmarshal(der, v)
	if err == nil && len(rest) > 0 {
		err = errors.New("bytes are left over")
	}
	return err
}
