//go:build openssl

package seal

/*
#cgo LDFLAGS: -lcrypto
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#if OPENSSL_VERSION_MAJOR < 3
#error "libcrypto is older than OpenSSL 3.0"
#endif

// Errors lie with the thread, so each call ends with taking its own: 0 is success.
static unsigned long watari_outcome(int ok) {
	unsigned long code = ok ? 0 : ERR_get_error();
	ERR_clear_error();
	return ok ? 0 : code ? code : 1;
}

static EVP_PKEY *watari_key(const unsigned char *der, long size, unsigned long *code) {
	EVP_PKEY *key = d2i_PrivateKey(EVP_PKEY_RSA, NULL, &der, size);
	*code = watari_outcome(key != NULL);
	return key;
}

static unsigned long watari_sign(EVP_PKEY *key, const unsigned char *digest, size_t digest_size,
		unsigned char *to, size_t *size) {
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	int ok = ctx != NULL && EVP_PKEY_sign_init(ctx) > 0 &&
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
		EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0 &&
		EVP_PKEY_sign(ctx, to, size, digest, digest_size) > 0;
	EVP_PKEY_CTX_free(ctx);
	return watari_outcome(ok);
}
*/
import "C"

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"runtime"
)

// Library names what makes signatures in this build: the libcrypto that was loaded.
func Library() string { return C.GoString(C.OpenSSL_version(C.OPENSSL_VERSION)) }

// engine signs with one private key, of which libcrypto keeps a copy outside Go's memory until
// the engine is collected. It is safe for concurrent use.
type engine struct {
	key  *C.EVP_PKEY
	size int // of a signature, in bytes
}

// newEngine hands a key to libcrypto and lets it sign once: a library that is set up so that it
// cannot, or that signs otherwise than Go does, is found out at start and not in a payment.
func newEngine(key *rsa.PrivateKey) (*engine, error) {
	der := x509.MarshalPKCS1PrivateKey(key)
	defer clear(der)
	var code C.ulong
	e := &engine{size: key.Size()}
	e.key = C.watari_key((*C.uchar)(&der[0]), C.long(len(der)), &code)
	if e.key == nil {
		return nil, fmt.Errorf("hand the RSA key to libcrypto: %w", reason(code))
	}
	runtime.AddCleanup(e, func(key *C.EVP_PKEY) { C.EVP_PKEY_free(key) }, e.key)

	trial := sha256.Sum256([]byte("trial"))
	got, err := e.sign(trial[:])
	if err != nil {
		return nil, fmt.Errorf("sign on trial: %w", err)
	}
	want, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, trial[:])
	if err != nil || !bytes.Equal(got, want) {
		return nil, fmt.Errorf("seal: %s does not sign as RFC 8017 says", Library())
	}
	return e, nil
}

// sign signs a SHA-256 digest.
func (e *engine) sign(digest []byte) ([]byte, error) {
	to, size := make([]byte, e.size), C.size_t(e.size)
	code := C.watari_sign(e.key, (*C.uchar)(&digest[0]), C.size_t(len(digest)),
		(*C.uchar)(&to[0]), &size)
	runtime.KeepAlive(e)
	if code != 0 {
		return nil, reason(code)
	}
	return to[:size], nil
}

// reason is libcrypto's word on an error. It is one of a fixed list and quotes no key.
func reason(code C.ulong) error {
	text := C.ERR_reason_error_string(code)
	if text == nil {
		return errors.New("libcrypto gives no reason")
	}
	return errors.New("libcrypto: " + C.GoString(text))
}
