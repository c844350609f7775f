package sign

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
)

// The headers of a request.
const (
	HeaderChannel = "X-LINE-ChannelId"
	HeaderNonce   = "X-LINE-Authorization-Nonce"
	HeaderMAC     = "X-LINE-Authorization"
	HeaderSecret  = "X-LINE-ChannelSecret" // offline API v2 only
	HeaderDevice  = "X-LINE-MerchantDeviceProfileId"
	HeaderKind    = "X-LINE-MerchantDeviceType"
)

// Message is what is signed of a request.
type Message struct {
	Method string
	Path   string // from the first slash, as it stands in the request line, without the query
	Query  string // without its question mark, as it stands in the request line
	Body   []byte
	Nonce  string
}

// MAC returns the signature of m under a channel's secret.
func MAC(secret string, m Message) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(secret))
	h.Write([]byte(m.Path))
	if m.Method == http.MethodGet {
		h.Write([]byte(m.Query))
	} else {
		h.Write(m.Body)
	}
	h.Write([]byte(m.Nonce))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// Verify tells whether mac is the signature of m. It takes as long for a wrong one as for a right
// one.
func Verify(secret string, m Message, mac string) bool {
	return hmac.Equal([]byte(MAC(secret, m)), []byte(mac))
}

// Nonce returns a UUID of version 4 (RFC 9562), fresh.
func Nonce() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	var text [36]byte
	for i, part := range [...][2]int{{0, 4}, {4, 6}, {6, 8}, {8, 10}, {10, 16}} {
		hex.Encode(text[2*part[0]+i:], b[part[0]:part[1]])
		if i > 0 {
			text[2*part[0]+i-1] = '-'
		}
	}
	return string(text[:])
}
