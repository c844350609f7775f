package upstream

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"watari/connect/alipayplus/call"
	"watari/kit/seal"
	"watari/pay/party"
)

// Credentials are what the other network gave us, and our key there.
type Credentials struct {
	ClientID   string `json:"client_id"`   // as we name ourselves in what we sign
	AcquirerID string `json:"acquirer_id"` // as the other network names us in what it answers
	// KeyVersion is the version under which the other network knows our key.
	KeyVersion int    `json:"key_version"`
	PrivateKey []byte `json:"private_key"` // Base64 of PKCS #8 in DER; RSA, 2048 bits
	// NetworkKeys are the other network's public keys by version: Base64 of
	// SubjectPublicKeyInfo in DER.
	NetworkKeys map[string][]byte `json:"network_keys"`
	// NetworkClientID is how the other network names itself in its notices; "" when it uses our
	// own client id, as its documents have it.
	NetworkClientID string `json:"network_client_id,omitempty"`
}

// String says what it is and nothing of what is in it.
func (Credentials) String() string { return "upstream credentials" }

// GoString says no more than String.
func (c Credentials) GoString() string { return c.String() }

// Validate names the first field that cannot be right. It never repeats a value.
func (c Credentials) Validate() error {
	_, err := identify(c)
	return err
}

// identity is parsed credentials. It is safe for concurrent use.
type identity struct {
	Credentials
	signer seal.Signer
	keys   map[int]*rsa.PublicKey
	print  [sha256.Size]byte // of the credentials that it was made of
}

// identify parses credentials.
func identify(c Credentials) (*identity, error) {
	switch {
	case !isID(c.ClientID):
		return nil, errors.New("client_id is missing, or not 1 to 64 printable signs")
	case !isID(c.AcquirerID):
		return nil, errors.New("acquirer_id is missing, or not 1 to 64 printable signs")
	case c.NetworkClientID != "" && !isID(c.NetworkClientID):
		return nil, errors.New("network_client_id is not 1 to 64 printable signs")
	case c.KeyVersion < 0:
		return nil, errors.New("key_version is negative")
	case len(c.NetworkKeys) == 0:
		return nil, errors.New("network_keys is empty")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		return nil, errors.New("private_key is not Base64 of a PKCS #8 key")
	}
	private, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("private_key is not an RSA key")
	}
	i := &identity{Credentials: c, keys: map[int]*rsa.PublicKey{}}
	if i.signer, err = seal.NewSigner(private, c.KeyVersion); err != nil {
		return nil, fmt.Errorf("private_key: %w", err)
	}
	for version, der := range c.NetworkKeys {
		n, err := strconv.Atoi(version)
		if err != nil || n < 0 {
			return nil, errors.New("network_keys has a version that is no number")
		}
		public, err := x509.ParsePKIXPublicKey(der)
		key, ok := public.(*rsa.PublicKey)
		if err != nil || !ok {
			return nil, fmt.Errorf("network_keys: version %d is not Base64 of an RSA key", n)
		}
		i.keys[n] = key
	}
	return i, nil
}

func isID(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// Current is our key as the other network knows it (call.Signers).
func (i *identity) Current(time.Time) (seal.Signer, error) { return i.signer, nil }

// errVersion says that an answer names a key that the credentials do not have.
var errVersion = errors.New("the other network has no key of this version")

// Keys finds a key of the other network (call.Keys).
func (i *identity) Keys(_ context.Context, no int64, version int) (
	*party.Key, *rsa.PublicKey, error,
) {
	key := i.keys[version]
	if key == nil {
		return nil, nil, errVersion
	}
	return &party.Key{ParticipantNo: no, Version: version}, key, nil
}

// caller is an identity with its connections.
type caller struct {
	*identity
	*call.Caller
}

// callers keep what was parsed of each network's credentials until they change.
type callers struct {
	credentials func(issuerID string) (Credentials, error)
	skew        time.Duration

	mu   sync.Mutex
	kept map[string]*caller
}

// of returns how a network is called.
func (cs *callers) of(issuerID string) (*caller, error) {
	c, err := cs.credentials(issuerID)
	if err != nil {
		return nil, fmt.Errorf("find the credentials of %s: %w", issuerID, err)
	}
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	print := sha256.Sum256(raw)
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if was := cs.kept[issuerID]; was != nil {
		if was.print == print {
			return was, nil
		}
		was.Close()
	}
	i, err := identify(c)
	if err != nil {
		return nil, fmt.Errorf("read the credentials of %s: %w", issuerID, err)
	}
	i.print = print
	fresh := &caller{i, call.New(call.Config{Signers: i, Keys: i, Skew: cs.skew})}
	cs.kept[issuerID] = fresh
	return fresh, nil
}

// close ends idle connections.
func (cs *callers) close() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, c := range cs.kept {
		c.Close()
	}
}
