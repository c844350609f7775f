package sign

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
)

// errKey is all that is said of a bad key: decoders may quote it.
var errKey = errors.New("not an RSA key in PEM or in Base64 of its DER form")

// ParsePublic reads the public half of an RSA key: PEM, or one line (or several) of standard
// Base64. Both hold SubjectPublicKeyInfo, PKCS #1, a certificate, or a private key in PKCS #8
// or PKCS #1, of which the public half is taken.
func ParsePublic(text string) (*rsa.PublicKey, error) {
	der, err := keyDER(text)
	if err != nil {
		return nil, err
	}
	if key, err := x509.ParsePKIXPublicKey(der); err == nil {
		if public, ok := key.(*rsa.PublicKey); ok {
			return public, nil
		}
	}
	if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return key, nil
	}
	if cert, err := x509.ParseCertificate(der); err == nil {
		if public, ok := cert.PublicKey.(*rsa.PublicKey); ok {
			return public, nil
		}
	}
	if key, err := parsePrivate(der); err == nil {
		return &key.PublicKey, nil
	}
	return nil, errKey
}

// ParsePrivate reads an RSA private key in PKCS #8 or PKCS #1: PEM, or Base64 of the DER form.
func ParsePrivate(text string) (*rsa.PrivateKey, error) {
	der, err := keyDER(text)
	if err != nil {
		return nil, err
	}
	return parsePrivate(der)
}

func parsePrivate(der []byte) (*rsa.PrivateKey, error) {
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		if private, ok := key.(*rsa.PrivateKey); ok {
			return private, nil
		}
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	return nil, errKey
}

func keyDER(text string) ([]byte, error) {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block.Bytes, nil
	}
	one := strings.Join(strings.Fields(text), "")
	der, err := base64.StdEncoding.DecodeString(one)
	if err != nil || len(der) == 0 {
		return nil, errKey
	}
	return der, nil
}
