package wechatpay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/wechatpay-apiv3/wechatpay-go/core/auth"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/credentials"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/validators"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"

	"watari/connect/wechatpay/wire"
	"watari/kit/outbound"
	"watari/pay/link"
)

// answerMax is the longest answer that is read, in bytes; statements have a limit of their own.
const answerMax = 256 << 10

// caller sends signed requests and believes signed answers only. It is safe for concurrent use.
type caller struct {
	keys *keyring
	http *http.Client
}

func newCaller(k *keyring) caller {
	return caller{keys: k, http: outbound.New(outbound.Options{})}
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
func bounded(from io.Reader) ([]byte, error) { return outbound.Read(from, answerMax) }

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
	by := credentials.WechatPayCredentials{Signer: signer{r.account}}
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
		return nil, fmt.Errorf("call: %w", outbound.WithoutURL(err))
	}
	return res, nil
}

// signer signs with our key, by kit/seal; it is the official library's auth.Signer.
type signer struct{ *account }

// Sign signs the text of a request.
func (s signer) Sign(_ context.Context, text string) (*auth.SignatureResult, error) {
	signature, err := s.sign(text)
	if err != nil {
		return nil, err
	}
	return &auth.SignatureResult{MchID: s.MchID, CertificateSerialNo: s.SerialNo,
		Signature: signature}, nil
}

// Algorithm is what the header names.
func (signer) Algorithm() string { return "SHA256-RSA2048" }
