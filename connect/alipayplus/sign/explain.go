package sign

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"strings"
)

// Key is a public key that a signature may have been made with.
type Key struct {
	Version int
	Name    string // shown; may be empty
	Public  *rsa.PublicKey
}

// Question asks why a signature does not verify. Message is what was received.
type Question struct {
	Message
	Signature    string   // the whole header, or only the value
	Keys         []Key    // the sender's, every version
	OtherClients []string // ids that may have been taken by mistake
	OtherTimes   []string // times that may have been taken by mistake, such as the request's
	OtherPaths   []string // paths that may have been taken by mistake
}

// Difference is one part that was signed otherwise than it was sent.
type Difference struct {
	Part   string // method, path, client id, time, body, form, signature, hash
	Signed string // what the sender signed
	Expect string // what should have been signed
}

// Report is the answer to a Question.
type Report struct {
	Content   []byte // what should have been signed
	Header    Header
	HeaderErr error // why the header cannot be read; an unreadable header may still verify
	Verified  bool  // as it stands, with the key of the version that the header names
	// Maker is the key that made the signature, over whatever text; nil when no given key did.
	Maker *Key
	// Found tells whether a text was found that the signature verifies with. Differences are
	// then what is wrong with it, nothing when it is right.
	Found       bool
	Differences []Difference
	Digest      string // of what was signed, hexadecimal; "" when Maker is nil
	Tried       int    // texts
}

// Explain finds out what was signed. It tries some hundred thousand texts at most, which takes a
// second or less; a large body gets fewer.
func Explain(q Question) Report {
	asGiven := q.Path
	q.Path = pathOnly(q.Path)
	if q.Path != asGiven {
		q.OtherPaths = append([]string{asGiven}, q.OtherPaths...)
	}
	r := Report{Content: q.Message.Content()}
	header := q.Signature
	if !strings.Contains(strings.ToLower(header), "signature=") {
		header = "signature=" + strings.TrimSpace(header)
	}
	r.Header, r.HeaderErr = ParseHeader(header)
	value := r.Header.Value
	if r.HeaderErr != nil {
		value = afterSignature(header)
	}

	seal, ok := open(value, q.Keys, r.Header.Version)
	if !ok {
		return r
	}
	r.Maker, r.Digest = &seal.key, fmt.Sprintf("%x", seal.digest)
	q.search(&r, seal)
	r.addSealDifferences(seal)
	r.Verified = r.Found && len(r.Differences) == 0 && r.HeaderErr == nil
	return r
}

// pathOnly cuts host and query off an address.
func pathOnly(path string) string {
	path, _, _ = strings.Cut(withoutHost(path), "?")
	return path
}

// withoutHost cuts scheme and host off an address.
func withoutHost(path string) string {
	if _, rest, found := strings.Cut(path, "://"); found {
		_, rest, _ = strings.Cut(rest, "/")
		return "/" + rest
	}
	return path
}

// afterSignature is what official clients take from a header: all behind "signature=".
func afterSignature(header string) string {
	_, value, _ := strings.Cut(header, "signature=")
	return strings.TrimSpace(value)
}

// sealed is what an RSA signature says when it is opened with the public key.
type sealed struct {
	key      Key
	encoding string // how the signature was written; "" is right
	hash     crypto.Hash
	digest   []byte
}

// open finds the key and the encoding that a signature opens with. The key of the version that
// the header names is tried first.
func open(value string, keys []Key, version int) (sealed, bool) {
	for _, named := range []bool{true, false} {
		for _, key := range keys {
			if (key.Version == version) != named {
				continue
			}
			for _, form := range encodings(value) {
				hash, digest, ok := recovered(key.Public, form.bytes)
				if ok {
					return sealed{key, form.label, hash, digest}, true
				}
			}
		}
	}
	return sealed{}, false
}

// addSealDifferences says what is wrong with the signature beside the text.
func (r *Report) addSealDifferences(s sealed) {
	if s.encoding != "" {
		r.Differences = append(r.Differences, Difference{"signature", s.encoding,
			"standard Base64, then URL-escaped"})
	}
	if s.hash != crypto.SHA256 {
		r.Differences = append(r.Differences, Difference{"hash", s.hash.String(), "SHA-256"})
	}
	switch v := r.Header.Version; {
	case r.HeaderErr == nil && v < 0:
		r.Differences = append(r.Differences, Difference{"key version", "none in the header",
			fmt.Sprintf("keyVersion=%d", s.key.Version)})
	case r.HeaderErr == nil && v != s.key.Version:
		r.Differences = append(r.Differences, Difference{"key version",
			fmt.Sprintf("with the key of version %d", s.key.Version),
			fmt.Sprintf("the key of version %d, which the header names", v)})
	}
}

// Text writes the report for people, one finding a line.
func (r Report) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "expected text: %d bytes, SHA-256 %x\n", len(r.Content), sha256.Sum256(r.Content))
	fmt.Fprintf(&b, "  %s\n", Visible(string(r.Content)))
	switch {
	case r.HeaderErr != nil:
		fmt.Fprintf(&b, "header: %v\n", r.HeaderErr)
	case r.Header.Version < 0:
		b.WriteString("header: names no keyVersion\n")
	default:
		fmt.Fprintf(&b, "header: algorithm %s, key version %d\n", r.Header.Algorithm,
			r.Header.Version)
	}
	switch {
	case r.Verified:
		fmt.Fprintf(&b, "result: the signature verifies, key version %d\n", r.Maker.Version)
		return b.String()
	case r.Maker == nil:
		b.WriteString("result: the signature does not verify; none of the given keys made it\n" +
			"  the private key belongs to another public key, or the signature is damaged\n")
		return b.String()
	}
	fmt.Fprintf(&b, "result: the signature does not verify\n")
	fmt.Fprintf(&b, "made with: key version %d%s, over a text with SHA-256 %s\n", r.Maker.Version,
		inBrackets(r.Maker.Name), r.Digest)
	if !r.Found {
		fmt.Fprintf(&b, "the key is right and the text is another; none of %d known mistakes "+
			"gives it\n  compare the expected text above with what your program signs\n", r.Tried)
	}
	for _, d := range r.Differences {
		fmt.Fprintf(&b, "%s: you signed %s\n  we expect %s\n", d.Part, d.Signed, d.Expect)
	}
	return b.String()
}

func inBrackets(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

// Visible writes a text so that every character in it can be seen: a line feed is \n, a carriage
// return \r, a tab \t, a backslash \\, and what cannot be printed is \x or \u with its number.
func Visible(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\\':
			b.WriteString(`\\`)
		case r == 0xfffd && s[i] != 0xef:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		case !printable(r):
			fmt.Fprintf(&b, `\u{%x}`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
