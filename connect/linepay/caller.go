package linepay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"watari/connect/linepay/sign"
	"watari/connect/linepay/wire"
	"watari/kit/outbound"
	"watari/pay/link"
)

// answerMax is the longest answer that is read, in bytes.
const answerMax = 256 << 10

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
		return nil, fmt.Errorf("call: %w", outbound.WithoutURL(err))
	}
	defer res.Body.Close()
	answer, err := outbound.Read(res.Body, answerMax)
	switch {
	case err != nil:
		return nil, err
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

// path puts a name into a path.
func path(form, name string) string { return fmt.Sprintf(form, url.PathEscape(name)) }
