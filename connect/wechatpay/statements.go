package wechatpay

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"

	"watari/connect/wechatpay/wire"
	"watari/kit/clock"
	"watari/pay/link"
)

// statementMax is the longest statement that is taken by itself, in bytes.
const statementMax = 1 << 30

// headerDigest is the header with the digest of a statement.
const headerDigest = "Wechatpay-Statement-Sha1"

// ErrStatement says that a statement was not proved: what was written must not be used.
var ErrStatement = errors.New("the statement is not proved to be the network's")

// ErrNoStatement says that the network has no statement for the day.
var ErrNoStatement = errors.New("the network has no statement for the day")

// Statement writes the network's statement of a day, as it comes, to w: text with commas, the
// first row is the header, the last two are sums. It is not held in memory, and may be written
// before it is known to be complete: only a nil error makes it usable. ctx alone bounds how long
// it may take. day counts in UTC+8.
//
// It is proved by the signature over the whole of it; where the network does not send one, by the
// digest that it sends, which proves that it is complete and leaves the rest to TLS.
//
// Errors: ErrStatement, ErrNoStatement; one that is over ClientConfig.StatementMax; those of w.
func (c *Client) Statement(
	ctx context.Context, to link.Endpoint, day time.Time, w io.Writer,
) (int64, error) {
	keys, err := c.keys.of(to.IssuerID)
	if err != nil {
		return 0, err
	}
	res, err := c.send(ctx, to, keys, http.MethodGet, fmt.Sprintf(pathStatements,
		day.In(clock.CST).Format("20060102"), keys.query()), nil)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	v := verifier{ring: keys, download: func(ctx context.Context) error {
		_, err := c.certificates(ctx, to, keys)
		return err
	}}
	if res.StatusCode != http.StatusOK {
		return 0, noStatement(ctx, v, res)
	}
	p := newProof(res.Header)
	n, err := io.Copy(io.MultiWriter(w, p.signed, p.digest),
		io.LimitReader(res.Body, c.config.StatementMax+1))
	switch {
	case err != nil:
		return n, fmt.Errorf("read the statement: %w", err)
	case n > c.config.StatementMax:
		return n, fmt.Errorf("the statement is over %d bytes", c.config.StatementMax)
	}
	return n, p.check(ctx, v, res.Header)
}

// noStatement reads why there is none.
func noStatement(ctx context.Context, v verifier, res *http.Response) error {
	body, err := bounded(res.Body)
	if err != nil {
		return err
	}
	if err := believe(ctx, v, res, body); err != nil {
		return err
	}
	said, code := failed(reply{status: res.StatusCode, body: body}, codes)
	if said.noSuch || squeezed(code) == "NOSTATEMENTEXIST" {
		return ErrNoStatement
	}
	return fmt.Errorf("the wallet says HTTP %d %s", res.StatusCode, code)
}

// proof sums a statement up while it passes.
type proof struct {
	signed hash.Hash // over what a signature covers
	digest hash.Hash // over the statement
}

// newProof begins the text that is signed: time, nonce, body, each with a line feed.
func newProof(h http.Header) proof {
	p := proof{signed: sha256.New(), digest: sha1.New()}
	fmt.Fprintf(p.signed, "%s\n%s\n", h.Get(consts.WechatPayTimestamp),
		h.Get(consts.WechatPayNonce))
	return p
}

func (p proof) check(ctx context.Context, v verifier, h http.Header) error {
	if h.Get(consts.WechatPaySignature) == "" {
		return p.complete(h.Get(headerDigest))
	}
	at, err := strconv.ParseInt(h.Get(consts.WechatPayTimestamp), 10, 64)
	if err != nil || clock.Now().Sub(time.Unix(at, 0)).Abs() > consts.FiveMinute*time.Second {
		return fmt.Errorf("%w: it was not signed just now", ErrStatement)
	}
	signature, err := base64.StdEncoding.DecodeString(h.Get(consts.WechatPaySignature))
	if err != nil {
		return fmt.Errorf("%w: its signature is not Base64", ErrStatement)
	}
	key, err := v.key(ctx, h.Get(consts.WechatPaySerial))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrStatement, err)
	}
	p.signed.Write([]byte("\n"))
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, p.signed.Sum(nil), signature) != nil {
		return fmt.Errorf("%w: its signature is wrong", ErrStatement)
	}
	return nil
}

// complete compares with a digest in hexadecimal or in Base64.
func (p proof) complete(said string) error {
	sum := p.digest.Sum(nil)
	if told, err := base64.StdEncoding.DecodeString(said); err == nil && bytes.Equal(told, sum) ||
		strings.EqualFold(said, hex.EncodeToString(sum)) {
		return nil
	}
	return fmt.Errorf("%w: it has neither a signature nor the right digest", ErrStatement)
}

// key returns the public key of a serial.
func (v verifier) key(ctx context.Context, serial string) (*rsa.PublicKey, error) {
	if strings.HasPrefix(serial, wire.PublicKeyPrefix) {
		if serial != v.PublicKeyID {
			return nil, errSerial
		}
		return v.public, nil
	}
	cert, err := v.find(ctx, serial)
	if err != nil {
		return nil, err
	}
	return cert.PublicKey.(*rsa.PublicKey), nil // see certificateOf
}
