package checkout

import (
	"encoding/json"
	"net/url"
	"strings"

	"watari/pay/link"
)

// schemesNever are the schemes of addresses that a browser would run or open itself (V5).
var schemesNever = []string{"javascript", "data", "vbscript", "blob", "file", "filesystem",
	"about", "view-source"}

// wayOn is how the payer gets to the order in a wallet, as a page shows it (V5).
type wayOn struct {
	page   string // http or https address
	app    string // address of the wallet's app
	code   string // text for the wallet's scanner
	params string // JSON for the wallet's in-page call
}

// onward reads a form. What is not safe to open is left out; false when nothing is left.
func onward(f link.Form) (wayOn, bool) {
	w := wayOn{code: f.CodeText}
	if webAddress(f.PageURL) {
		w.page = f.PageURL
	}
	if appAddress(f.AppURL) {
		w.app = f.AppURL
	}
	if len(f.Params) > 0 {
		if raw, err := json.Marshal(f.Params); err == nil {
			w.params = string(raw)
		}
	}
	return w, w != wayOn{}
}

// webAddress tells an address that a page may leave for.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" &&
		u.User == nil && !strings.ContainsAny(s, "\r\n\t \\")
}

// appAddress tells an address that a button may open: a scheme of an app, or the web.
func appAddress(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" || strings.ContainsAny(s, "\r\n\t \\") {
		return false
	}
	for _, never := range schemesNever {
		if strings.EqualFold(u.Scheme, never) {
			return false
		}
	}
	return u.Scheme != "http" && u.Scheme != "https" || webAddress(s)
}

// returnTo is the shop's own page with the payment's id, "" when the shop named none.
func returnTo(address, paymentID string) string {
	if !webAddress(address) {
		return ""
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set("payment_id", paymentID)
	u.RawQuery = q.Encode()
	return u.String()
}
