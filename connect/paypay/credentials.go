package paypay

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// Credentials are what PayPay gave us when we were onboarded, for one merchant.
type Credentials struct {
	APIKey    string `json:"api_key"`
	APISecret string `json:"api_secret"`
	// MerchantID is on whose behalf we call, and whose notices we take.
	MerchantID string `json:"merchant_id"`
	// Scopes are what users are asked to consent to; empty is "direct_debit", which the call to
	// debit them needs.
	Scopes []string `json:"scopes,omitempty"`
	// ScanPath is the call that debits a user whose code was scanned. PayPay's own is not public
	// and comes with a contract; the sandbox has a simulated one, wire.PathSimulatedScan. Empty:
	// codes of users are declined and nobody is called.
	ScanPath string `json:"scan_path,omitempty"`
	// NoticesFrom are the addresses of PayPay's notices, which are not signed. Empty: none is
	// taken, and payments are found by asking.
	NoticesFrom []netip.Prefix `json:"notices_from,omitempty"`
}

// scopeDefault is what the call to debit a user needs.
const scopeDefault = "direct_debit"

// Validate names the first field that cannot be right. It never repeats a value.
func (c Credentials) Validate() error {
	switch {
	case c.APIKey == "" || strings.ContainsAny(c.APIKey, ": \r\n"):
		return errors.New("api_key is missing, or has signs that a header cannot hold")
	case c.APISecret == "":
		return errors.New("api_secret is missing")
	case c.MerchantID == "" || strings.ContainsAny(c.MerchantID, " \r\n"):
		return errors.New("merchant_id is missing, or has signs that a header cannot hold")
	case c.ScanPath != "" && (!strings.HasPrefix(c.ScanPath, "/") ||
		strings.ContainsAny(c.ScanPath, "?#% \r\n")):
		return errors.New("scan_path is not the path of an address")
	}
	for i, p := range c.NoticesFrom {
		if !p.IsValid() {
			return fmt.Errorf("notices_from[%d] is not a range of addresses", i)
		}
	}
	return nil
}

// scopes are what a consent is asked for.
func (c Credentials) scopes() []string {
	if len(c.Scopes) == 0 {
		return []string{scopeDefault}
	}
	return c.Scopes
}
