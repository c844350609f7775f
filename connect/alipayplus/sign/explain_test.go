package sign_test

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"net/url"
	"strings"
	"testing"

	"watari/connect/alipayplus/sign"
)

// received is a request as it came, with a body that has everything programs write in two ways.
func received() sign.Message {
	m := vector()
	m.Body = []byte(`{"paymentRequestId":"PR0001","order":{"orderDescription":"飛騨牛 <A&B> a/b"}}`)
	return m
}

// keyForms is the test key in every form that ParsePublic reads.
func keyForms(t *testing.T) map[string]string {
	t.Helper()
	key, err := testKey()
	if err != nil {
		t.Fatalf("make key: %v", err)
	}
	spki, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatalf("marshal key: %v", err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatalf("marshal key: %v", err)
	}
	pkcs1 := x509.MarshalPKCS1PublicKey(&key.PublicKey)
	line := base64.StdEncoding.EncodeToString(spki)
	return map[string]string{
		"SPKI, one line":        line,
		"SPKI, broken lines":    "\n" + line[:64] + "\r\n" + line[64:] + "\n",
		"SPKI, PEM":             pemOf("PUBLIC KEY", spki),
		"PKCS #1, PEM":          pemOf("RSA PUBLIC KEY", pkcs1),
		"PKCS #1, one line":     base64.StdEncoding.EncodeToString(pkcs1),
		"private PKCS #8":       base64.StdEncoding.EncodeToString(pkcs8),
		"private PKCS #1, PEM":  pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)),
		"private PKCS #8, PEM":  pemOf("PRIVATE KEY", pkcs8),
		"PEM with a text above": "the key\n" + pemOf("PUBLIC KEY", spki),
	}
}

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// signed makes a header of whatever bytes a mistaken program signs.
func signed(t *testing.T, content []byte) string {
	t.Helper()
	digest := sha256.Sum256(content)
	raw, err := signer(t, 1).Sign(digest[:])
	if err != nil {
		t.Fatalf("sign: %v", err)
	}
	return sign.FormatHeader(1, raw)
}

func explain(t *testing.T, header string) sign.Report {
	t.Helper()
	return sign.Explain(sign.Question{Message: received(), Signature: header,
		Keys:         []sign.Key{{Version: 1, Public: signer(t, 1).Public()}},
		OtherClients: []string{"NETWORK_1"}, OtherTimes: []string{"2026-01-01T12:00:07+09:00"},
		OtherPaths: []string{"https://network.example/aps/api/v1/payments/pay?trace=1"}})
}

// mistake is a way to sign wrongly, and what the report must say.
type mistake struct {
	name   string
	change func(*sign.Message)
	part   string
	says   string // a piece of what was signed, as it is told
}

func mistakes() []mistake {
	set := func(change func(*sign.Message)) func(*sign.Message) { return change }
	body := func(f func([]byte) []byte) func(*sign.Message) {
		return func(m *sign.Message) { m.Body = f(m.Body) }
	}
	return []mistake{
		{"lower-case method", set(func(m *sign.Message) { m.Method = "post" }), "method", `"post"`},
		{"no prefix", set(func(m *sign.Message) { m.Path = "/payments/pay" }), "path",
			`"/payments/pay"`},
		{"trailing slash", set(func(m *sign.Message) { m.Path += "/" }), "path", "slash at its end"},
		{"query", set(func(m *sign.Message) { m.Path += "?trace=1" }), "path", "?trace=1"},
		{"whole address", set(func(m *sign.Message) {
			m.Path = "https://open-sea.alipayplus.com" + m.Path
		}), "path", "https://open-sea"},
		{"client swapped", set(func(m *sign.Message) { m.ClientID = "NETWORK_1" }), "client id",
			`"NETWORK_1"`},
		{"no client", set(func(m *sign.Message) { m.ClientID = "" }), "client id", "nothing"},
		{"Unix milliseconds", set(func(m *sign.Message) { m.At = "1767236400000" }), "time",
			"Unix milliseconds"},
		{"time in UTC", set(func(m *sign.Message) { m.At = "2026-01-01T03:00:00Z" }), "time",
			"another form"},
		{"response time", set(func(m *sign.Message) { m.At = "2026-01-01T12:00:07+09:00" }), "time",
			"the other time"},
		{"clock read twice", set(func(m *sign.Message) { m.At = "2026-01-01T12:00:01+09:00" }),
			"time", "another reading of the clock"},
		{"line feed", body(func(b []byte) []byte { return append(b, '\n') }), "body", "line feed"},
		{"byte order mark", body(func(b []byte) []byte {
			return append([]byte("\ufeff"), b...)
		}), "body", "byte order mark"},
		{"pretty-printed", body(func(b []byte) []byte {
			var out bytes.Buffer
			json.Indent(&out, b, "", "  ")
			return out.Bytes()
		}), "body", "indented"},
		{"Python separators", body(func(b []byte) []byte {
			return []byte(strings.NewReplacer(",", ", ", ":", ": ").Replace(string(b)))
		}), "body", "blank after each comma"},
		{"sorted and escaped for HTML", body(func(b []byte) []byte {
			var v any
			json.Unmarshal(b, &v)
			out, _ := json.Marshal(v)
			return out
		}), "body", "members sorted"},
		{"PHP slashes", body(func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte("/"), []byte(`\/`))
		}), "body", `\/ for /`},
		{"escaped letters", body(func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte("飛騨牛"), []byte(`\u98db\u9a28\u725b`))
		}), "body", `\u escapes`},
		{"empty body", body(func([]byte) []byte { return nil }), "body", "an empty one"},
	}
}

// The goal is that an integrator is told what they did wrong. The method signs each known
// mistake and expects the part that differs, and nothing else, in the report.
func TestEveryKnownMistakeIsNamed(t *testing.T) {
	t.Parallel()
	for _, m := range mistakes() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			wrong := received()
			m.change(&wrong)

			r := explain(t, signed(t, wrong.Content()))

			if r.Verified || !r.Found || len(r.Differences) != 1 {
				t.Fatalf("got %+v", r)
			}
			d := r.Differences[0]
			if d.Part != m.part || !strings.Contains(d.Signed, m.says) {
				t.Errorf("got %q: %q, want %q with %q", d.Part, d.Signed, m.part, m.says)
			}
			if text := r.Text(); !strings.Contains(text, "does not verify") {
				t.Errorf("the text does not say so:\n%s", text)
			}
		})
	}
}

// The goal is the same for mistakes in how the parts are put together.
func TestWrongFormIsNamed(t *testing.T) {
	t.Parallel()
	m := received()
	right := string(m.Content())
	digest := sha256.Sum256(m.Content())
	cases := map[string]string{
		"no line feed":       strings.Replace(right, "\n", "", 1),
		`a backslash and`:    strings.Replace(right, "\n", `\n`, 1),
		"carriage return":    strings.Replace(right, "\n", "\r\n", 1),
		"no method and":      right[strings.Index(right, "\n")+1:],
		"the body alone":     string(m.Body),
		"digest of the text": string(digest[:]),
		"in hexadecimal":     hex.EncodeToString(digest[:]),
		"URL-escaped text":   url.QueryEscape(right),
		"question marks":     strings.NewReplacer("飛", "?", "騨", "?", "牛", "?").Replace(right),
	}
	for says, content := range cases {
		r := explain(t, signed(t, []byte(content)))
		if !r.Found || len(r.Differences) != 1 || r.Differences[0].Part != "form" ||
			!strings.Contains(r.Differences[0].Signed, says) {
			t.Errorf("%s: got %+v", says, r.Differences)
		}
	}
}

// The goal is that mistakes in pairs and threes are found too, each named.
func TestSeveralMistakesAtOnceAreNamed(t *testing.T) {
	t.Parallel()
	wrong := received()
	wrong.Path, wrong.At = "/v1/payments/pay", "1767236400000"
	wrong.Body = append(wrong.Body, '\n')

	r := explain(t, signed(t, wrong.Content()))

	if !r.Found || len(r.Differences) != 3 {
		t.Fatalf("got %+v after %d texts", r.Differences, r.Tried)
	}
}

// The goal is that a right text with a wrong signature is told apart from a wrong text: other
// key, other key version, other hash, other encoding.
func TestWrongSignatureIsToldFromWrongText(t *testing.T) {
	t.Parallel()
	m := received()
	header := signed(t, m.Content())
	value := header[strings.Index(header, "signature=")+10:]
	plain, _ := url.PathUnescape(value)
	raw, _ := base64.StdEncoding.DecodeString(plain)
	key, _ := testKey()
	weak := sha1.Sum(m.Content())
	old, err := rsa.SignPKCS1v15(nil, key, crypto.SHA1, weak[:])
	if err != nil {
		t.Fatalf("sign: %v", err)
	}

	if r := explain(t, header); !r.Verified || !strings.Contains(r.Text(), "verifies") {
		t.Errorf("the right one: got %+v", r)
	}
	if r := explain(t, "algorithm=RSA256,keyVersion=1,signature="+vectorURL); r.Maker != nil ||
		!strings.Contains(r.Text(), "none of the given keys") {
		t.Errorf("another key: got %+v", r)
	}
	cases := map[string]struct{ header, part, says string }{
		"version": {strings.Replace(header, "Version=1", "Version=2", 1), "key version", "version 1"},
		"none":    {value, "key version", "none"},
		"hash":    {sign.FormatHeader(1, old), "hash", "SHA-1"},
		"twice":   {"keyVersion=1,signature=" + url.QueryEscape(value), "signature", "escaped twice"},
		"hex":     {"keyVersion=1,signature=" + hex.EncodeToString(raw), "signature", "hexadecimal"},
		"base64 twice": {sign.FormatHeader(1, []byte(base64.StdEncoding.EncodeToString(raw))),
			"signature", "Base64 of its Base64"},
		"blanks": {"keyVersion=1,signature=" + strings.ReplaceAll(plain, "+", " "), "signature",
			"blank"},
	}
	for name, c := range cases {
		r := explain(t, c.header)
		if r.Verified || !r.Found || len(r.Differences) != 1 || r.Differences[0].Part != c.part ||
			!strings.Contains(r.Differences[0].Signed, c.says) {
			t.Errorf("%s: got %+v, maker %v", name, r.Differences, r.Maker)
		}
	}
	other := m
	other.Body = []byte(`{"another":"payment"}`)
	if r := explain(t, signed(t, other.Content())); r.Found || r.Maker == nil ||
		!strings.Contains(r.Text(), "the key is right and the text is another") {
		t.Errorf("another text: got %+v", r)
	}
}

// The goal is that every byte of the expected text can be seen.
func TestInvisibleCharactersAreShown(t *testing.T) {
	t.Parallel()
	got := sign.Visible("a\n\r\t\\\x00\ufeff飛\xff\u200b")
	if want := `a\n\r\t\\\x00\u{feff}飛\xff\u{200b}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
