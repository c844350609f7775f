package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// The addresses of the online API v3, below the host. A %s is a transaction, or a consent.
const (
	PathRequest       = "/v3/payments/request"
	PathCheck         = "/v3/payments/requests/%s/check"
	PathConfirm       = "/v3/payments/%s/confirm"
	PathRefund        = "/v3/payments/%s/refund"
	PathDetails       = "/v3/payments"
	PathCapture       = "/v3/payments/authorizations/%s/capture"
	PathVoid          = "/v3/payments/authorizations/%s/void"
	PathConsentPay    = "/v3/payments/preapprovedPay/%s/payment"
	PathConsentCheck  = "/v3/payments/preapprovedPay/%s/check"
	PathConsentExpire = "/v3/payments/preapprovedPay/%s/expire"
)

// The addresses of the offline APIs, below the host and the version, "/v4" or "/v2". A %s is an
// order.
const (
	OfflinePay     = "/payments/oneTimeKeys/pay"
	OfflineCheck   = "/payments/orders/%s/check"
	OfflineVoid    = "/payments/orders/%s/void"
	OfflineCapture = "/payments/orders/%s/capture"
	OfflineRefund  = "/payments/orders/%s/refund"
	OfflineDetails = "/payments"
)

// Answer is the envelope of every answer.
type Answer[T any] struct {
	Code    Code   `json:"returnCode"`
	Message string `json:"returnMessage"`
	Info    *T     `json:"info,omitempty"`
}

// Request asks for a payment that a user confirms afterwards.
type Request struct {
	Amount   Number    `json:"amount"`
	Currency string    `json:"currency"`
	OrderID  string    `json:"orderId"`
	Packages []Package `json:"packages"`
	Redirect *Redirect `json:"redirectUrls,omitempty"`
	Options  *Options  `json:"options,omitempty"`
}

// Package is a part of an order. The packages of an order sum to its amount.
type Package struct {
	ID       string    `json:"id"`
	Amount   Number    `json:"amount"`
	Fee      Number    `json:"userFee,omitempty"`
	Name     string    `json:"name,omitempty"`
	Products []Product `json:"products"`
}

// Product is a line of a package. The products of a package sum to its amount.
type Product struct {
	ID       string      `json:"id,omitempty"`
	Name     string      `json:"name"`
	Quantity json.Number `json:"quantity"`
	Price    Number      `json:"price"`
}

// Redirect is where the user's browser goes afterwards.
type Redirect struct {
	ConfirmURL string `json:"confirmUrl"`
	CancelURL  string `json:"cancelUrl"`
}

// Options are what a request asks for beyond a plain payment.
type Options struct {
	Payment *PaymentOptions `json:"payment,omitempty"`
}

// PaymentOptions say whether a payment is captured at once (nil: yes), and whether it asks for a
// consent.
type PaymentOptions struct {
	Capture *bool  `json:"capture,omitempty"`
	PayType string `json:"payType,omitempty"`
}

// Reserved is what becomes of a Request.
type Reserved struct {
	TransactionID ID         `json:"transactionId"`
	AccessToken   string     `json:"paymentAccessToken"`
	URL           PaymentURL `json:"paymentUrl"`
}

// PaymentURL is where the user pays: in a browser, or in the app.
type PaymentURL struct {
	Web string `json:"web"`
	App string `json:"app"`
}

// Sum is the body of confirm and capture.
type Sum struct {
	Amount   Number `json:"amount"`
	Currency string `json:"currency"`
}

// KeyPay pays with a one-time key (offline API v4).
type KeyPay struct {
	Amount   Number    `json:"amount"`
	Currency string    `json:"currency"`
	OrderID  string    `json:"orderId"`
	Key      string    `json:"oneTimeKey"`
	Packages []Package `json:"packages"`
	Options  *Options  `json:"options,omitempty"`
}

// PlainPay pays with a one-time key (offline API v2), or by a consent (online API v3), which has
// no key in its body.
type PlainPay struct {
	ProductName string `json:"productName"`
	Amount      Number `json:"amount"`
	Currency    string `json:"currency"`
	OrderID     string `json:"orderId"`
	Key         string `json:"oneTimeKey,omitempty"`
	Capture     *bool  `json:"capture,omitempty"`
}

// Paid tells of a payment that was made, and, of an offline order, how it stands.
type Paid struct {
	Status        string    `json:"status,omitempty"` // of an offline order's check
	TransactionID ID        `json:"transactionId"`
	OrderID       string    `json:"orderId,omitempty"`
	Date          string    `json:"transactionDate,omitempty"`
	PayInfo       []PayInfo `json:"payInfo,omitempty"`
	HeldUntil     string    `json:"authorizationExpireDate,omitempty"`
	RegKey        string    `json:"regKey,omitempty"` // the consent, once, when confirmed
}

// PayInfo is a part of a payment by one means. The parts sum to the payment.
type PayInfo struct {
	Method string `json:"method"`
	Amount Number `json:"amount"`
}

// Detail is a payment in the history.
type Detail struct {
	TransactionID ID         `json:"transactionId"`
	OrderID       string     `json:"orderId,omitempty"`
	Date          string     `json:"transactionDate"`
	Kind          string     `json:"transactionType"`
	Status        string     `json:"payStatus,omitempty"`
	ProductName   string     `json:"productName,omitempty"`
	Currency      string     `json:"currency"`
	HeldUntil     string     `json:"authorizationExpireDate,omitempty"`
	PayInfo       []PayInfo  `json:"payInfo"`
	Refunds       []Returned `json:"refundList,omitempty"`
}

// Returned is a refund in the history of its payment. Its amount is negative in LINE Pay's own
// examples.
type Returned struct {
	ID     ID     `json:"refundTransactionId"`
	Kind   string `json:"transactionType"`
	Amount Number `json:"refundAmount"`
	Date   string `json:"refundTransactionDate"`
}

// Refund asks for money back; without an amount, for all that is left.
type Refund struct {
	Amount Number `json:"refundAmount,omitempty"`
}

// Refunded is what becomes of a Refund.
type Refunded struct {
	ID   ID     `json:"refundTransactionId"`
	Date string `json:"refundTransactionDate"`
}

// Nothing is the body, and the info, of what has none.
type Nothing struct{}

var errCode = errors.New("the answer has no code of four digits")

// Encode writes a message. The bytes are what is signed.
func Encode(m any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(m); err != nil {
		return nil, fmt.Errorf("write the message: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Decode reads one message. Fields that it does not know are left out, because both sides may add
// some.
func Decode(data []byte, m any) error {
	if err := json.Unmarshal(data, m); err != nil { // also when text comes after the message
		return fmt.Errorf("read the message: %w", err)
	}
	return nil
}

// DecodeAnswer reads an answer. Its info is read only when the code is one of success: with a
// refusal it may be anything.
func DecodeAnswer[T any](data []byte) (Answer[T], error) {
	var raw Answer[json.RawMessage]
	if err := Decode(data, &raw); err != nil {
		return Answer[T]{}, err
	}
	if len(raw.Code) != 4 || !digits(string(raw.Code)) {
		return Answer[T]{}, errCode
	}
	a := Answer[T]{Code: raw.Code, Message: raw.Message}
	if raw.Code != CodeOK || raw.Info == nil {
		return a, nil
	}
	a.Info = new(T)
	if err := Decode(*raw.Info, a.Info); err != nil {
		return Answer[T]{}, err
	}
	return a, nil
}

// FormatTime writes a time as LINE Pay does: ISO 8601 in UTC, to the second.
func FormatTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ParseTime reads a time; the zero time when it is none.
func ParseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
