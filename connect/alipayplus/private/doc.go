// Package private knows whose a private order code is: an https address that an acquirer issued,
// and that this network has to ask the acquirer about before a wallet can pay it.
//
// # Nouns
//
// A prefix is the beginning of such codes: scheme, host and the beginning of the path. Its owner is
// the acquirer, with the address at which it is asked. The operator registers both; nothing that
// a scanned code says decides where the network calls.
//
// # Rules
//
//	R1  A code has at most one owner: two acquirers' prefixes never begin one with the other. Of
//	    one acquirer's the longest counts.
//	R2  A prefix has https, a host and at least the first slash of the path, so that no other
//	    host begins with it.
//	R3  Codes are compared in one form: scheme and host in lower case, without a user, default
//	    port or fragment.
//
// Source: https://docs.alipayplus.com/alipayplus/alipayplus/, pages
// code_scanning_payment_standards_acq/code_format and api_acq/pay_private_order_code.
package private
