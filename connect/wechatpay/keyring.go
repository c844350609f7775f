package wechatpay

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/verifiers"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"watari/connect/wechatpay/wire"
	"watari/kit/clock"
)

// How long one wallet's certificates are not asked for again, after an answer and after none: an
// unknown serial in a forged message must not make us call the network each time.
const (
	fetchPause = time.Minute
	failPause  = 3 * time.Second
)

// errSerial says that nobody we believe has the key that a message names.
var errSerial = errors.New("the serial of the signature is not known")

// keyring holds the parsed keys of the wallets. It is safe for concurrent use.
type keyring struct {
	credentials func(issuerID string) (Credentials, error)

	mu       sync.Mutex
	accounts map[string]*ring
}

// ring is one wallet's keys: our own, and those of the network by serial.
type ring struct {
	*account
	fetching chan struct{} // holds a value while certificates are fetched

	mu     sync.Mutex
	certs  map[string]*x509.Certificate
	newest string    // serial
	fetch  time.Time // from when on certificates may be asked for
}

func newKeyring(from func(issuerID string) (Credentials, error)) *keyring {
	return &keyring{credentials: from, accounts: map[string]*ring{}}
}

// of returns a wallet's keys, parsed once for as long as the credentials stay the same.
func (k *keyring) of(issuerID string) (*ring, error) {
	c, err := k.credentials(issuerID)
	if err != nil {
		return nil, fmt.Errorf("find the credentials of %s: %w", issuerID, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if r := k.accounts[issuerID]; r != nil && r.Credentials == c {
		return r, nil
	}
	a, err := open(c)
	if err != nil {
		return nil, fmt.Errorf("read the credentials of %s: %w", issuerID, err)
	}
	r := &ring{account: a, fetching: make(chan struct{}, 1)}
	r.adopt(a.certified)
	k.accounts[issuerID] = r
	return r, nil
}

// adopt makes certificates the ones that are believed, beside those of the credentials.
func (r *ring) adopt(list []*x509.Certificate) {
	all := append(append([]*x509.Certificate(nil), r.certified...), list...)
	certs := make(map[string]*x509.Certificate, len(all))
	for _, c := range all {
		certs[utils.GetCertificateSerialNumber(*c)] = c
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.certs, r.newest = certs, core.NewCertificateMap(certs).GetNewestSerial(context.Background())
}

// certificate returns the certificate of a serial that is valid now, or nil.
func (r *ring) certificate(serial string) *x509.Certificate {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.certs[strings.ToUpper(serial)]
	if c == nil || !utils.IsCertificateValid(*c, clock.Now()) {
		return nil
	}
	return c
}

// believes is the serial that we ask the network to sign with; "" leaves it the choice.
func (r *ring) believes() string {
	if r.PublicKeyID != "" {
		return r.PublicKeyID
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.newest
}

// rest keeps certificates from being asked for until a time.
func (r *ring) rest(until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fetch = until
}

// resting tells whether certificates were asked for a moment ago.
func (r *ring) resting(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return now.Before(r.fetch)
}

// verifier checks signatures of the network for one wallet; it is the official library's
// auth.Verifier. download gets certificates when a serial is not known; nil is nobody to ask.
type verifier struct {
	*ring
	download func(context.Context) error
}

// Verify checks one signature.
//
// Errors: errSerial; the library's.
func (v verifier) Verify(ctx context.Context, serial, message, signature string) error {
	if v.PublicKeyID != "" && serial == v.PublicKeyID {
		return verifiers.NewSHA256WithRSAPubkeyVerifier(serial, *v.public).
			Verify(ctx, serial, message, signature)
	}
	cert, err := v.find(ctx, serial)
	if err != nil {
		return err
	}
	return verifiers.NewSHA256WithRSAVerifier(core.NewCertificateMap(
		map[string]*x509.Certificate{serial: cert})).Verify(ctx, serial, message, signature)
}

// find returns the certificate of a serial, and asks for it when it is not known. In public-key
// mode there are none to ask for.
func (v verifier) find(ctx context.Context, serial string) (*x509.Certificate, error) {
	if cert := v.certificate(serial); cert != nil {
		return cert, nil
	}
	if v.PublicKeyID != "" || v.download == nil ||
		strings.HasPrefix(serial, wire.PublicKeyPrefix) {
		return nil, errSerial
	}
	select {
	case v.fetching <- struct{}{}:
		defer func() { <-v.fetching }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	// Whoever waited may find that another has fetched it.
	if cert := v.certificate(serial); cert != nil {
		return cert, nil
	}
	if v.resting(clock.Now()) {
		return nil, errSerial
	}
	if err := v.download(ctx); err != nil {
		v.rest(clock.Now().Add(failPause))
		return nil, fmt.Errorf("fetch the certificates: %w", err)
	}
	v.rest(clock.Now().Add(fetchPause))
	if cert := v.certificate(serial); cert != nil {
		return cert, nil
	}
	return nil, errSerial
}

// GetSerial returns the serial that we ask the network to sign with.
func (v verifier) GetSerial(context.Context) (string, error) { return v.believes(), nil }
