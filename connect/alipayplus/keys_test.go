package alipayplus_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"sync"
	"testing"
	"time"

	"watari/kit/seal"
	"watari/pay/party"
)

// keyPair is one version of somebody's key, both halves.
type keyPair struct {
	signer  seal.Signer
	private *rsa.PrivateKey
	version int
}

func (k *keyPair) public() *rsa.PublicKey { return k.signer.Public() }

// Current makes a keyPair usable where the network's signers are.
func (k *keyPair) Current(time.Time) (seal.Signer, error) { return k.signer, nil }

// keyRing makes each named key once a process: making one takes a noticeable time.
type keyRing struct {
	mu   sync.Mutex
	keys map[string]*keyPair
}

var ring = keyRing{keys: map[string]*keyPair{}}

func keyNamed(t testing.TB, name string) *keyPair {
	t.Helper()
	ring.mu.Lock()
	defer ring.mu.Unlock()
	if k := ring.keys[name]; k != nil {
		return k
	}
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatalf("make key: %v", err)
	}
	version := len(ring.keys) + 1
	signer, err := seal.NewSigner(private, version)
	if err != nil {
		t.Fatalf("make signer: %v", err)
	}
	ring.keys[name] = &keyPair{signer, private, version}
	return ring.keys[name]
}

// keyBook is who has which keys.
type keyBook map[int64][]*keyPair

// Keys finds a key as the directory does.
func (b keyBook) Keys(_ context.Context, no int64, version int) (
	*party.Key, *rsa.PublicKey, error,
) {
	for _, k := range b[no] {
		if k.version == version {
			return &party.Key{ParticipantNo: no, Version: version}, k.public(), nil
		}
	}
	return nil, nil, party.ErrKeyUnknown.Newf("no key %d", version)
}
