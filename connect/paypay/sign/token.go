package sign

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrToken says that a token is not a signed answer to a request of ours.
var ErrToken = errors.New("the token is not one of PayPay's for this key")

// tokenMax is the longest token that is read, in bytes.
const tokenMax = 8 << 10

// ResultSucceeded is the Result of a user who agreed; every other one did not.
const ResultSucceeded = "succeeded"

// Claims are what a token says.
type Claims struct {
	Issuer    string          `json:"iss,omitempty"`
	Audience  json.RawMessage `json:"aud,omitempty"` // a text, or a list of them
	Expires   int64           `json:"exp"`           // seconds since 1970 UTC
	Result    string          `json:"result"`
	Profile   string          `json:"profileIdentifier,omitempty"` // the user's number, masked
	Nonce     string          `json:"nonce"`
	Reference string          `json:"referenceId"`
	Consent   string          `json:"userAuthorizationId,omitempty"`
}

// tokenHeader is the first part of every token that is made here.
const tokenHeader = `{"alg":"HS256","typ":"JWT"}`

var tokenText = base64.RawURLEncoding

// NewToken makes a token, as the page of a consent does for the browser that it sends back.
func NewToken(secret string, c Claims) (string, error) {
	key, err := base64.StdEncoding.DecodeString(secret)
	if err != nil {
		key = []byte(secret)
	}
	body, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encode the claims: %w", err)
	}
	text := tokenText.EncodeToString([]byte(tokenHeader)) + "." + tokenText.EncodeToString(body)
	return text + "." + tokenText.EncodeToString(tokenMAC(key, text)), nil
}

func tokenMAC(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// ParseToken verifies a token, then reads it (S4). Whether its nonce is ours is the caller's to see
// to.
//
// Errors: ErrToken.
func ParseToken(secret, token string, now time.Time) (Claims, error) {
	var c Claims
	parts := strings.Split(token, ".")
	if len(token) > tokenMax || len(parts) != 3 {
		return c, ErrToken
	}
	signature, err := tokenText.Strict().DecodeString(parts[2])
	if err != nil || !signed(secret, parts[0]+"."+parts[1], signature) {
		return c, ErrToken
	}
	var header struct {
		Alg  string          `json:"alg"`
		Crit json.RawMessage `json:"crit"`
	}
	if !decodePart(parts[0], &header) || header.Alg != "HS256" || header.Crit != nil ||
		!decodePart(parts[1], &c) {
		return Claims{}, ErrToken
	}
	if !now.Before(time.Unix(c.Expires, 0)) {
		return Claims{}, fmt.Errorf("%w: it has expired", ErrToken)
	}
	return c, nil
}

// signed tells whether a signature was made with the secret, in either reading (S4).
func signed(secret, text string, signature []byte) bool {
	ok := hmac.Equal(signature, tokenMAC([]byte(secret), text))
	key, err := base64.StdEncoding.DecodeString(secret)
	if err == nil && len(key) > 0 {
		ok = hmac.Equal(signature, tokenMAC(key, text)) || ok
	}
	return ok && secret != ""
}

func decodePart(part string, into any) bool {
	text, err := tokenText.DecodeString(part)
	if err != nil {
		return false
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	return dec.Decode(into) == nil
}
