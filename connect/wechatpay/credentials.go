package wechatpay

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"watari/connect/wechatpay/wire"
	"watari/kit/seal"
)

// Credentials is what WeChat Pay gave us for one wallet. It holds secrets: it is read from a file
// that nobody else can read, and never logged.
//
// Without SubMchID it is direct mode; with it, institution mode: MchID and AppID are then the
// institution's own (sp_mchid, sp_appid).
//
// With PublicKeyID it is public-key mode: the network signs with that key, and Certificates are
// what it may sign with besides while an account changes over. Without it, certificates are
// fetched when they are needed; those in Certificates are believed from the start.
type Credentials struct {
	MchID    string `json:"mchid"`
	AppID    string `json:"appid"`
	SubMchID string `json:"sub_mchid,omitempty"`
	SubAppID string `json:"sub_appid,omitempty"`

	SerialNo   string `json:"serial_no"`   // of our certificate, hexadecimal
	PrivateKey string `json:"private_key"` // PEM, PKCS #8
	APIv3Key   string `json:"api_v3_key"`  // 32 characters; opens what the network seals

	PublicKeyID  string `json:"public_key_id,omitempty"` // PUB_KEY_ID_…
	PublicKey    string `json:"public_key,omitempty"`    // PEM
	Certificates string `json:"certificates,omitempty"`  // PEM, one or more

	// AppSecret signs users in, see SignIn; only for payments inside WeChat's own browser.
	AppSecret string `json:"app_secret,omitempty"`
	// MCC is sent when a shop has none.
	MCC string `json:"merchant_category_code,omitempty"`
}

// String hides the secrets.
func (c Credentials) String() string { return "WeChat Pay credentials of " + c.MchID }

// GoString hides the secrets.
func (c Credentials) GoString() string { return c.String() }

// Validate checks everything that can be checked without the network.
//
// Errors: one that begins with the name of the wrong field as the file has it.
func (c Credentials) Validate() error {
	_, err := open(c)
	return err
}

// account is Credentials with its keys parsed.
type account struct {
	Credentials
	signer    seal.Signer
	public    *rsa.PublicKey // nil outside public-key mode
	certified []*x509.Certificate
}

// open parses credentials.
func open(c Credentials) (*account, error) {
	a := &account{Credentials: c}
	for _, f := range []struct {
		name, value string
		required    bool
	}{
		{"mchid", c.MchID, true}, {"appid", c.AppID, true}, {"sub_mchid", c.SubMchID, false},
		{"sub_appid", c.SubAppID, false}, {"serial_no", c.SerialNo, true},
		{"public_key_id", c.PublicKeyID, false}, {"app_secret", c.AppSecret, false},
	} {
		switch {
		case f.value == "" && f.required:
			return nil, fmt.Errorf("%s is missing", f.name)
		case len(f.value) > 64, !isToken(f.value):
			return nil, fmt.Errorf("%s is not a plain word", f.name)
		}
	}
	switch {
	case c.SubAppID != "" && c.SubMchID == "":
		return nil, errors.New("sub_appid needs sub_mchid")
	case len(c.APIv3Key) != 32:
		return nil, errors.New("api_v3_key has not 32 characters")
	case c.MCC != "" && (len(c.MCC) != 4 || strings.Trim(c.MCC, "0123456789") != ""):
		return nil, errors.New("merchant_category_code has not four digits")
	case (c.PublicKeyID == "") != (c.PublicKey == ""):
		return nil, errors.New("public_key and public_key_id need each other")
	case c.PublicKeyID != "" && !strings.HasPrefix(c.PublicKeyID, wire.PublicKeyPrefix):
		return nil, fmt.Errorf("public_key_id does not begin with %s", wire.PublicKeyPrefix)
	}
	return a, a.parse()
}

// parse reads the keys. What is wrong with a key is not told: it might hold a part of it.
func (a *account) parse() error {
	private, err := utils.LoadPrivateKey(a.PrivateKey)
	if err != nil {
		return errors.New("private_key is not a PEM block PRIVATE KEY (PKCS #8) with an RSA key")
	}
	// Messages name the key by its serial, so the version is of no use here.
	if a.signer, err = seal.NewSigner(private, 1); err != nil {
		return fmt.Errorf("private_key: %w", err)
	}
	if a.PublicKey != "" {
		if a.public, err = utils.LoadPublicKey(a.PublicKey); err != nil {
			return errors.New("public_key is not a PEM block PUBLIC KEY with an RSA key")
		}
	}
	for rest := []byte(a.Certificates); len(strings.TrimSpace(string(rest))) > 0; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return errors.New("certificates is not PEM")
		}
		cert, err := certificateOf(string(pem.EncodeToMemory(block)))
		if err != nil {
			return fmt.Errorf("certificates: %w", err)
		}
		a.certified = append(a.certified, cert)
	}
	return nil
}

// sign returns the signature of a text, in Base64.
func (a *account) sign(text string) (string, error) {
	digest := sha256.Sum256([]byte(text))
	signature, err := a.signer.Sign(digest[:])
	return base64.StdEncoding.EncodeToString(signature), err
}

// certificateOf reads one certificate in PEM, which must hold an RSA key: the official library
// takes that for granted.
func certificateOf(text string) (*x509.Certificate, error) {
	cert, err := utils.LoadCertificate(text)
	if err != nil {
		return nil, errors.New("a block is not a certificate")
	}
	if _, ok := cert.PublicKey.(*rsa.PublicKey); !ok {
		return nil, errors.New("a certificate holds no RSA key")
	}
	return cert, nil
}

// isToken tells whether a text can stand in a header and in an address as it is.
func isToken(s string) bool {
	for _, r := range s {
		if !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' ||
			r == '_' || r == '-') {
			return false
		}
	}
	return true
}

// institution tells whether messages name a sub-merchant.
func (a *account) institution() bool { return a.SubMchID != "" }

// merchant names us in orders.
func (a *account) merchant() wire.Merchant {
	if !a.institution() {
		return wire.Merchant{MchID: a.MchID, AppID: a.AppID}
	}
	return wire.Merchant{SPMchID: a.MchID, SubMchID: a.SubMchID, SPAppID: a.AppID,
		SubAppID: a.SubAppID}
}

// query names us in addresses.
func (a *account) query() string {
	if !a.institution() {
		return "mchid=" + a.MchID
	}
	return "sp_mchid=" + a.MchID + "&sub_mchid=" + a.SubMchID
}

// ending is the body of close and reverse.
func (a *account) ending() *wire.Ending {
	if !a.institution() {
		return &wire.Ending{MchID: a.MchID}
	}
	return &wire.Ending{SPMchID: a.MchID, SubMchID: a.SubMchID}
}

// concerns tells whether a message that names a merchant names us.
func (a *account) concerns(m wire.Merchant) bool {
	mine := a.merchant()
	for _, pair := range [][2]string{{m.MchID, mine.MchID}, {m.SPMchID, mine.SPMchID},
		{m.SubMchID, mine.SubMchID}} {
		if pair[0] != "" && pair[0] != pair[1] {
			return false
		}
	}
	return true
}

// payerApp is the app in which users of in-page payments are known, and pays says their id in
// that app's words.
func (a *account) payerApp() string {
	if a.SubAppID != "" {
		return a.SubAppID
	}
	return a.AppID
}

func (a *account) payer(openID string) *wire.Payer {
	switch {
	case a.SubAppID != "":
		return &wire.Payer{SubOpenID: openID}
	case a.institution():
		return &wire.Payer{SPOpenID: openID}
	}
	return &wire.Payer{OpenID: openID}
}
