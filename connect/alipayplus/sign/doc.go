// Package sign makes, checks and explains the signatures of the Alipay+ protocol.
//
// # What is signed
//
// A message is signed over its method and path, who sent it, when, and the bytes of its body:
//
//	POST /aps/api/v1/payments/pay
//	ACQP_TEST_0001.2026-01-01T12:00:00+09:00.{"paymentRequestId":…}
//
// One line feed stands between the two lines and none at the end. An answer is signed over the
// method and path of its request, the same client id, and its own time and body. The algorithm
// is RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2) and keys of 2048 bits.
//
//	S1  The path is the decoded path as the server sees it: no query, no host. Official clients
//	    send an absolute-form request target, so the raw target is never signed.
//	S2  The time is an opaque string for the signature. Only a replay guard reads it.
//	S3  The signature is written as standard Base64, then URL-escaped. Read are that form,
//	    plain standard Base64 and Base64url, each with or without padding.
//	S4  The header is read leniently: blanks, unknown items and any order do no harm. It is
//	    written with signature= last, because official clients split it there.
//	S5  What is not signed is never believed, an answer included.
//
// # Explaining
//
// Explain says why a signature does not verify. An RSA signature contains the digest of what was
// signed, so it can be told at once whether the key or the text is wrong; then Explain tries the
// mistakes that integrators make, alone and in pairs, until one gives that digest.
//
// Source: https://docs.alipayplus.com/alipayplus/alipayplus/, pages api_acq/signature and
// api_mpp/signature, and the signature code of the official Java, Go and Python clients.
package sign
