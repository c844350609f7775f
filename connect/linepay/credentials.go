package linepay

import (
	"fmt"
	"strings"

	"watari/kit/money"
)

// The versions of the offline API.
const (
	OfflineV4 = "v4" // signed like the online API
	OfflineV2 = "v2" // with the secret in a header
)

// Credentials are how LINE Pay knows us, for one issuer. The secret is never logged.
type Credentials struct {
	ChannelID     string `json:"channel_id"`
	ChannelSecret string `json:"channel_secret"`
	// Currency is the one that the merchant account is kept in: USD, TWD or THB. Consents are
	// asked in it.
	Currency money.Currency `json:"currency"`
	// Offline is OfflineV4 when empty.
	Offline string `json:"offline,omitempty"`
	// DeviceProfileID and DeviceType name our machine in LINE Pay's statistics; both may be "".
	DeviceProfileID string `json:"device_profile_id,omitempty"`
	DeviceType      string `json:"device_type,omitempty"`
}

// String hides the secret.
func (c Credentials) String() string { return "channel " + c.ChannelID }

// GoString hides the secret.
func (c Credentials) GoString() string { return c.String() }

// Validate names the first field that cannot be right.
func (c Credentials) Validate() error {
	wrong := func(field, why string) error {
		return fmt.Errorf("LINE Pay credentials: %s %s", field, why)
	}
	switch {
	case c.ChannelID == "" || !plain(c.ChannelID):
		return wrong("channel_id", "is not the id of a channel")
	case c.ChannelSecret == "" || !plain(c.ChannelSecret):
		return wrong("channel_secret", "is not a secret of a channel")
	case c.Currency != "USD" && c.Currency != "TWD" && c.Currency != "THB":
		return wrong("currency", "is not USD, TWD or THB")
	case c.Offline != "" && c.Offline != OfflineV4 && c.Offline != OfflineV2:
		return wrong("offline", "is not v4 or v2")
	case !plain(c.DeviceProfileID):
		return wrong("device_profile_id", "does not fit into a header")
	case !plain(c.DeviceType):
		return wrong("device_type", "does not fit into a header")
	}
	return nil
}

// offline is the beginning of the paths of the offline API.
func (c Credentials) offline() string {
	if c.Offline == OfflineV2 {
		return "/v2"
	}
	return "/v4"
}

// plain tells whether text is printable ASCII without blanks at its ends, as in a header.
func plain(text string) bool {
	return strings.TrimSpace(text) == text && len(text) <= 256 &&
		!strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// credentials are those of an issuer. They are asked for at each call, so that a new secret counts
// at once; there is nothing in them to parse.
func (c *Client) credentials(issuerID string) (Credentials, error) {
	k, err := c.config.Credentials(issuerID)
	if err == nil {
		err = k.Validate()
	}
	if err != nil {
		return k, fmt.Errorf("take the wallet's credentials: %w", err)
	}
	return k, nil
}
