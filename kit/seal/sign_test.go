package seal_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"watari/kit/clock/clocktest"
	"watari/kit/seal"
)

// Goal: whatever library a build signs with, its signatures are those of crypto/rsa, byte by byte
// (PKCS #1 v1.5 has no chance in it). Method: keys of every size that is taken, several digests.
func TestSignatureIsThatOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	t.Log(seal.Library())
	for _, bits := range []int{2048, 3072, 4096} {
		key := rsaKey(t, bits)
		signer, err := seal.NewSigner(key, 1)
		if err != nil {
			t.Fatal(err)
		}
		for n := range 8 {
			digest := sha256.Sum256([]byte{byte(n)})
			want, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
			if err != nil {
				t.Fatal(err)
			}

			got, err := signer.Sign(digest[:])

			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bits, digest %d: got %x, %v; want %x", bits, n, got, err, want)
			}
		}
	}
}

// Goal: one signer serves many at once, and a key's memory outside Go lives for as long as its
// signer and not much longer. Method: sign in parallel while signers come and are collected.
func TestSignersAreUsedAndCollectedSideBySide(t *testing.T) {
	t.Parallel()
	key := rsaKey(t, 2048)
	digest := sha256.Sum256([]byte("a payment"))
	want, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	shared, err := seal.NewSigner(key, 1)
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 8 {
				own, err := seal.NewSigner(key, 2)
				if err != nil {
					t.Errorf("make a signer: %v", err)
					return
				}
				for _, by := range []seal.Signer{shared, own} {
					if got, err := by.Sign(digest[:]); err != nil || !bytes.Equal(got, want) {
						t.Errorf("version %d: got %x, %v", by.Version(), got, err)
					}
				}
				runtime.GC()
			}
		})
	}
	wait.Wait()
}

// BenchmarkSign measures one signature, by the library of the build.
func BenchmarkSign(b *testing.B) {
	for _, bits := range []int{2048, 4096} {
		b.Run(fmt.Sprint(bits), func(b *testing.B) {
			signer, err := seal.NewSigner(rsaKey(b, bits), 1)
			if err != nil {
				b.Fatal(err)
			}
			digest := sha256.Sum256([]byte("a payment"))
			clocktest.Processor(b, func() {
				if _, err := signer.Sign(digest[:]); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

// BenchmarkVerify measures one verification, which is Go's in every build.
func BenchmarkVerify(b *testing.B) {
	key := rsaKey(b, 2048)
	digest := sha256.Sum256([]byte("a payment"))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		b.Fatal(err)
	}
	clocktest.Processor(b, func() {
		err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature)
		if err != nil {
			b.Fatal(err)
		}
	})
}

func rsaKey(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
