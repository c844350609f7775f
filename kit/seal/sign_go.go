//go:build !openssl

package seal

import (
	"crypto"
	"crypto/rsa"
	"runtime"
)

// Library names what makes signatures in this build: Go's own crypto/rsa.
func Library() string { return "crypto/rsa of " + runtime.Version() }

// engine signs with one private key. It is safe for concurrent use.
type engine struct{ key *rsa.PrivateKey }

func newEngine(key *rsa.PrivateKey) (engine, error) { return engine{key}, nil }

// sign signs a SHA-256 digest.
func (e engine) sign(digest []byte) ([]byte, error) {
	return rsa.SignPKCS1v15(nil, e.key, crypto.SHA256, digest)
}
