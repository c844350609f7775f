package signin

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
)

// Credentials are an application on Alipay's open platform.
type Credentials struct {
	AppID string `json:"app_id"`
	// PrivateKey is the application's, PKCS #8; AlipayKey is Alipay's public one, SPKI. Both are
	// PEM or one line of Base64, as the platform shows them.
	PrivateKey string `json:"private_key"`
	AlipayKey  string `json:"alipay_public_key"`
	// AtWallet says that pages and calls stand at the wallet's own address in the directory and
	// not at Alipay's hosts, as in a sandbox.
	AtWallet bool `json:"at_wallet,omitempty"`
}

// String hides the secret.
func (c Credentials) String() string { return "Alipay application " + c.AppID }

// GoString hides the secret.
func (c Credentials) GoString() string { return c.String() }

// Validate names the first field that cannot be right. It never repeats a value.
func (c Credentials) Validate() error {
	_, err := c.open()
	return err
}

// keys are credentials with their keys parsed.
type keys struct {
	Credentials
	own    *rsa.PrivateKey
	theirs *rsa.PublicKey
}

func (c Credentials) open() (keys, error) {
	k := keys{Credentials: c}
	if c.AppID == "" || strings.Trim(c.AppID, "0123456789") != "" || len(c.AppID) > 32 {
		return k, errors.New("app_id is not the number of an application")
	}
	private, err := x509.ParsePKCS8PrivateKey(bare(c.PrivateKey))
	own, ok := private.(*rsa.PrivateKey)
	if err != nil || !ok || own.N.BitLen() < 2048 {
		return k, errors.New("private_key is not an RSA key of 2048 bits in PKCS #8")
	}
	public, err := x509.ParsePKIXPublicKey(bare(c.AlipayKey))
	theirs, ok := public.(*rsa.PublicKey)
	if err != nil || !ok || theirs.N.BitLen() < 2048 {
		return k, errors.New("alipay_public_key is not an RSA key of 2048 bits")
	}
	k.own, k.theirs = own, theirs
	return k, nil
}

// bare is the content of a key in PEM, or in one line of Base64.
func bare(text string) []byte {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block.Bytes
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil
	}
	return raw
}
