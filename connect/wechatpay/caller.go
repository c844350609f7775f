package wechatpay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/credentials"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/signers"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/validators"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"

	"watari/connect/wechatpay/wire"
	"watari/pay/link"
)

// answerMax is the longest answer that is read, in bytes; statements have a limit of their own.
const answerMax = 256 << 10

// The connection pool. The idle time is shorter than that of common servers, so that a request
// is hardly ever written into a connection that the other side is just closing.
const (
	idleConns = 256
	maxConns  = 1024
	idleTime  = 4 * time.Second
	dialTime  = 3 * time.Second
)

// caller sends signed requests and believes signed answers only. It is safe for concurrent use.
type caller struct {
	keys *keyring
	http *http.Client
}

func newCaller(k *keyring) caller {
	dialer := &net.Dialer{Timeout: dialTime, KeepAlive: 30 * time.Second}
	return caller{keys: k, http: &http.Client{
		Transport: &http.Transport{
			Proxy: nil, DialContext: dialer.DialContext, DisableCompression: true,
			MaxIdleConnsPerHost: idleConns, MaxConnsPerHost: maxConns,
			IdleConnTimeout: idleTime, TLSHandshakeTimeout: dialTime,
			MaxResponseHeaderBytes: 64 << 10,
		},
		// A redirect is an answer like any other: a request is signed for one place.
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}}
}

// reply is an answer whose signature was verified.
type reply struct {
	status int
	body   []byte
}

// call sends one message and returns the answer, whatever its status, once its signature is
// verified. message is nil for GET. Every error means that nothing is known of what the other
// side did.
func (c *caller) call(
	ctx context.Context, to link.Endpoint, method, path string, message any,
) (reply, error) {
	r, err := c.keys.of(to.IssuerID)
	if err != nil {
		return reply{}, err
	}
	res, err := c.send(ctx, to, r, method, path, message)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	body, err := bounded(res.Body)
	if err != nil {
		return reply{}, err
	}
	v := verifier{ring: r, download: func(ctx context.Context) error {
		_, err := c.certificates(ctx, to, r)
		return err
	}}
	if err := believe(ctx, v, res, body); err != nil {
		return reply{}, err
	}
	return reply{status: res.StatusCode, body: body}, nil
}

// bounded reads an answer that must not be longer than answerMax.
func bounded(from io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(from, answerMax+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the answer: %w", err)
	case len(body) > answerMax:
		return nil, fmt.Errorf("the answer is over %d bytes", answerMax)
	}
	return body, nil
}

// believe checks that an answer was signed by the network, over these bytes, within the last
// five minutes.
func believe(ctx context.Context, v verifier, res *http.Response, body []byte) error {
	whole := &http.Response{Header: res.Header, Body: io.NopCloser(bytes.NewReader(body))}
	err := validators.NewWechatPayResponseValidator(v).Validate(ctx, whole)
	if err != nil {
		return fmt.Errorf("check the answer, HTTP %d: %w", res.StatusCode, err)
	}
	return nil
}

// send signs and sends one message.
func (c *caller) send(
	ctx context.Context, to link.Endpoint, r *ring, method, path string, message any,
) (*http.Response, error) {
	u, err := url.Parse(to.BaseURL + path)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("the address is not a URL")
	}
	var body []byte
	if message != nil {
		body = wire.Encode(message)
	}
	by := credentials.WechatPayCredentials{Signer: &signers.SHA256WithRSASigner{MchID: r.MchID,
		CertificateSerialNo: r.SerialNo, PrivateKey: r.private}}
	signed, err := by.GenerateAuthorizationHeader(ctx, method, u.RequestURI(), string(body))
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the address cannot be called")
	}
	req.Header.Set(consts.Authorization, signed)
	req.Header.Set(consts.Accept, consts.ApplicationJSON)
	req.Header.Set(consts.ContentType, consts.ApplicationJSON)
	req.Header.Set(consts.UserAgent, "watari")
	if serial := r.believes(); serial != "" {
		req.Header.Set(consts.WechatPaySerial, serial)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("call: %w", withoutURL(err))
	}
	return res, nil
}

// withoutURL drops the address that net/http puts into its errors: it is known, and one may hold
// a secret.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
