// Package outbound calls other people's servers: one client for all that this program asks of the
// outside, bounded in connections, times and bytes.
//
// A redirect is never followed: a request is signed for one place, and who is redirected may be
// sent somewhere private. No proxy of the environment is used. Answers are not unpacked: what is
// read is what was signed.
package outbound
