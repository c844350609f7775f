package wire

import "encoding/json"

// Currency is the only one.
const Currency = "JPY"

// CodeTypeOrder is the only kind of code.
const CodeTypeOrder = "ORDER_QR"

// How a user gets back to the shop.
const (
	RedirectWeb     = "WEB_LINK"
	RedirectApp     = "APP_DEEP_LINK"
	RedirectWebview = "WEBVIEW_IN_PAYPAY"
)

// Money is an amount of whole yen.
type Money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// CodeRequest asks for a code that one user pays: POST /v2/codes.
type CodeRequest struct {
	MerchantPaymentID string          `json:"merchantPaymentId"`
	Amount            *Money          `json:"amount"`
	CodeType          string          `json:"codeType"`
	Description       string          `json:"orderDescription,omitempty"`
	Items             json.RawMessage `json:"orderItems,omitempty"`
	Metadata          json.RawMessage `json:"metadata,omitempty"`
	StoreInfo         string          `json:"storeInfo,omitempty"`
	StoreID           string          `json:"storeId,omitempty"`
	TerminalID        string          `json:"terminalId,omitempty"`
	RequestedAt       int64           `json:"requestedAt,omitempty"`
	RedirectURL       string          `json:"redirectUrl,omitempty"`
	RedirectType      string          `json:"redirectType,omitempty"`
	UserAgent         string          `json:"userAgent,omitempty"`
	IPAddress         string          `json:"ipAddress,omitempty"`
	Hold              bool            `json:"isAuthorization,omitempty"`
	HoldUntil         int64           `json:"authorizationExpiry,omitempty"`
}

// CodeData is a code that was made, with what was asked.
type CodeData struct {
	CodeID   string `json:"codeId"`
	URL      string `json:"url"`
	Deeplink string `json:"deeplink"`
	Expiry   int64  `json:"expiryDate"`
	CodeRequest
}

// PaymentRequest debits a user who has consented: POST /v2/payments and
// /v2/payments/preauthorize.
type PaymentRequest struct {
	MerchantPaymentID string          `json:"merchantPaymentId"`
	ConsentID         string          `json:"userAuthorizationId"`
	Amount            *Money          `json:"amount"`
	RequestedAt       int64           `json:"requestedAt"`
	ExpiresAt         int64           `json:"expiresAt,omitempty"`
	StoreID           string          `json:"storeId,omitempty"`
	TerminalID        string          `json:"terminalId,omitempty"`
	ReceiptNumber     string          `json:"orderReceiptNumber,omitempty"`
	Description       string          `json:"orderDescription,omitempty"`
	Items             json.RawMessage `json:"orderItems,omitempty"`
	Metadata          json.RawMessage `json:"metadata,omitempty"`
	ProductType       string          `json:"productType,omitempty"`
}

// ScanRequest debits the user whose code a shop scanned. It is simulated (W4).
type ScanRequest struct {
	MerchantPaymentID string `json:"merchantPaymentId"`
	PaymentCode       string `json:"paymentCode"`
	Amount            *Money `json:"amount"`
	RequestedAt       int64  `json:"requestedAt"`
	ExpiresAt         int64  `json:"expiresAt,omitempty"` // nobody is debited after it
	Hold              bool   `json:"isAuthorization,omitempty"`
	StoreInfo         string `json:"storeInfo,omitempty"`
	StoreID           string `json:"storeId,omitempty"`
	TerminalID        string `json:"terminalId,omitempty"`
	ReceiptNumber     string `json:"orderReceiptNumber,omitempty"`
	Description       string `json:"orderDescription,omitempty"`
}

// PaymentData is how a payment stands.
type PaymentData struct {
	PaymentID         string   `json:"paymentId,omitempty"`
	Status            State    `json:"status"`
	AcceptedAt        int64    `json:"acceptedAt"`
	Refunds           *Refunds `json:"refunds,omitempty"`
	Captures          *Taken   `json:"captures,omitempty"`
	MerchantPaymentID string   `json:"merchantPaymentId,omitempty"`
	ConsentID         string   `json:"userAuthorizationId,omitempty"`
	Amount            *Money   `json:"amount,omitempty"`
	RequestedAt       int64    `json:"requestedAt"`
	ExpiresAt         int64    `json:"expiresAt,omitempty"`
	CancelledAt       int64    `json:"canceledAt,omitempty"`
	StoreID           string   `json:"storeId,omitempty"`
	TerminalID        string   `json:"terminalId,omitempty"`
	Description       string   `json:"orderDescription,omitempty"`
}

// Refunds are the refunds of a payment.
type Refunds struct {
	Data []RefundData `json:"data"`
}

// Taken are the captures of a promise.
type Taken struct {
	Data []CaptureData `json:"data"`
}

// CaptureRequest takes what was promised: POST /v2/payments/capture.
type CaptureRequest struct {
	MerchantPaymentID string `json:"merchantPaymentId"`
	Amount            *Money `json:"amount"`
	MerchantCaptureID string `json:"merchantCaptureId"`
	RequestedAt       int64  `json:"requestedAt"`
	Description       string `json:"orderDescription"`
}

// CaptureData is one capture of a promise.
type CaptureData struct {
	AcceptedAt        int64  `json:"acceptedAt"`
	MerchantCaptureID string `json:"merchantCaptureId"`
	Amount            *Money `json:"amount,omitempty"`
	Description       string `json:"orderDescription,omitempty"`
	RequestedAt       int64  `json:"requestedAt"`
	Status            string `json:"status,omitempty"`
}

// RevertRequest gives a promise back: POST /v2/payments/preauthorize/revert.
type RevertRequest struct {
	MerchantRevertID string `json:"merchantRevertId"`
	PaymentID        string `json:"paymentId"`
	RequestedAt      int64  `json:"requestedAt"`
	Reason           string `json:"reason,omitempty"`
}

// RevertData is a promise that was given back.
type RevertData struct {
	Status      State  `json:"status"`
	AcceptedAt  int64  `json:"acceptedAt"`
	PaymentID   string `json:"paymentId"`
	RequestedAt int64  `json:"requestedAt"`
	Reason      string `json:"reason,omitempty"`
}

// RefundRequest gives part of a payment back: POST /v2/refunds.
type RefundRequest struct {
	MerchantRefundID string `json:"merchantRefundId"`
	PaymentID        string `json:"paymentId"`
	Amount           *Money `json:"amount"`
	RequestedAt      int64  `json:"requestedAt"`
	Reason           string `json:"reason,omitempty"`
}

// RefundData is how a refund stands.
type RefundData struct {
	Status           State  `json:"status"`
	AcceptedAt       int64  `json:"acceptedAt"`
	MerchantRefundID string `json:"merchantRefundId"`
	PaymentID        string `json:"paymentId"`
	Amount           *Money `json:"amount,omitempty"`
	RequestedAt      int64  `json:"requestedAt"`
	Reason           string `json:"reason,omitempty"`
}

// SessionRequest asks for a page on which a user consents: POST /v1/qr/sessions.
type SessionRequest struct {
	Scopes       []string `json:"scopes"`
	Nonce        string   `json:"nonce"`
	RedirectType string   `json:"redirectType,omitempty"`
	RedirectURL  string   `json:"redirectUrl"`
	ReferenceID  string   `json:"referenceId"`
	PhoneNumber  string   `json:"phoneNumber,omitempty"`
	DeviceID     string   `json:"deviceId,omitempty"`
	UserAgent    string   `json:"userAgent,omitempty"`
	// RequestedAt is not documented for this call; the official library sends it with every POST.
	RequestedAt int64 `json:"requestedAt,omitempty"`
}

// SessionData is such a page.
type SessionData struct {
	LinkURL string `json:"linkQRCodeURL"`
}

// ConsentData is how a consent stands: GET of PathConsents with QueryConsentID.
type ConsentData struct {
	ConsentID    string          `json:"userAuthorizationId"`
	ReferenceIDs json.RawMessage `json:"referenceIds,omitempty"`
	Status       string          `json:"status"`
	Scopes       []string        `json:"scopes,omitempty"`
	ExpireAt     int64           `json:"expireAt"`
	IssuedAt     int64           `json:"issuedAt"`
}

// Parameters that a user's browser brings back from the page of a consent.
const (
	ReturnedKey   = "apiKey"
	ReturnedToken = "responseToken"
)

// Kinds of notices; those that are about consents begin with "customer.".
const (
	NoticeTransaction = "Transaction"
	NoticeFile        = "file.created"
)

// Notice is what PayPay posts on its own. It is not signed. Times are RFC 3339 or empty.
type Notice struct {
	Type            string `json:"notification_type"`
	ID              string `json:"notification_id,omitempty"`
	MerchantID      string `json:"merchant_id,omitempty"`
	StoreID         string `json:"store_id,omitempty"`
	PosID           string `json:"pos_id,omitempty"`
	OrderID         string `json:"order_id,omitempty"`
	MerchantOrderID string `json:"merchant_order_id,omitempty"`
	HeldAt          string `json:"authorized_at,omitempty"`
	ExpiresAt       string `json:"expires_at,omitempty"`
	PaidAt          string `json:"paid_at,omitempty"`
	// OrderAmount is a number in some examples of the documents and a text in others.
	OrderAmount json.RawMessage `json:"order_amount,omitempty"`
	State       State           `json:"state,omitempty"`
	FileType    string          `json:"fileType,omitempty"` // of a file
	Path        string          `json:"path,omitempty"`
}
