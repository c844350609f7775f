package linepay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"watari/connect/linepay/sign"
	"watari/connect/linepay/wire"
	"watari/pay/link"
)

// answerMax is the longest answer that is read, in bytes.
const answerMax = 256 << 10

// The size of the connection pool of one host, and its times. The idle time is shorter than that
// of common servers, so that a request is hardly ever written into a connection that the other
// side is just closing.
const (
	idleConns = 256
	maxConns  = 1024
	idleTime  = 4 * time.Second
	dialTime  = 3 * time.Second
)

func newHTTP() *http.Client {
	dialer := &net.Dialer{Timeout: dialTime, KeepAlive: 30 * time.Second}
	return &http.Client{
		Transport: &http.Transport{
			Proxy: nil, DialContext: dialer.DialContext, DisableCompression: true,
			MaxIdleConnsPerHost: idleConns, MaxConnsPerHost: maxConns,
			IdleConnTimeout: idleTime, TLSHandshakeTimeout: dialTime,
			MaxResponseHeaderBytes: 64 << 10,
		},
		// A redirect is an answer that is not HTTP 200: a request is signed for one place.
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

// call is one request. Its path may hold a secret and is never part of an error.
type call struct {
	method, path, query string
	body                any  // of a POST; nil is none
	plain               bool // the secret in a header instead of a MAC
}

func get(path, query string) call { return call{method: http.MethodGet, path: path, query: query} }

func post(path string, body any) call {
	return call{method: http.MethodPost, path: path, body: body}
}

// offline makes a call one of the offline API, whose version is a setting.
func (c call) offline(k Credentials) call {
	c.path, c.plain = k.offline()+c.path, k.Offline == OfflineV2
	return c
}

// ask sends a call and reads the answer's envelope. An error means that nothing is known of what
// LINE Pay did.
func ask[T any](ctx context.Context, c *Client, to link.Endpoint, k Credentials, one call) (
	wire.Answer[T], error,
) {
	body, err := c.send(ctx, to, k, one)
	if err != nil {
		return wire.Answer[T]{}, err
	}
	a, err := wire.DecodeAnswer[T](body)
	if err != nil {
		return a, fmt.Errorf("read the answer: %w", err)
	}
	return a, nil
}

// send returns the body of an answer that is HTTP 200.
func (c *Client) send(ctx context.Context, to link.Endpoint, k Credentials, one call) (
	[]byte, error,
) {
	req, err := request(ctx, to.BaseURL, k, one)
	if err != nil {
		return nil, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("call: %w", withoutURL(err))
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, answerMax+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the answer: %w", err)
	case len(answer) > answerMax:
		return nil, fmt.Errorf("the answer is over %d bytes", answerMax)
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("the answer is HTTP %d", res.StatusCode)
	}
	return answer, nil
}

// request makes the HTTP request of a call, signed.
func request(ctx context.Context, base string, k Credentials, one call) (*http.Request, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("the wallet's address is not a URL")
	}
	address := base + one.path
	if one.query != "" {
		address += "?" + one.query
	}
	var body []byte
	if one.body != nil {
		if body, err = wire.Encode(one.body); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, one.method, address, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the wallet's address cannot be called")
	}
	h := req.Header
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "watari")
	h.Set(sign.HeaderChannel, k.ChannelID)
	if one.plain {
		h.Set(sign.HeaderSecret, k.ChannelSecret)
	} else {
		nonce := sign.Nonce()
		h.Set(sign.HeaderNonce, nonce)
		h.Set(sign.HeaderMAC, sign.MAC(k.ChannelSecret, sign.Message{Method: one.method,
			Path: strings.TrimSuffix(u.EscapedPath(), "/") + one.path, Query: one.query, Body: body,
			Nonce: nonce}))
	}
	if k.DeviceProfileID != "" {
		h.Set(sign.HeaderDevice, k.DeviceProfileID)
	}
	if k.DeviceType != "" {
		h.Set(sign.HeaderKind, k.DeviceType)
	}
	return req, nil
}

// withoutURL drops the address that net/http puts into its errors: one of a consent holds its key.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// path puts a name into a path.
func path(form, name string) string { return fmt.Sprintf(form, url.PathEscape(name)) }
