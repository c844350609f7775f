// Package sign makes and checks the signatures of LINE Pay's API v3 and its offline API v4.
//
// A request carries the channel's id, a nonce and a MAC: base64 of HMAC-SHA256 under the channel's
// secret, over the secret, the path, the body (of a POST) or the query string without its question
// mark (of a GET), and the nonce, one behind the other with nothing between. Answers are not
// signed: what they say is believed because of TLS alone.
//
// The offline API v2 sends the secret itself in a header instead.
//
// Sources: https://developers-pay.line.me/offline/prerequisites,
// https://developers-pay.line.me/online-api-v3.
package sign
