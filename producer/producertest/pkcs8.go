package producertest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
)

// What an encrypted PKCS #8 key is made of (RFC 5958 section 3, RFC 8018 appendix A).
type (
	encryptedKey struct {
		Algorithm struct {
			ID         asn1.ObjectIdentifier
			Parameters pbes2
		}
		Data []byte
	}
	pbes2 struct {
		KDF struct {
			ID         asn1.ObjectIdentifier
			Parameters pbkdf2Parameters
		}
		Cipher struct {
			ID asn1.ObjectIdentifier
			IV []byte
		}
	}
	pbkdf2Parameters struct {
		Salt       []byte
		Iterations int
		PRF        struct {
			ID   asn1.ObjectIdentifier
			Null asn1.RawValue
		}
	}
)

var (
	oidPBES2      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidHMACSHA256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}
	oidAES256CBC  = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}
)

// keyIterations is what openssl pkcs8 -topk8 uses.
const keyIterations = 2048

// encryptPKCS8 encrypts a key as openssl pkcs8 -topk8 does.
func encryptPKCS8(der []byte, password string) []byte {
	var k encryptedKey
	k.Algorithm.ID = oidPBES2
	p := &k.Algorithm.Parameters
	p.KDF.ID, p.Cipher.ID = oidPBKDF2, oidAES256CBC
	p.KDF.Parameters.Iterations = keyIterations
	p.KDF.Parameters.PRF.ID, p.KDF.Parameters.PRF.Null = oidHMACSHA256, asn1.NullRawValue
	p.KDF.Parameters.Salt, p.Cipher.IV = make([]byte, 16), make([]byte, aes.BlockSize)
	rand.Read(p.KDF.Parameters.Salt)
	rand.Read(p.Cipher.IV)

	key, err := pbkdf2.Key(sha256.New, password, p.KDF.Parameters.Salt, keyIterations, 32)
	must("derive a key", err)
	block, err := aes.NewCipher(key)
	must("encrypt a key", err)
	pad := aes.BlockSize - len(der)%aes.BlockSize
	k.Data = append(bytes.Clone(der), bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, p.Cipher.IV).CryptBlocks(k.Data, k.Data)
	out, err := asn1.Marshal(k)
	must("encode a key", err)
	return out
}
