package octo

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"

	"watari/kit/check"
)

// uuidForm is how a uuid is written (RFC 9562).
var uuidForm = regexp.MustCompile(
	`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

// newUUID makes one up: random, of version 4.
func newUUID() string {
	var b [16]byte
	_, err := rand.Read(b[:])
	check.That(err == nil, "octo: no random numbers: %v", err)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return uuidText(b)
}

func uuidText(b [16]byte) string {
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// lineUUID names a line: the same for ever (RFC 9562, version 8).
func lineUUID(orderID string, no int64) string {
	sum := sha256.Sum256([]byte(orderID + "/" + strconv.FormatInt(no, 10)))
	b := [16]byte(sum[:16])
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	return uuidText(b)
}
