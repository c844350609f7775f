package sign

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"net/url"
	"strings"
	"unicode"
)

// digestInfos are the DER prefixes that name a hash in front of its digest (RFC 8017, 9.2).
var digestInfos = []struct {
	hash   crypto.Hash
	size   int
	prefix string
}{
	{crypto.SHA256, 32, "3031300d060960864801650304020105000420"},
	{crypto.SHA1, 20, "3021300906052b0e03021a05000414"},
	{crypto.SHA512, 64, "3051300d060960864801650304020305000440"},
	{crypto.SHA384, 48, "3041300d060960864801650304020205000430"},
	{crypto.MD5, 16, "3020300c06082a864886f70d020505000410"},
}

// recovered opens a signature with a public key and returns the digest inside. ok is false when
// the key did not make the signature. It is for explaining only: Verify is what decides.
func recovered(key *rsa.PublicKey, signature []byte) (crypto.Hash, []byte, bool) {
	size := key.Size()
	if len(signature) != size {
		return 0, nil, false
	}
	opened := new(big.Int).Exp(new(big.Int).SetBytes(signature), big.NewInt(int64(key.E)), key.N)
	block := opened.FillBytes(make([]byte, size))
	rest, ok := bytes.CutPrefix(block, []byte{0, 1})
	if !ok {
		return 0, nil, false
	}
	rest = bytes.TrimLeft(rest, "\xff")
	rest, ok = bytes.CutPrefix(rest, []byte{0})
	if !ok {
		return 0, nil, false
	}
	for _, info := range digestInfos {
		prefix, err := hex.DecodeString(info.prefix)
		if err != nil {
			return 0, nil, false
		}
		digest, ok := bytes.CutPrefix(rest, prefix)
		if ok && len(digest) == info.size {
			return info.hash, digest, true
		}
	}
	return 0, nil, false
}

// encoded is one way to read the value of a signature header.
type encoded struct {
	label string // what is wrong with it; "" is right
	bytes []byte
}

// encodings reads a value in the forms of S3, and then as mistakes write it.
func encodings(value string) []encoded {
	var all []encoded
	add := func(label string, raw []byte, err error) {
		if err == nil && len(raw) > 0 {
			all = append(all, encoded{label, raw})
		}
	}
	raw, err := Bytes(value)
	add("", raw, err)
	if err == nil {
		inner, err := Bytes(string(raw))
		add("the Base64 of its Base64", inner, err)
	}
	if raw, err := Bytes(strings.ReplaceAll(value, " ", "+")); strings.Contains(value, " ") {
		add("Base64 in which every + became a blank (URL-decoded once too often)", raw, err)
	}
	if raw, err := Bytes(strings.Trim(value, `"'`)); strings.ContainsAny(value, `"'`) {
		add("in quotation marks", raw, err)
	}
	plain := value
	for range 2 {
		next, err := url.PathUnescape(plain)
		if err != nil || next == plain {
			break
		}
		plain = next
		raw, err := Bytes(plain)
		add("URL-escaped twice", raw, err)
	}
	hexed, err := hex.DecodeString(value)
	add("hexadecimal", hexed, err)
	noBreaks := strings.NewReplacer(`\n`, "", `\r`, "", "%0A", "", "%0D", "", "%0a", "").
		Replace(value)
	if raw, err := Bytes(noBreaks); noBreaks != value {
		add("Base64 with line breaks", raw, err)
	}
	return all
}

// base64Of is standard Base64.
func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// printable tells whether a character can be seen. The byte order mark cannot.
func printable(r rune) bool { return unicode.IsPrint(r) && r != 0xfeff }
