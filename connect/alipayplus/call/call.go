package call

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"watari/connect/alipayplus/sign"
	"watari/connect/alipayplus/wire"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/outbound"
	"watari/kit/seal"
	"watari/pay/party"
)

// Signers gives the network's private key that may be used at a time; *seal.Signers does.
type Signers interface {
	Current(t time.Time) (seal.Signer, error)
}

// Keys gives the public keys of participants by version; *party.Directory does. A key that is
// not known, or not valid now, is a fault (party.ErrKeyUnknown).
type Keys interface {
	Keys(ctx context.Context, participantNo int64, version int) (
		*party.Key, *rsa.PublicKey, error)
}

// AnswerMax is the longest answer that is read, in bytes.
const AnswerMax = 1 << 20

// Config is what a Caller is made of. Signers and Keys are required.
type Config struct {
	Signers Signers
	Keys    Keys
	Skew    time.Duration // how far an answer's time may be from ours; 0 is sign.Skew
	// Guard, when there is one, refuses addresses (HOST:PORT) before they are dialled.
	Guard func(address string) error
	// Dial opens connections; nil is the network. Guard does not see what Dial opens.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Caller sends signed requests and believes signed answers only. It is safe for concurrent use.
type Caller struct {
	signers Signers
	keys    Keys
	skew    time.Duration
	http    *http.Client
}

// New makes a Caller. It panics when a required field is missing.
func New(c Config) *Caller {
	check.That(c.Signers != nil && c.Keys != nil, "call: signers or keys are missing")
	if c.Skew == 0 {
		c.Skew = sign.Skew
	}
	return &Caller{signers: c.Signers, keys: c.Keys, skew: c.Skew,
		http: outbound.New(outbound.Options{Guard: c.Guard, Dial: c.Dial})}
}

// Close ends idle connections.
func (c *Caller) Close() { c.http.CloseIdleConnections() }

// Target is who is called.
type Target struct {
	ParticipantNo int64  // whose keys sign the answer
	ClientID      string // as which the request is signed
	URL           string
}

// Post sends a body and returns the body of the answer, verified. Every error means that nothing
// is known of what the other side did.
func (c *Caller) Post(ctx context.Context, to Target, body []byte) ([]byte, error) {
	u, err := url.Parse(to.URL)
	if err != nil || u.Host == "" {
		return nil, errors.New("the address is not a URL")
	}
	if u.Path == "" {
		u.Path = "/"
	}
	req, err := c.request(ctx, u, to.ClientID, body)
	if err != nil {
		return nil, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("call: %w", outbound.WithoutURL(err))
	}
	defer res.Body.Close()
	answer, err := outbound.Read(res.Body, AnswerMax)
	switch {
	case err != nil:
		return nil, err
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("the answer is HTTP %d", res.StatusCode)
	}
	return answer, c.believe(ctx, to, u.Path, res.Header, answer)
}

func (c *Caller) request(
	ctx context.Context, u *url.URL, clientID string, body []byte,
) (*http.Request, error) {
	now := clock.Now()
	by, err := c.signers.Current(now)
	if err != nil {
		return nil, fmt.Errorf("find our signing key: %w", err)
	}
	at := wire.FormatTime(now)
	header, err := sign.Sign(by, sign.Message{Method: http.MethodPost, Path: u.Path,
		ClientID: clientID, At: at, Body: body})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(),
		bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the address cannot be called")
	}
	req.Header.Set("Content-Type", "application/json; charset=UTF-8")
	req.Header.Set(sign.HeaderClient, clientID)
	req.Header.Set(sign.HeaderRequestTime, at)
	req.Header.Set(sign.HeaderSignature, header)
	req.Header.Set("User-Agent", "watari")
	return req, nil
}

// believe checks that an answer was signed by whom we called, for us, and just now.
func (c *Caller) believe(
	ctx context.Context, to Target, path string, h http.Header, answer []byte,
) error {
	header, err := sign.ParseHeader(h.Get(sign.HeaderSignature))
	if err != nil {
		return fmt.Errorf("the answer is not signed: %w", err)
	}
	if echo := h.Get(sign.HeaderClient); echo != "" && echo != to.ClientID {
		return errors.New("the answer is for another client id")
	}
	if header.Version < 0 {
		return fmt.Errorf("the answer is not signed: %w", sign.ErrVersion)
	}
	_, key, err := c.keys.Keys(ctx, to.ParticipantNo, header.Version)
	if err != nil {
		return fmt.Errorf("find the key of version %d of the answer: %w", header.Version, err)
	}
	at := h.Get(sign.HeaderResponseTime)
	m := sign.Message{Method: http.MethodPost, Path: path, ClientID: to.ClientID, At: at,
		Body: answer}
	if err := sign.Verify(key, m, header.Value); err != nil {
		return fmt.Errorf("check the answer (expected text has SHA-256 %x): %w",
			sha256.Sum256(m.Content()), err)
	}
	return sign.Fresh(at, clock.Now(), c.skew)
}

// IsHTTP tells whether an address can be called at all.
func IsHTTP(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" &&
		u.User == nil && u.Fragment == "" && !strings.ContainsAny(address, " \t\r\n")
}
