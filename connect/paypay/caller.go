package paypay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"watari/connect/paypay/sign"
	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/kit/id"
	"watari/kit/outbound"
	"watari/pay/link"
)

// answerMax is the longest answer that is read, in bytes.
const answerMax = 256 << 10

// contentType is sent and signed, byte by byte the same.
const contentType = "application/json"

// nonceBytes is how much chance is in a nonce.
const nonceBytes = 16

// exchange is one conversation with one wallet on behalf of one merchant, within one time.
type exchange struct {
	client *Client
	to     link.Endpoint
	by     Credentials
}

// begin finds who we are to a wallet.
func (c *Client) begin(to link.Endpoint) (*exchange, error) {
	by, err := identity(c.config.Credentials, to.IssuerID)
	if err != nil {
		return nil, err
	}
	return &exchange{c, to, by}, nil
}

func (x *exchange) get(ctx context.Context, path string, q url.Values) (wire.Reply, error) {
	return x.send(ctx, http.MethodGet, path, q, nil)
}

func (x *exchange) del(ctx context.Context, path string) (wire.Reply, error) {
	return x.send(ctx, http.MethodDelete, path, nil, nil)
}

func (x *exchange) post(ctx context.Context, path string, m any) (wire.Reply, error) {
	return x.send(ctx, http.MethodPost, path, nil, wire.Encode(m))
}

// send makes one call. Every error means that nothing is known of what PayPay did.
func (x *exchange) send(
	ctx context.Context, method, path string, query url.Values, body []byte,
) (wire.Reply, error) {
	req, err := x.request(ctx, method, path, query, body)
	if err != nil {
		return wire.Reply{}, err
	}
	res, err := x.client.http.Do(req)
	if err != nil {
		return wire.Reply{}, fmt.Errorf("call: %w", outbound.WithoutURL(err))
	}
	defer res.Body.Close()
	answer, err := outbound.Read(res.Body, answerMax)
	if err != nil {
		return wire.Reply{}, err
	}
	r, err := wire.ParseReply(res.StatusCode, answer)
	if err != nil {
		return r, fmt.Errorf("read the answer, HTTP %d: %w", res.StatusCode, err)
	}
	return r, nil
}

func (x *exchange) request(
	ctx context.Context, method, path string, query url.Values, body []byte,
) (*http.Request, error) {
	u, err := url.Parse(x.to.BaseURL + path)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("the wallet's address is not a URL")
	}
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the wallet's address cannot be called")
	}
	m := sign.Message{Method: method, Path: u.EscapedPath(), Body: body,
		Nonce: id.Secret(nonceBytes), Epoch: clock.Now().Unix()}
	if len(body) > 0 {
		m.ContentType = contentType
		req.Header.Set("Content-Type", contentType)
	}
	req.Header.Set("Authorization", sign.Sign(x.by.APIKey, x.by.APISecret, m))
	req.Header.Set(sign.HeaderMerchant, x.by.MerchantID)
	req.Header.Set("User-Agent", "watari")
	return req, nil
}
