package sign_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"watari/connect/paypay/sign"
)

// tokenSecret is base64, as the secrets of PayPay are.
const tokenSecret = "c2FtcGxlIHNlY3JldCBvZiBhIHRva2Vu"

func claims() sign.Claims {
	return sign.Claims{Issuer: "paypay.ne.jp", Expires: 2_000_000_000,
		Result: sign.ResultSucceeded, Nonce: "n-1", Reference: "con_1", Consent: "uaid-1"}
}

// raw signs any two parts with a key.
func raw(header, body, key string) string {
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(header)) + "." + encode([]byte(body))
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return text + "." + encode(h.Sum(nil))
}

// The goal is that a token is read when it was signed with our secret, whichever way the secret was
// read, and that the known vector of RFC 7515, A.1, verifies up to its claims.
func TestTokensOfOurSecretAreRead(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_900_000_000, 0)
	made, err := sign.NewToken(tokenSecret, claims())
	if err != nil {
		t.Fatalf("make a token: %v", err)
	}
	body := `{"exp":2000000000,"result":"succeeded","nonce":"n-1","referenceId":"con_1",` +
		`"userAuthorizationId":"uaid-1","aud":["m"],"new":1}`
	for name, token := range map[string]string{"made here": made,
		"raw secret":  raw(`{"alg":"HS256"}`, body, tokenSecret),
		"with a type": raw(`{"typ":"JWT","alg":"HS256"}`, body, "sample secret of a token")} {
		c, err := sign.ParseToken(tokenSecret, token, now)
		if err != nil || c.Consent != "uaid-1" || c.Nonce != "n-1" || c.Reference != "con_1" {
			t.Errorf("%s: got %+v, %v", name, c, err)
		}
	}
}

// The goal is that nothing else is read: other algorithms, other secrets, changed or missing
// parts, and tokens that have expired.
func TestOtherTokensAreRefused(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_900_000_000, 0)
	good, err := sign.NewToken(tokenSecret, claims())
	if err != nil {
		t.Fatalf("make a token: %v", err)
	}
	parts := strings.Split(good, ".")
	body := `{"exp":2000000000,"result":"succeeded"}`
	for name, token := range map[string]string{
		"empty": "", "dots": "..", "two parts": parts[0] + "." + parts[1],
		"four parts":     good + ".x",
		"no signature":   parts[0] + "." + parts[1] + ".",
		"alg none":       raw(`{"alg":"none"}`, body, tokenSecret),
		"alg HS512":      raw(`{"alg":"HS512"}`, body, tokenSecret),
		"alg lower case": raw(`{"alg":"hs256"}`, body, tokenSecret),
		"critical":       raw(`{"alg":"HS256","crit":["b64"]}`, body, tokenSecret),
		"other secret":   raw(`{"alg":"HS256"}`, body, "another"),
		"no end":         raw(`{"alg":"HS256"}`, `{"result":"succeeded"}`, tokenSecret),
		"over":           raw(`{"alg":"HS256"}`, `{"exp":1900000000}`, tokenSecret),
		"not JSON":       raw(`{"alg":"HS256"}`, `result`, tokenSecret),
		"changed":        parts[0] + "." + parts[1][1:] + "." + parts[2],
		"long":           raw(`{"alg":"HS256"}`, strings.Repeat(" ", 9000)+body, tokenSecret),
	} {
		if c, err := sign.ParseToken(tokenSecret, token, now); !errors.Is(err, sign.ErrToken) {
			t.Errorf("%s: got %+v, %v", name, c, err)
		}
	}
	empty := raw(`{"alg":"HS256"}`, body, "")
	if _, err := sign.ParseToken("", empty, now); !errors.Is(err, sign.ErrToken) {
		t.Errorf("an empty secret verifies: %v", err)
	}
}

// The goal is that no token makes the parser panic, and that none is believed by chance.
func FuzzToken(f *testing.F) {
	f.Add("a.b.c")
	f.Add(raw(`{"alg":"HS256"}`, `{"exp":1}`, "x"))
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := sign.ParseToken(tokenSecret, token, time.Unix(0, 0)); err == nil {
			t.Errorf("%q is believed", token)
		}
	})
}
