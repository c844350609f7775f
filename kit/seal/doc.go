// Package seal keeps secrets: a ring of keys that seals personal data before it is written to the
// database, and the private keys that sign messages.
//
// # Nouns
//
// A Ring holds versions of one symmetric key. Seal always uses the newest, Unseal takes any that
// is in the ring, so a key is changed by adding the next version; an old one is removed when
// nothing sealed with it is kept any more. A Signer is one version of an RSA private key. Signers
// is all versions that one name has, each with the time from and until which it may be used;
// overlapping times let the other side take over the new public key before the old one ends.
//
// # Files
//
// Keys live in files, never in the database, in logs or in backups of the database:
//
//	seal-1.key        44 characters: 32 random bytes in standard Base64
//	<name>-1.pem      PEM "PRIVATE KEY" (PKCS #8, RFC 5208), RSA of 2048 to 4096 bits
//
// A PEM block may have the headers Valid-From and Valid-Until (RFC 3339); without them the key is
// always valid. Every file has mode 0600 or stricter: one that its group or others can read is
// refused with the command that mends it, and so is a folder into which others can write.
//
// # Libraries
//
// Signatures are made by crypto/rsa. A build with the tag openssl makes them with OpenSSL's
// libcrypto instead, byte by byte the same, in a third of the time; it needs cgo, and libcrypto 3
// where it runs. Library tells which it is. Nothing falls back: without the library such a program
// does not start, and a key with which the library does not sign as Go does is refused.
//
// # Invariants
//
//	S1  What Seal returns names the version of its key: "v1." and Base64url without padding of
//	    nonce, ciphertext and tag (AES-256-GCM, NIST SP 800-38D). The version is authenticated.
//	S2  Nothing here prints a key: every formatting verb, slog and JSON show "redacted".
//	S3  A key file is never overwritten.
//
// A nonce is 96 random bits, so one version must seal fewer than 2^32 texts (SP 800-38D, 8.3).
// At a million a year that is four thousand years; still, change the key yearly.
package seal
