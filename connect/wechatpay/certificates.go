package wechatpay

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"watari/connect/wechatpay/wire"
	"watari/pay/link"
)

// nonceLen is the length of the nonce of a sealed text, in bytes.
const nonceLen = 12

// unseal opens a text that the network sealed for us.
//
// Errors: a form other than wire.Algorithm with a nonce of 12 bytes; another key; a text that
// was changed.
func unseal(a *account, s *wire.Sealed) (string, error) {
	switch {
	case s == nil || s.Algorithm != wire.Algorithm:
		return "", fmt.Errorf("the text is not sealed with %s", wire.Algorithm)
	case len(s.Nonce) != nonceLen:
		return "", fmt.Errorf("the nonce has not %d bytes", nonceLen)
	}
	text, err := utils.DecryptAES256GCM(a.APIv3Key, s.AssociatedData, s.Nonce, s.Ciphertext)
	if err != nil {
		return "", fmt.Errorf("open the sealed text: %w", err)
	}
	return text, nil
}

// Certificates fetches the network's certificates of a wallet and believes them from now on. It
// is called as well when a signature names a serial that is not known.
//
// The answer is signed with one of the certificates that it holds. What makes it believed is that
// each is sealed with the APIv3 key, which only we and the network have; the signature is checked
// after.
//
// Errors: as for every call; an answer that is not the list.
func (c *Client) Certificates(ctx context.Context, to link.Endpoint) ([]*x509.Certificate, error) {
	r, err := c.keys.of(to.IssuerID)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.config.CallMax)
	defer cancel()
	return c.certificates(ctx, to, r)
}

func (c *caller) certificates(
	ctx context.Context, to link.Endpoint, r *ring,
) ([]*x509.Certificate, error) {
	res, err := c.send(ctx, to, r, http.MethodGet, pathCertificates, nil)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := bounded(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the answer is HTTP %d", res.StatusCode)
	}
	list, err := opened(r.account, body)
	if err != nil {
		return nil, err
	}
	trial := &ring{account: r.account}
	trial.adopt(list)
	if err := believe(ctx, verifier{ring: trial}, res, body); err != nil {
		return nil, err
	}
	r.adopt(list)
	return list, nil
}

// opened reads the list of certificates.
func opened(a *account, body []byte) ([]*x509.Certificate, error) {
	var answer wire.Certificates
	if err := wire.Decode(body, &answer); err != nil {
		return nil, err
	}
	var list []*x509.Certificate
	for i := range answer.Data {
		text, err := unseal(a, &answer.Data[i].Sealed)
		if err != nil {
			return nil, err
		}
		cert, err := certificateOf(text)
		if err != nil {
			return nil, err
		}
		if !strings.EqualFold(utils.GetCertificateSerialNumber(*cert), answer.Data[i].SerialNo) {
			return nil, errors.New("a certificate has another serial than the list says")
		}
		list = append(list, cert)
	}
	if len(list) == 0 {
		return nil, errors.New("the list of certificates is empty")
	}
	return list, nil
}
