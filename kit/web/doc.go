// Package web answers HTTP requests: operations of the API, pages, wallets' protocols and files.
//
// # Nouns
//
// A Server holds the addresses. An operation (Op, Register) is typed: its input and output are
// structs, from which the OpenAPI document is made and to which requests are held before any code
// of a domain runs. A page (Page) is for browsers, a protocol (Handle) does everything itself. A
// Document is what a caller is told of a fault (RFC 9457).
//
// # Invariants
//
//	W1  A handler of an operation sees only input that fits its types and tags. Unknown, double
//	    and missing members, numbers that other readers would round, text that is no Unicode or
//	    holds U+0000, and bodies that are too long or too deep are refused before.
//	W2  A refusal never repeats a value of the request: it may be a PIN or a payment code.
//	W3  An error that holds no fault is told as an id. Its text, and the stack of a panic, are in
//	    the log, in one line under that id.
//	W4  An operation answers with the faults that it declares. What it did not declare is listed
//	    by Undeclared, which tests hold empty.
//	W5  Every time and every amount of a request is bounded: head, body, answer, silence, number
//	    of connections. More connections than there are descriptors for are told 503.
//	W6  Nothing is loaded from elsewhere, and other sites can neither frame pages nor change
//	    anything with a visitor's cookies.
//
// # Order
//
// A request of an operation goes through: request id and time of the first byte; address; key and
// role; parameters; media type; size; JSON and schema; handler. The first that refuses answers, so
// a caller without a key learns nothing about the rest and costs no more than a head.
//
// huma (github.com/danielgtaylor/huma) makes the document and reads parameters. Bodies are checked
// here, in one walk over their bytes (reader.go), because huma decodes them twice, compares
// numbers as floating point, takes the last of two equal names, and repeats what it refuses.
//
// What is no HTTP at all, such as a broken first line or a head over 36 KiB, is answered by
// net/http in plain text before there is a request.
//
// # Sources
//
// RFC 9110 (HTTP), RFC 9457 (problem details), RFC 8259 and RFC 7493 (JSON and I-JSON), RFC 6901
// (JSON pointer), RFC 6750 (bearer tokens), OpenAPI 3.1.0, HTML Living Standard 9.2 (server-sent
// events).
package web
