package sign_test

import (
	"bufio"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/connect/alipayplus/sign"
	"watari/kit/seal"
)

// The published vector: a throw-away key, and one signature in two of its forms.
const (
	vectorKey = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAnMQKiAD5tBp8InaLku1UQp75G8DWVP" +
		"xKTHiWWjZtbr1tv1XiNfzp4wPIrq5To0sT8VnedhYhfSK5L7k+TYZM9fRy+VzPTd3hUUH6WdX1f968PwZV5S" +
		"SntL2u1KyCFQAa0EXjdp2dCIOls86Mz5vTJcVW2D5brNXKDe4g4Mp6I80XaUitCTYPqUDC8BLj/cuCy7KfpM" +
		"LgnuzJlVGnfMxyyhOTuOQwtxvmF25En21phkuAK+5favNIabpKNxNTIgrbtMkFvlZSPfag6JDttC9SreWOQs" +
		"rFiFNdI54Qowim+ad3vnbZ8JL8vww2TpbXjPoV218XV10iXUH7v3sS3F9g/QIDAQAB"
	vectorBody    = `{"paymentRequestId":"PR0001","paymentAmount":{"currency":"JPY","value":"1280"}}`
	vectorEscaped = "ckkuTkSiJrrnr%2F%2Fh9S7%2F6W1rFhyd6jFFAO7F9RGKDEoXWsAgI35uUzEEavAqKHa2dU3" +
		"KsAHMnBZLrWcXQULR09CoU2WMQjP3L1y%2BhCQDVVOk298q1ekMOsTHqBKbaoR8FLePadyZ4U%2Fx8Ww6dvT" +
		"%2Bnwcs7jgm8w7EAV1rlQpcSrIAeEX2D0oQmRDqjKp6aRZ0Z%2Bz8hmAkM%2FNPDwPraM5q4tgCHbX8NhKYm" +
		"rq3Q%2FvnFSFABfzoW4Q9NXogfcvaBvJD3aVDneWIxHfl3AdpbemL9EeQq5vGR9Vk9UvJi9rZ9%2B9%2B8EP" +
		"w8oW8oqnCvOK%2By2WH2nxxf3W2Hgsz5YcFLAACaA%3D%3D"
	vectorURL = "ckkuTkSiJrrnr__h9S7_6W1rFhyd6jFFAO7F9RGKDEoXWsAgI35uUzEEavAqKHa2dU3KsAHMnBZLrW" +
		"cXQULR09CoU2WMQjP3L1y-hCQDVVOk298q1ekMOsTHqBKbaoR8FLePadyZ4U_x8Ww6dvT-nwcs7jgm8w7EAV" +
		"1rlQpcSrIAeEX2D0oQmRDqjKp6aRZ0Z-z8hmAkM_NPDwPraM5q4tgCHbX8NhKYmrq3Q_vnFSFABfzoW4Q9NX" +
		"ogfcvaBvJD3aVDneWIxHfl3AdpbemL9EeQq5vGR9Vk9UvJi9rZ9-9-8EPw8oW8oqnCvOK-y2WH2nxxf3W2Hg" +
		"sz5YcFLAACaA"
)

func vector() sign.Message {
	return sign.Message{Method: "POST", Path: "/aps/api/v1/payments/pay",
		ClientID: "ACQP_TEST_0001", At: "2026-01-01T12:00:00+09:00", Body: []byte(vectorBody)}
}

// testKey is one key for all tests: making one takes a noticeable time.
var testKey = sync.OnceValues(func() (*rsa.PrivateKey, error) {
	return rsa.GenerateKey(rand.Reader, 2048)
})

func signer(t testing.TB, version int) seal.Signer {
	t.Helper()
	key, err := testKey()
	if err != nil {
		t.Fatalf("make key: %v", err)
	}
	s, err := seal.NewSigner(key, version)
	if err != nil {
		t.Fatalf("make signer: %v", err)
	}
	return s
}

func publicKey(t testing.TB, text string) *rsa.PublicKey {
	t.Helper()
	key, err := sign.ParsePublic(text)
	if err != nil {
		t.Fatalf("parse key: %v", err)
	}
	return key
}

// The goal is agreement with other implementations: the vector verifies in each of the forms in
// which a signature is written, and with nothing changed.
func TestPublishedVectorVerifiesInEveryForm(t *testing.T) {
	t.Parallel()
	key := publicKey(t, vectorKey)
	plain, err := url.PathUnescape(vectorEscaped)
	if err != nil {
		t.Fatalf("unescape: %v", err)
	}
	forms := map[string]string{
		"URL-escaped": vectorEscaped, "Base64url without padding": vectorURL, "plain": plain,
		"plain without padding":  strings.TrimRight(plain, "="),
		"Base64url with padding": vectorURL + "==",
		"escapes in lower case": strings.NewReplacer("%2F", "%2f", "%2B", "%2b", "%3D", "%3d").
			Replace(vectorEscaped),
	}
	for name, value := range forms {
		if err := sign.Verify(key, vector(), value); err != nil {
			t.Errorf("%s: got %v, want it to verify", name, err)
		}
	}

	changed := map[string]func(*sign.Message){
		"method": func(m *sign.Message) { m.Method = "post" },
		"path":   func(m *sign.Message) { m.Path += "/" },
		"client": func(m *sign.Message) { m.ClientID += " " },
		"time":   func(m *sign.Message) { m.At = "2026-01-01T03:00:00Z" },
		"body":   func(m *sign.Message) { m.Body = append(m.Body, '\n') },
	}
	for name, change := range changed {
		m := vector()
		change(&m)
		if err := sign.Verify(key, m, vectorEscaped); !errors.Is(err, sign.ErrVerify) {
			t.Errorf("%s changed: got %v, want ErrVerify", name, err)
		}
	}
}

// The goal is that what is written is what official clients read: URL-escaped standard Base64,
// signature= last, and that it reads back.
func TestSignedHeaderReadsBack(t *testing.T) {
	t.Parallel()
	by := signer(t, 7)

	header, err := sign.Sign(by, vector())

	if err != nil {
		t.Fatalf("sign: %v", err)
	}
	before, value, _ := strings.Cut(header, "signature=")
	if before != "algorithm=RSA256,keyVersion=7," || strings.ContainsAny(value, "+/=,") {
		t.Errorf("the header is %q", header)
	}
	h, err := sign.ParseHeader(header)
	if err != nil || h.Version != 7 || h.Value != value {
		t.Errorf("read back %+v, %v", h, err)
	}
	if err := sign.Verify(by.Public(), vector(), h.Value); err != nil {
		t.Errorf("verify: %v", err)
	}
}

// The goal is lenient reading: what clients are known to send is understood, and what cannot be
// understood is refused with a reason.
func TestHeaderIsReadLeniently(t *testing.T) {
	t.Parallel()
	good := map[string]sign.Header{
		"algorithm=RSA256,keyVersion=1,signature=abc":   {"RSA256", 1, "abc"},
		"algorithm=RSA256, keyVersion=0, signature=abc": {"RSA256", 0, "abc"},
		" Algorithm = rsa256 ,KEYVERSION=2147483647 ,signature= abc%3D ": {"RSA256",
			2147483647, "abc%3D"},
		"clientId=X,algorithm=RSA256,keyVersion=2,signature=abc==": {"RSA256", 2, "abc=="},
		"signature=abc,keyVersion=3":                               {"RSA256", 3, "abc"},
		"signature=abc":                                            {"RSA256", -1, "abc"},
		"algorithm=RSA256,keyVersion=1,,blank,signature=abc":       {"RSA256", 1, "abc"},
	}
	for text, want := range good {
		if got, err := sign.ParseHeader(text); err != nil || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", text, got, err, want)
		}
	}

	bad := []string{"", "abc", "algorithm=RSA256,keyVersion=1", "signature=",
		"algorithm=HMAC,keyVersion=1,signature=abc", "keyVersion=x,signature=abc",
		"keyVersion=-1,signature=abc", "keyVersion=99999999999,signature=abc",
		"signature=a,signature=b", "keyVersion=,signature=a",
		"signature=" + strings.Repeat("a", 5000)}
	for _, text := range bad {
		if got, err := sign.ParseHeader(text); !errors.Is(err, sign.ErrHeader) {
			t.Errorf("%.40q: got %+v, %v, want ErrHeader", text, got, err)
		}
	}
	for _, value := range []string{"%zz", "a", "äöü", "a b c d", "", "=="} {
		if raw, err := sign.Bytes(value); !errors.Is(err, sign.ErrHeader) {
			t.Errorf("%q: got %d bytes, %v, want ErrHeader", value, len(raw), err)
		}
	}
}

// The goal is the replay guard: at most the window, in every form of time, and no opinion on a
// time in a form that nobody knows.
func TestStaleTimeIsRefused(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 4, 59, 0, 0, time.UTC)
	fresh := []string{"2026-11-22T13:59:00+09:00", "2026-11-22T13:54:00+09:00",
		"2026-11-22T05:04:00Z", "1795323540000", "20261122135900+0900", "yesterday", ""}
	for _, at := range fresh {
		if err := sign.Fresh(at, now, sign.Skew); err != nil {
			t.Errorf("%q: got %v, want it to pass", at, err)
		}
	}
	stale := []string{"2026-11-22T13:53:59+09:00", "2026-11-22T05:04:01Z", "1795323840001",
		"20261122135900+0800", "2026-11-22T13:59:00Z"}
	for _, at := range stale {
		if err := sign.Fresh(at, now, sign.Skew); !errors.Is(err, sign.ErrStale) {
			t.Errorf("%q: got %v, want ErrStale", at, err)
		}
	}
}

// The goal is that an absolute-form request target verifies: the Python client of the network
// sends one. The method is a raw socket, because net/http's client does not.
func TestPathIsWhatTheServerSees(t *testing.T) {
	t.Parallel()
	by := signer(t, 1)
	verdict := make(chan error, 1)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h, err := sign.ParseHeader(r.Header.Get(sign.HeaderSignature))
		if err == nil {
			err = sign.Verify(by.Public(), sign.Message{Method: r.Method, Path: r.URL.Path,
				ClientID: r.Header.Get(sign.HeaderClient),
				At:       r.Header.Get(sign.HeaderRequestTime), Body: body}, h.Value)
		}
		verdict <- err
	})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	header, err := sign.Sign(by, vector())
	if err != nil {
		t.Fatalf("sign: %v", err)
	}

	for _, target := range []string{"/aps/api/v1/payments/pay",
		"http://network.example/aps/api/v1/payments/pay",
		"https://network.example:8443/aps/api/v1/payments/pay?trace=1"} {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatalf("dial: %v", err)
		}
		io.WriteString(conn, "POST "+target+" HTTP/1.1\r\nhost: network.example\r\n"+
			"client-id: ACQP_TEST_0001\r\nREQUEST-TIME: 2026-01-01T12:00:00+09:00\r\n"+
			"signature: "+header+"\r\ncontent-length: 79\r\n\r\n"+vectorBody)
		if _, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil {
			t.Fatalf("%s: read the answer: %v", target, err)
		}
		conn.Close()
		if err := <-verdict; err != nil {
			t.Errorf("%s: got %v, want it to verify", target, err)
		}
	}
}

// The goal is that keys are read in whatever form a bank hands them over.
func TestKeysAreReadInEveryForm(t *testing.T) {
	t.Parallel()
	forms := keyForms(t)
	want := publicKey(t, forms["SPKI, one line"])
	for name, text := range forms {
		got, err := sign.ParsePublic(text)
		if err != nil || !got.Equal(want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, text := range []string{"", "abc", base64.StdEncoding.EncodeToString([]byte("no key")),
		"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"} {
		if _, err := sign.ParsePublic(text); err == nil {
			t.Errorf("%q: got a key", text)
		}
	}
}

// The goal is that no header breaks the reader, and that what it reads is within its promises.
func FuzzHeader(f *testing.F) {
	f.Add("algorithm=RSA256,keyVersion=1,signature=" + vectorEscaped)
	f.Add("algorithm=RSA256, keyVersion=1, signature=" + vectorURL)
	f.Add("signature=%2,keyVersion=")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := sign.ParseHeader(text)
		if err != nil {
			return
		}
		if h.Value == "" || h.Version < -1 || h.Algorithm != sign.Algorithm {
			t.Errorf("%q: read as %+v", text, h)
		}
		raw, err := sign.Bytes(h.Value)
		if err != nil {
			return
		}
		again, err := sign.ParseHeader(sign.FormatHeader(max(h.Version, 0), raw))
		if err != nil {
			t.Fatalf("written anew it does not read: %v", err)
		}
		if back, err := sign.Bytes(again.Value); err != nil || string(back) != string(raw) {
			t.Errorf("written anew it reads as other bytes: %v", err)
		}
	})
}
