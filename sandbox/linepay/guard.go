package linepay

import (
	"crypto/hmac"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"sync"
	"time"

	"watari/connect/linepay/sign"
	"watari/connect/linepay/wire"
	"watari/kit/clock"
	"watari/sandbox/wallet"
)

const (
	// bodyMax is the longest body that is read, in bytes.
	bodyMax = 64 << 10
	// nonceLife is how long a nonce is remembered.
	nonceLife = 10 * time.Minute
	// nonceMax is the longest nonce that is taken, in characters.
	nonceMax = 64
)

// answer is what a call comes to: a code with its info, and how to misbehave about it.
type answer struct {
	code wire.Code
	text string // "" for the code's own
	info any
	mode wallet.Mode
}

func refuse(code wire.Code) answer { return answer{code: code} }

// parameter refuses a member of a body.
func parameter(text string) answer { return answer{code: wire.CodeParameter, text: text} }

func done(info any) answer { return answer{code: wire.CodeOK, info: info} }

// serve is one call of the protocol. An error is the wallet's own trouble.
type serve func(r *http.Request, body []byte) (answer, error)

// signed serves a call that carries an HMAC (L2).
func (f *Front) signed(do serve) http.HandlerFunc {
	return f.guarded(do, func(r *http.Request, body []byte) wire.Code {
		nonce := r.Header.Get(sign.HeaderNonce)
		m := sign.Message{Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery,
			Body: body, Nonce: nonce}
		if nonce == "" || len(nonce) > nonceMax ||
			!sign.Verify(f.secrets.ChannelSecret, m, r.Header.Get(sign.HeaderMAC)) ||
			!f.nonces.fresh(nonce, clock.Now()) {
			return wire.CodeHeader
		}
		return wire.CodeOK
	})
}

// trusted serves a call that carries the secret itself (offline API v2).
func (f *Front) trusted(do serve) http.HandlerFunc {
	return f.guarded(do, func(r *http.Request, _ []byte) wire.Code {
		if !hmac.Equal([]byte(r.Header.Get(sign.HeaderSecret)), []byte(f.secrets.ChannelSecret)) {
			return wire.CodeHeader
		}
		return wire.CodeOK
	})
}

func (f *Front) guarded(do serve, believe func(*http.Request, []byte) wire.Code,
) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMax))
		if err != nil {
			f.write(w, r, refuse(wire.CodeJSON))
			return
		}
		code := wire.CodeOK
		switch channel := r.Header.Get(sign.HeaderChannel); {
		case channel == "":
			code = wire.CodeHeader
		case channel != f.secrets.ChannelID:
			code = wire.CodeNoMerchant
		default:
			code = believe(r, body)
		}
		if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); code ==
			wire.CodeOK && r.Method == http.MethodPost && (err != nil || media !=
			"application/json") {
			code = wire.CodeHeader
		}
		if code != wire.CodeOK {
			f.write(w, r, refuse(code))
			return
		}
		a, err := do(r, body)
		if err != nil && r.Context().Err() != nil {
			panic(http.ErrAbortHandler) // nobody waits for an answer, and nothing was done
		}
		if err != nil {
			f.log.Error("wallet: serve a call", "path", r.Pattern, "error", err)
			a = refuse(wire.CodeInternal)
		}
		f.write(w, r, a)
	}
}

// write writes an answer, or misbehaves as its mode says. Answers carry no signature, so a bad
// one is an answer that says nothing.
func (f *Front) write(w http.ResponseWriter, r *http.Request, a answer) {
	if !f.wallet.Behave(r.Context(), a.mode) {
		a = refuse(wire.CodeInternal)
	}
	if a.text == "" {
		a.text = textFor(a.code)
	}
	text, err := wire.Encode(map[string]any{"returnCode": a.code, "returnMessage": a.text,
		"info": a.info})
	if a.info == nil {
		text, err = wire.Encode(wire.Answer[wire.Nothing]{Code: a.code, Message: a.text})
	}
	if err != nil {
		f.log.Error("wallet: write an answer", "error", err)
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	if _, err := w.Write(text); err != nil {
		f.log.Debug("wallet: the network went away", "error", err)
	}
}

// read reads the JSON object of a body; the answer is nil when it is one.
func read(body []byte, into any) *answer {
	err := wire.Decode(body, into)
	if err == nil {
		return nil
	}
	a := refuse(wire.CodeJSON)
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		a = parameter(kind.Field + " is malformed")
	}
	return &a
}

// nonces remembers what was used.
type nonces struct {
	mu    sync.Mutex
	seen  map[string]time.Time
	swept time.Time
}

// fresh takes a nonce; false when it was taken before.
func (n *nonces) fresh(nonce string, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now.Sub(n.swept) > nonceLife {
		kept := map[string]time.Time{}
		for old, at := range n.seen {
			if now.Sub(at) <= nonceLife {
				kept[old] = at
			}
		}
		n.seen, n.swept = kept, now
	}
	if _, used := n.seen[nonce]; used {
		return false
	}
	n.seen[nonce] = now
	return true
}
