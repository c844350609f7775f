package wire

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of texts, in characters.
const (
	IDMax   = 64  // an id of the merchant's
	TextMax = 255 // what people read

	agentMax = 1024
)

// amountMax is the largest amount: 11 digits.
const amountMax = 99_999_999_999

// Refused says why a request is not taken.
type Refused struct {
	Code  Code   // MissingRequest or InvalidRequest
	Field string // "" is the body
	Text  string
}

// Error returns the field and what is wrong with it.
func (r *Refused) Error() string { return strings.TrimSpace(r.Field + " " + r.Text) }

// Request is a message that can be refused.
type Request interface{ check(c *checker) }

// DecodeRequest reads a request strictly (W2).
//
// Errors: *Refused.
func DecodeRequest(body []byte, into Request) error {
	if err := decode(body, into, true); err != nil {
		field := ""
		if wrong := new(json.UnmarshalTypeError); errors.As(err, &wrong) {
			field = wrong.Field
		}
		return &Refused{InvalidRequest, field, "is not what is documented"}
	}
	c := &checker{}
	into.check(c)
	if c.refused != nil {
		return c.refused
	}
	return nil
}

// checker keeps the first thing that is wrong.
type checker struct{ refused *Refused }

func (c *checker) refuse(code Code, field, text string) {
	if c.refused == nil {
		c.refused = &Refused{code, field, text}
	}
}

// text checks something that people read.
func (c *checker) text(field, s string, max int) {
	if utf8.RuneCountInString(s) > max {
		c.refuse(InvalidRequest, field, "is too long")
	}
}

// need checks a text that must be there.
func (c *checker) need(field, s string, max int) {
	if s == "" {
		c.refuse(MissingRequest, field, "is missing")
	}
	c.text(field, s, max)
}

// id checks an id that the merchant gives.
func (c *checker) id(field, s string) {
	c.need(field, s, IDMax)
	if !IsID(s) {
		c.refuse(InvalidRequest, field, "has other signs than A-Z a-z 0-9 - _")
	}
}

// IsID tells whether a text can be an id that a merchant gives.
func IsID(s string) bool {
	ok := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' ||
			r == '_'
	}
	return s != "" && len(s) <= IDMax && !strings.ContainsFunc(s, func(r rune) bool {
		return !ok(r)
	})
}

func (c *checker) money(field string, m *Money) {
	switch {
	case m == nil:
		c.refuse(MissingRequest, field, "is missing")
	case m.Currency == "":
		c.refuse(MissingRequest, field+".currency", "is missing")
	case m.Currency != Currency:
		c.refuse(InvalidRequest, field+".currency", "is not JPY")
	case m.Amount < 1 || m.Amount > amountMax:
		c.refuse(InvalidRequest, field+".amount", "is not a number of yen of at most 11 digits")
	}
}

func (c *checker) at(field string, epoch int64) {
	if epoch == 0 {
		c.refuse(MissingRequest, field, "is missing")
	}
	c.moment(field, epoch)
}

func (c *checker) moment(field string, epoch int64) {
	if epoch < 0 {
		c.refuse(InvalidRequest, field, "is not a time")
	}
}

func (c *checker) redirect(kind, address string) {
	kinds := []string{"", RedirectWeb, RedirectApp, RedirectWebview}
	if !slices.Contains(kinds, kind) {
		c.refuse(InvalidRequest, "redirectType", "is not one of the documented")
	}
	if address != "" {
		u, err := url.Parse(address)
		if err != nil || u.Scheme == "" || len(address) > 2048 {
			c.refuse(InvalidRequest, "redirectUrl", "is not an address")
		}
	}
}

func (r *CodeRequest) check(c *checker) {
	c.id("merchantPaymentId", r.MerchantPaymentID)
	c.money("amount", r.Amount)
	c.need("codeType", r.CodeType, IDMax)
	if r.CodeType != CodeTypeOrder {
		c.refuse(InvalidRequest, "codeType", "is not ORDER_QR")
	}
	c.text("orderDescription", r.Description, TextMax)
	c.text("storeInfo", r.StoreInfo, TextMax)
	c.text("storeId", r.StoreID, TextMax)
	c.text("terminalId", r.TerminalID, TextMax)
	c.text("userAgent", r.UserAgent, agentMax)
	c.text("ipAddress", r.IPAddress, IDMax)
	c.moment("requestedAt", r.RequestedAt)
	c.moment("authorizationExpiry", r.HoldUntil)
	c.redirect(r.RedirectType, r.RedirectURL)
}

func (r *PaymentRequest) check(c *checker) {
	c.id("merchantPaymentId", r.MerchantPaymentID)
	c.need("userAuthorizationId", r.ConsentID, IDMax)
	c.money("amount", r.Amount)
	c.at("requestedAt", r.RequestedAt)
	c.moment("expiresAt", r.ExpiresAt)
	c.text("storeId", r.StoreID, TextMax)
	c.text("terminalId", r.TerminalID, TextMax)
	c.text("orderReceiptNumber", r.ReceiptNumber, TextMax)
	c.text("orderDescription", r.Description, TextMax)
}

func (r *ScanRequest) check(c *checker) {
	c.id("merchantPaymentId", r.MerchantPaymentID)
	c.need("paymentCode", r.PaymentCode, IDMax)
	c.money("amount", r.Amount)
	c.at("requestedAt", r.RequestedAt)
	c.moment("expiresAt", r.ExpiresAt)
	c.text("storeInfo", r.StoreInfo, TextMax)
	c.text("storeId", r.StoreID, TextMax)
	c.text("terminalId", r.TerminalID, TextMax)
	c.text("orderReceiptNumber", r.ReceiptNumber, TextMax)
	c.text("orderDescription", r.Description, TextMax)
}

func (r *CaptureRequest) check(c *checker) {
	c.id("merchantPaymentId", r.MerchantPaymentID)
	c.money("amount", r.Amount)
	c.id("merchantCaptureId", r.MerchantCaptureID)
	c.at("requestedAt", r.RequestedAt)
	c.need("orderDescription", r.Description, TextMax)
}

func (r *RevertRequest) check(c *checker) {
	c.id("merchantRevertId", r.MerchantRevertID)
	c.need("paymentId", r.PaymentID, IDMax)
	c.at("requestedAt", r.RequestedAt)
	c.text("reason", r.Reason, TextMax)
}

func (r *RefundRequest) check(c *checker) {
	c.id("merchantRefundId", r.MerchantRefundID)
	c.need("paymentId", r.PaymentID, IDMax)
	c.money("amount", r.Amount)
	c.at("requestedAt", r.RequestedAt)
	c.text("reason", r.Reason, TextMax)
}

func (r *SessionRequest) check(c *checker) {
	if len(r.Scopes) == 0 {
		c.refuse(MissingRequest, "scopes", "is missing")
	}
	c.need("nonce", r.Nonce, TextMax)
	c.need("redirectUrl", r.RedirectURL, 2048)
	c.redirect(r.RedirectType, r.RedirectURL)
	c.need("referenceId", r.ReferenceID, TextMax)
	c.text("userAgent", r.UserAgent, agentMax)
}
