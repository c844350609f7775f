package wechatpay

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"

	"watari/connect/wechatpay/wire"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/id"
	"watari/kit/money"
	"watari/sandbox/wallet"
)

// keyBits is the size of every RSA key.
const keyBits = 2048

// Secrets is what the wallet knows of its agreement with the network.
type Secrets struct {
	MchID    string `json:"mchid"` // the institution's, with SubMchID
	AppID    string `json:"appid"`
	SubMchID string `json:"sub_mchid,omitempty"`
	SubAppID string `json:"sub_appid,omitempty"`
	APIv3Key string `json:"api_v3_key"`

	MerchantSerial string `json:"merchant_serial"`
	MerchantKey    string `json:"merchant_key"` // public, PEM

	PlatformKey string `json:"platform_key"`  // private, PEM, PKCS #8
	Certificate string `json:"certificate"`   // of PlatformKey, PEM
	PublicKeyID string `json:"public_key_id"` // under which PlatformKey signs besides
	// PublicKey says that notices are signed under PublicKeyID and not with the certificate.
	// Answers are signed as the request asks.
	PublicKey bool `json:"public_key_mode,omitempty"`

	Settles money.Currency `json:"settles"` // in which the merchant asks and is paid
}

// Deal is who the network is to the wallet, for Agree.
type Deal struct {
	Institution bool // with a sub-merchant
	SubApp      bool // which has an app of its own
	// PublicKey makes the network's credentials those of public-key mode; else it fetches
	// certificates.
	PublicKey bool
	Settles   money.Currency // JPY when empty
}

// Agree makes an agreement: what the network keeps, in the form of its credentials file, and what
// the wallet keeps. Each side's private key is in its own half only.
func Agree(t Deal) (network, own json.RawMessage, err error) {
	merchant, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, nil, fmt.Errorf("make the merchant's key: %w", err)
	}
	platform, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, nil, fmt.Errorf("make the platform's key: %w", err)
	}
	certificate, err := certify(platform)
	if err != nil {
		return nil, nil, err
	}
	s := Secrets{MchID: "19" + wallet.Digits(8), AppID: "wx" + hexadecimal(16),
		APIv3Key: id.Secret(32)[:32], MerchantSerial: hexadecimal(40),
		MerchantKey: public(&merchant.PublicKey), PlatformKey: private(platform),
		Certificate: certificate, PublicKeyID: wire.PublicKeyPrefix + "011" + wallet.Digits(26),
		PublicKey: t.PublicKey, Settles: "JPY"}
	if t.Settles != "" {
		s.Settles = t.Settles
	}
	if t.Institution {
		s.SubMchID = "16" + wallet.Digits(8)
	}
	if t.SubApp {
		s.SubAppID = "wx" + hexadecimal(16)
	}
	theirs := map[string]string{"mchid": s.MchID, "appid": s.AppID, "api_v3_key": s.APIv3Key,
		"serial_no": s.MerchantSerial, "private_key": private(merchant)}
	if t.Institution {
		theirs["sub_mchid"] = s.SubMchID
	}
	if t.SubApp {
		theirs["sub_appid"] = s.SubAppID
	}
	if t.PublicKey {
		theirs["public_key_id"] = s.PublicKeyID
		theirs["public_key"] = public(&platform.PublicKey)
	}
	if network, err = json.Marshal(theirs); err != nil {
		return nil, nil, fmt.Errorf("write the credentials: %w", err)
	}
	if own, err = json.Marshal(s); err != nil {
		return nil, nil, fmt.Errorf("write the secrets: %w", err)
	}
	return network, own, nil
}

// Credentials is the agreement of the sandbox: an institution with one sub-merchant, in public-key
// mode, that is paid in yen.
func Credentials(string) (network, secrets json.RawMessage, err error) {
	return Agree(Deal{Institution: true, PublicKey: true})
}

// hexadecimal returns n random digits of base 16, in upper case.
func hexadecimal(n int) string {
	b := make([]byte, (n+1)/2)
	_, err := rand.Read(b)
	check.That(err == nil, "wechatpay: no random numbers: %v", err)
	return fmt.Sprintf("%X", b)[:n]
}

func private(k *rsa.PrivateKey) string {
	b, err := x509.MarshalPKCS8PrivateKey(k)
	check.That(err == nil, "wechatpay: write a key: %v", err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: b}))
}

func public(k *rsa.PublicKey) string {
	b, err := x509.MarshalPKIXPublicKey(k)
	check.That(err == nil, "wechatpay: write a key: %v", err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: b}))
}

// certify makes the certificate of the platform, for five years as the real ones.
func certify(k *rsa.PrivateKey) (string, error) {
	serial, ok := new(big.Int).SetString(hexadecimal(40), 16)
	check.That(ok, "wechatpay: no serial")
	serial.SetBit(serial, 158, 1) // 40 digits of base 16, none of them a leading zero
	serial.SetBit(serial, 159, 0) // and positive in 20 bytes
	now := clock.Now()
	t := &x509.Certificate{SerialNumber: serial, NotBefore: now.Add(-time.Hour),
		NotAfter: now.AddDate(5, 0, 0), Subject: pkix.Name{CommonName: "Sandbox Tenpay sign"}}
	b, err := x509.CreateCertificate(rand.Reader, t, t, &k.PublicKey, k)
	if err != nil {
		return "", fmt.Errorf("make the certificate: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b})), nil
}

// keys is Secrets parsed.
type keys struct {
	Secrets
	merchant *rsa.PublicKey
	platform *rsa.PrivateKey
	cert     *x509.Certificate
	serial   string // of cert
	aead     cipher.AEAD
}

// open parses secrets.
func open(text json.RawMessage) (*keys, error) {
	k := &keys{}
	if err := json.Unmarshal(text, &k.Secrets); err != nil {
		return nil, fmt.Errorf("read the secrets: %w", err)
	}
	var ok [3]bool
	if b, err := x509.ParsePKIXPublicKey(block(k.MerchantKey)); err == nil {
		k.merchant, ok[0] = b.(*rsa.PublicKey)
	}
	if b, err := x509.ParsePKCS8PrivateKey(block(k.PlatformKey)); err == nil {
		k.platform, ok[1] = b.(*rsa.PrivateKey)
	}
	var err error
	if k.cert, err = x509.ParseCertificate(block(k.Certificate)); err == nil {
		ok[2] = true
		k.serial = fmt.Sprintf("%X", k.cert.SerialNumber)
	}
	if ok != [3]bool{true, true, true} || len(k.APIv3Key) != 32 || k.MchID == "" || k.AppID == "" {
		return nil, errors.New("the secrets are not whole")
	}
	c, err := aes.NewCipher([]byte(k.APIv3Key))
	if err != nil {
		return nil, fmt.Errorf("read the APIv3 key: %w", err)
	}
	if k.aead, err = cipher.NewGCM(c); err != nil {
		return nil, fmt.Errorf("read the APIv3 key: %w", err)
	}
	return k, nil
}

// block is what a PEM text holds; nil when it holds nothing.
func block(text string) []byte {
	b, _ := pem.Decode([]byte(text))
	if b == nil {
		return nil
	}
	return b.Bytes
}

// seal encrypts a text for the merchant.
func (k *keys) seal(text []byte, about string) wire.Sealed {
	nonce := id.Secret(12)[:k.aead.NonceSize()]
	sealed := k.aead.Seal(nil, []byte(nonce), text, []byte(about))
	return wire.Sealed{Algorithm: wire.Algorithm, Nonce: nonce, AssociatedData: about,
		Ciphertext: base64.StdEncoding.EncodeToString(sealed)}
}

// sign signs a text.
func sign(by *rsa.PrivateKey, text string) string {
	sum := sha256.Sum256([]byte(text))
	s, err := rsa.SignPKCS1v15(rand.Reader, by, crypto.SHA256, sum[:])
	check.That(err == nil, "wechatpay: sign: %v", err)
	return base64.StdEncoding.EncodeToString(s)
}

// verifies tells whether a text was signed with a key.
func verifies(by *rsa.PublicKey, text, signature string) bool {
	s, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return false
	}
	sum := sha256.Sum256([]byte(text))
	return rsa.VerifyPKCS1v15(by, crypto.SHA256, sum[:], s) == nil
}
