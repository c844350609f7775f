package wechatpay

import (
	"strings"
	"testing"

	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/verifiers"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"watari/connect/wechatpay/wire"
)

// vectorKey verifies the vector of a request. Its private half was thrown away.
const vectorKey = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAnMQKiAD5tBp8InaLku1UQp75G8DWVPxKTHiWWjZtbr1tv1XiNfzp
4wPIrq5To0sT8VnedhYhfSK5L7k+TYZM9fRy+VzPTd3hUUH6WdX1f968PwZV5SSntL2u1KyCFQAa0EXjdp2dCIOls86Mz5vT
JcVW2D5brNXKDe4g4Mp6I80XaUitCTYPqUDC8BLj/cuCy7KfpMLgnuzJlVGnfMxyyhOTuOQwtxvmF25En21phkuAK+5favNI
abpKNxNTIgrbtMkFvlZSPfag6JDttC9SreWOQsrFiFNdI54Qowim+ad3vnbZ8JL8vww2TpbXjPoV218XV10iXUH7v3sS3F9g
/QIDAQAB
-----END PUBLIC KEY-----`

const vectorText = "POST\n/v3/global/micropay/transactions/pay\n1767236400\n" +
	"593BEC0C930BF1AFEB40B4A08C8FB242\n" + `{"mchid":"1900009191"}` + "\n"

const vectorSignature = "SkrbRh//n2zsTT+FCx9na8lfxMvIvJwdqiwsyZij21SW7S2Z44lzoR+tDzign6PyAS6D5W" +
	"+VJXfrMBDmY0wWA2KDj0RQcPGa+woQ2CGferS+qhBInwpQnXK4xwprTHvkRO6Dg9uJSid+OFiEImzroSfIpXX4ZTXvx" +
	"Vd7eT4oGGA2gXd0yDSEjVUU6IyCoj+4qd9GjxwDJoYLH+MgLIzf33Ltho+b+TDj8D5o0akJsGfMlnU94b4WO+Y2OxGDc" +
	"UReGUNDeapsbXxpU9zBifQ6k8vKGCuUQw8KGghaI6SlHcogNM54vZdsRek6y+8mZuqLZy5ti6taO6uLCPvmpJCvTQ=="

// The goal is that what we sign and verify is what was recorded from another implementation.
// Method: the recorded text and signature, and the same with one character changed.
func TestSignatureVectorVerifies(t *testing.T) {
	t.Parallel()
	key, err := utils.LoadPublicKey(vectorKey)
	if err != nil {
		t.Fatal(err)
	}
	v := verifiers.NewSHA256WithRSAPubkeyVerifier("id", *key)

	if err := v.Verify(t.Context(), "id", vectorText, vectorSignature); err != nil {
		t.Error(err)
	}
	changed := strings.Replace(vectorText, "1900009191", "1900009192", 1)
	if v.Verify(t.Context(), "id", changed, vectorSignature) == nil {
		t.Error("another text verifies")
	}
}

// The goal is that sealed texts are opened as the network seals them, and no other. Method: a
// recorded one, and each of its parts changed.
func TestSealedVectorOpens(t *testing.T) {
	t.Parallel()
	acc := &account{Credentials: Credentials{APIv3Key: "0123456789abcdef0123456789abcdef"}}
	good := wire.Sealed{Algorithm: "AEAD_AES_256_GCM", Nonce: "fdasflkja484",
		AssociatedData: "transaction", Ciphertext: "DUcclrHBE5NffFMk6pzEyhUVzEv805vSXVdOTWcxr669" +
			"KE1ZsfUaWu+xWJDRghOPHpC87iijWcjS2S2r8A=="}

	text, err := unseal(acc, &good)

	if err != nil || text != `{"out_trade_no":"O1","trade_state":"SUCCESS"}` {
		t.Errorf("got %q, %v", text, err)
	}
	for name, change := range map[string]func(*wire.Sealed){
		"another algorithm": func(s *wire.Sealed) { s.Algorithm = "AEAD_SM4_GCM" },
		"a short nonce":     func(s *wire.Sealed) { s.Nonce = "fdasflkja48" },
		"a long nonce":      func(s *wire.Sealed) { s.Nonce += "4" },
		"another nonce":     func(s *wire.Sealed) { s.Nonce = "fdasflkja485" },
		"another purpose":   func(s *wire.Sealed) { s.AssociatedData = "refund" },
		"another text":      func(s *wire.Sealed) { s.Ciphertext = "E" + s.Ciphertext[1:] },
		"no Base64":         func(s *wire.Sealed) { s.Ciphertext = "%" },
		"nothing":           func(s *wire.Sealed) { s.Ciphertext = "" },
	} {
		bad := good
		change(&bad)
		if _, err := unseal(acc, &bad); err == nil {
			t.Errorf("%s opens", name)
		}
	}
	if _, err := unseal(acc, nil); err == nil {
		t.Error("nothing opens")
	}
	other := &account{Credentials: Credentials{APIv3Key: strings.Repeat("k", 32)}}
	if _, err := unseal(other, &good); err == nil {
		t.Error("another key opens")
	}
}
