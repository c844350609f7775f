package paypay

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"watari/connect/paypay/sign"
	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/kit/id"
	"watari/sandbox/wallet"
)

const (
	// bodyMax is the longest message that is read, in bytes.
	bodyMax = 64 << 10
	// noncesMax is how many nonces are remembered.
	noncesMax = 1 << 18
)

// answer is what a call is told. created makes a success 201, mode spoils it.
type answer struct {
	code    wire.Code
	data    any
	created bool
	mode    wallet.Mode
}

// refuse is an answer without data.
func refuse(c wire.Code) answer { return answer{code: c} }

// nonces remembers those that were used.
type nonces struct {
	mu   sync.Mutex
	used map[string]time.Time
}

// use tells whether a nonce is new, and uses it up.
func (n *nonces) use(nonce string, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if at, used := n.used[nonce]; used && now.Sub(at) <= 2*sign.Window {
		return false
	}
	if len(n.used) >= noncesMax {
		clear(n.used)
	}
	n.used[nonce] = now
	return true
}

// admit tells whether a request is the merchant's (S1).
func (f *Front) admit(r *http.Request, body []byte) bool {
	now := clock.Now()
	h, err := sign.ParseHeader(r.Header.Get("Authorization"))
	if err != nil || h.Key != f.secrets.APIKey {
		return false
	}
	err = sign.Verify(f.secrets.APISecret, h, sign.Message{Method: r.Method,
		Path: r.URL.EscapedPath(), ContentType: r.Header.Get("Content-Type"), Body: body}, now)
	if err != nil {
		f.log.Debug("wallet: a call that is not the merchant's", "path", r.URL.Path,
			"error", err)
		return false
	}
	merchant := r.Header.Get(sign.HeaderMerchant)
	if q := r.URL.Query(); q.Has(wire.QueryMerchant) {
		merchant = q.Get(wire.QueryMerchant)
	}
	if merchant != "" && merchant != f.secrets.MerchantID {
		return false
	}
	return f.nonces.use(h.Nonce, now)
}

// call wraps what answers one kind of call: it admits, answers in the envelope, and misbehaves as
// the mode says.
func (f *Front) call(do func(r *http.Request, body []byte) (answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMax))
		a := refuse(wire.InvalidRequest)
		switch {
		case err != nil:
		case !f.admit(r, body):
			a = refuse(wire.Unauthorised)
		case r.Method == http.MethodPost && !isJSON(r.Header.Get("Content-Type")):
		default:
			a = f.done(r, body, do)
		}
		f.wallet.Behave(r.Context(), a.mode)
		status, text := wire.EncodeReply(a.code, a.data, a.created)
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		w.Header().Set(sign.HeaderRequest, id.New("req", 0))
		w.WriteHeader(status)
		if _, err := w.Write(text); err != nil {
			f.log.Debug("wallet: the network went away", "error", err)
		}
	}
}

// isJSON tells whether a content type is JSON's, whatever follows it.
func isJSON(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(media), "application/json")
}

// done makes the answer to a call that is the merchant's.
func (f *Front) done(
	r *http.Request, body []byte, do func(*http.Request, []byte) (answer, error),
) answer {
	a, err := do(r, body)
	if refused := new(wire.Refused); errors.As(err, &refused) {
		f.log.Debug("wallet: a call is refused", "path", r.URL.Path, "error", refused)
		return refuse(refused.Code)
	}
	if err != nil && r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // nobody waits for an answer, and nothing was done
	}
	if err != nil {
		f.log.Error("wallet: serve a call", "path", r.URL.Path, "error", err)
		return refuse(wire.InternalError)
	}
	return a
}

// idOf reads an id in a path.
func idOf(r *http.Request, name string) (string, error) {
	text := r.PathValue(name)
	if !wire.IsID(text) {
		return "", &wire.Refused{Code: wire.InvalidRequest, Field: name, Text: "is not an id"}
	}
	return text, nil
}
