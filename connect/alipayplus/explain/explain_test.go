package explain_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"watari/connect/alipayplus/explain"
	"watari/connect/alipayplus/sign"
	"watari/kit/seal"
)

// question is a folder with a body and two keys, and the header of a signature.
type question struct{ body, key, otherKey, header string }

func ask(t *testing.T, body string, change func(*sign.Message)) question {
	t.Helper()
	dir := t.TempDir()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatalf("make key: %v", err)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatalf("make key: %v", err)
	}
	by, err := seal.NewSigner(key, 2)
	if err != nil {
		t.Fatalf("make signer: %v", err)
	}
	m := sign.Message{Method: "POST", Path: "/aps/api/v1/payments/pay", ClientID: "BANK_1",
		At: "2026-11-22T13:59:00+09:00", Body: []byte(body)}
	change(&m)
	header, err := sign.Sign(by, m)
	if err != nil {
		t.Fatalf("sign: %v", err)
	}
	spki, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatalf("marshal key: %v", err)
	}
	otherSPKI, err := x509.MarshalPKIXPublicKey(&other.PublicKey)
	if err != nil {
		t.Fatalf("marshal key: %v", err)
	}
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatalf("write %s: %v", name, err)
		}
		return path
	}
	return question{write("body.json", body),
		write("key.txt", base64.StdEncoding.EncodeToString(spki)+"\n"),
		write("other.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY",
			Bytes: otherSPKI}))), header}
}

func run(in string, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = explain.Run(args, strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}

func (q question) args(more ...string) []string {
	return append([]string{"--path", "/aps/api/v1/payments/pay", "--client-id", "BANK_1",
		"--time", "2026-11-22T13:59:00+09:00", "--signature", q.header}, more...)
}

// The goal is the tool an integrator needs: right is said to be right, and wrong is told apart
// and named, with the exact text.
func TestSignatureIsExplained(t *testing.T) {
	t.Parallel()
	right := ask(t, `{"a":"1"}`, func(*sign.Message) {})
	wrong := ask(t, `{"a":"1"}`, func(m *sign.Message) { m.Path = "/payments/pay" })

	code, out, errs := run("", right.args("--body", right.body, "--key", right.key)...)
	if code != 0 || errs != "" || !strings.Contains(out, "the signature verifies, key version 2") {
		t.Errorf("right: exit %d\n%s%s", code, out, errs)
	}
	want := `POST /aps/api/v1/payments/pay\nBANK_1.2026-11-22T13:59:00+09:00.{"a":"1"}`
	if !strings.Contains(out, want) {
		t.Errorf("the text that was signed is not shown:\n%s", out)
	}
	code, out, _ = run(`{"a":"1"}`, right.args("--body", "-", "--key", "1="+right.otherKey,
		"--key", "2="+right.key)...)
	if code != 0 {
		t.Errorf("right, two keys, standard input: exit %d\n%s", code, out)
	}
	code, out, _ = run("", wrong.args("--body", wrong.body, "--key", wrong.key)...)
	if code != 1 || !strings.Contains(out, `path: you signed "/payments/pay"`) ||
		!strings.Contains(out, `we expect "/aps/api/v1/payments/pay"`) {
		t.Errorf("wrong path: exit %d\n%s", code, out)
	}
	code, out, _ = run("", right.args("--body", right.body, "--key", right.otherKey)...)
	if code != 1 || !strings.Contains(out, "none of the given keys made it") {
		t.Errorf("wrong key: exit %d\n%s", code, out)
	}
	code, out, _ = run("", right.args("--body", right.body, "--key", "1="+right.key)...)
	if code != 1 || !strings.Contains(out, "key version") {
		t.Errorf("wrong version: exit %d\n%s", code, out)
	}
}

// The goal is that a wrong question gets one clear line and exit code 2.
func TestUnreadableQuestionGetsOneLine(t *testing.T) {
	t.Parallel()
	q := ask(t, `{}`, func(*sign.Message) {})
	cases := map[string][]string{
		"--body, --key missing":     q.args(),
		"read the body":             q.args("--body", "absent.json", "--key", q.key),
		"read the key":              q.args("--body", q.body, "--key", "absent.pem"),
		"not an RSA key":            q.args("--body", q.body, "--key", q.body),
		"flag provided but not def": {"--nonsense"},
		"is no flag":                q.args("--body", q.body, "--key", q.key, "extra"),
		"--path, --client-id":       {},
	}
	for want, args := range cases {
		code, out, errs := run("", args...)
		if code != 2 || out != "" || !strings.Contains(errs, want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: exit %d, %q, %q", want, code, out, errs)
		}
	}
	code, out, errs := run("", "--help")
	if code != 0 || !strings.HasPrefix(out, "usage:") || errs != "" {
		t.Errorf("--help: exit %d", code)
	}
}
