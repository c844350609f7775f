//go:build openssl && !cgo

package seal

// Stops the compiler with a name that says why: libcrypto is reached through cgo.
var _ = the_tag_openssl_needs_CGO_ENABLED_1_and_a_C_compiler
