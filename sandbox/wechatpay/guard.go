package wechatpay

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"watari/connect/wechatpay/wire"
	"watari/kit/clock"
	"watari/kit/id"
)

const (
	// scheme begins the header Authorization.
	scheme = "WECHATPAY2-SHA256-RSA2048"
	// skew is how far a request's time may be from ours.
	skew = 5 * time.Minute
	// bodyMax is the longest message that is read, in bytes.
	bodyMax = 64 << 10
	// noncesMax is how many nonces are remembered.
	noncesMax = 1 << 18
)

// refusal is an answer that is not a success.
type refusal struct {
	status     int
	code, text string
}

// Error returns code and text.
func (r *refusal) Error() string { return r.code + ": " + r.text }

func unsigned(text string) *refusal {
	return &refusal{http.StatusUnauthorized, wire.CodeSign, text}
}

func malformed(format string, args ...any) *refusal {
	return &refusal{http.StatusBadRequest, wire.CodeParam, fmt.Sprintf(format, args...)}
}

// item is one of the named values of an Authorization header.
var item = regexp.MustCompile(`^([a-z_]+)="([^"]*)"$`)

// credential is what an Authorization header says.
type credential struct{ mchid, nonce, timestamp, serial, signature string }

// parse reads an Authorization header: its values stand in any order, each once.
func parse(header string) (credential, error) {
	kind, rest, ok := strings.Cut(header, " ")
	if !ok || kind != scheme {
		return credential{}, fmt.Errorf("the Authorization header is not %s", scheme)
	}
	found := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		m := item.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			return credential{}, errors.New("the Authorization header is malformed")
		}
		if _, twice := found[m[1]]; twice {
			return credential{}, fmt.Errorf("the Authorization header names %s twice", m[1])
		}
		found[m[1]] = m[2]
	}
	for _, name := range []string{"mchid", "nonce_str", "timestamp", "serial_no", "signature"} {
		if found[name] == "" {
			return credential{}, fmt.Errorf("the Authorization header has no %s", name)
		}
	}
	if len(found) != 5 {
		return credential{}, errors.New("the Authorization header has more than it should")
	}
	return credential{found["mchid"], found["nonce_str"], found["timestamp"],
		found["serial_no"], found["signature"]}, nil
}

// nonces remembers those that were used.
type nonces struct {
	mu   sync.Mutex
	used map[string]time.Time
}

// use tells whether a nonce is new, and uses it up.
func (n *nonces) use(nonce string, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if at, used := n.used[nonce]; used && now.Sub(at) <= 2*skew {
		return false
	}
	if len(n.used) >= noncesMax {
		clear(n.used)
	}
	n.used[nonce] = now
	return true
}

// admit reads and believes a request (S1) and returns its body.
func (f *Front) admit(w http.ResponseWriter, r *http.Request) ([]byte, *refusal) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMax))
	if err != nil {
		return nil, malformed("the body cannot be read")
	}
	if r.UserAgent() == "" {
		return nil, malformed("the header User-Agent is missing")
	}
	if accept := r.Header.Get("Accept"); !strings.Contains(accept, "application/json") &&
		!strings.Contains(accept, "*/*") {
		return nil, malformed("the header Accept does not take application/json")
	}
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if r.Method == http.MethodPost && strings.TrimSpace(media) != "application/json" {
		return nil, malformed("the header Content-Type is not application/json")
	}
	c, err := parse(r.Header.Get("Authorization"))
	if err != nil {
		return nil, unsigned(err.Error())
	}
	at, err := strconv.ParseInt(c.timestamp, 10, 64)
	now := clock.Now()
	switch {
	case err != nil || now.Sub(time.Unix(at, 0)).Abs() > skew:
		return nil, unsigned("the timestamp is more than five minutes off")
	case len(c.nonce) > 64:
		return nil, unsigned("the nonce_str is too long")
	case c.serial != f.keys.MerchantSerial:
		return nil, unsigned("the serial_no is not known")
	}
	text := fmt.Sprintf("%s\n%s\n%s\n%s\n%s\n", r.Method, r.URL.RequestURI(), c.timestamp,
		c.nonce, body)
	if !verifies(f.keys.merchant, text, c.signature) {
		return nil, unsigned("the signature does not verify")
	}
	if !f.nonces.use(c.nonce, now) {
		return nil, unsigned("the nonce_str was used before")
	}
	if c.mchid != f.keys.MchID {
		return nil, &refusal{http.StatusForbidden, wire.CodeNoAuth, "the mchid is another's"}
	}
	return body, nil
}

// reply signs and writes an answer (S3). well false signs it with a key of nobody.
func (f *Front) reply(
	w http.ResponseWriter, r *http.Request, status int, body []byte, well bool,
) {
	h := w.Header()
	h.Set("Request-Id", id.New("req", 0))
	h.Set("Content-Type", "application/json; charset=utf-8")
	f.stamp(h, r.Header.Get("Wechatpay-Serial"), body, well)
	w.WriteHeader(status)
	w.Write(body)
}

// stamp signs a body into headers: with the public key when the other side asked for it, else with
// the certificate.
func (f *Front) stamp(h http.Header, asked string, body []byte, well bool) {
	serial := f.keys.serial
	if asked == f.keys.PublicKeyID {
		serial = f.keys.PublicKeyID
	}
	at, nonce := strconv.FormatInt(clock.Now().Unix(), 10), id.Secret(16)
	text := fmt.Sprintf("%s\n%s\n%s\n", at, nonce, body)
	if !well {
		text = "not " + text
	}
	h.Set("Wechatpay-Timestamp", at)
	h.Set("Wechatpay-Nonce", nonce)
	h.Set("Wechatpay-Serial", serial)
	h.Set("Wechatpay-Signature", sign(f.keys.platform, text))
	h.Set("Wechatpay-Signature-Type", scheme)
}
