package wire

// The kinds of a code that a payer scanned.
const (
	CodeTypeOrder = "ORDER_CODE" // holds one order with its amount
	CodeTypeStore = "STORE_CODE" // stands in a shop; its payer types the amount
)

// codeMax is the longest text of a code that is scanned, in characters.
const codeMax = 512

// UserInitiatedRequest asks the network what a code means that a wallet's user scanned. The wallet
// sends it to …/payments/userInitiatedPay.
//
// PaymentAmount is this network's extension: the public documents do not say how the amount
// travels that a user typed after a STORE_CODE. A wallet calls again with it.
type UserInitiatedRequest struct {
	CodeValue     string  `json:"codeValue"`  // required, 512
	CustomerID    string  `json:"customerId"` // required, 64
	PaymentAmount *Amount `json:"paymentAmount,omitempty"`
	PassThrough   string  `json:"passThroughInfo,omitempty"` // 20000
}

func (r *UserInitiatedRequest) read(o *object) {
	r.CodeValue = o.text("codeValue", codeMax, must)
	r.CustomerID = o.id("customerId", must)
	r.PaymentAmount = o.amount("paymentAmount", may)
	r.PassThrough = o.text("passThroughInfo", passMax, may)
}

// UserInitiatedResponse answers a UserInitiatedRequest. With ORDER_CODE the wallet debits
// PayToAmount under PaymentRequestID and tells by WalletNotice; with STORE_CODE there is neither,
// and Order has no amount.
type UserInitiatedResponse struct {
	Result           Result `json:"result"`
	CodeType         string `json:"codeType,omitempty"`   // ORDER_CODE, STORE_CODE
	AcquirerID       string `json:"acquirerId,omitempty"` // 64
	PSPID            string `json:"pspId,omitempty"`      // 64
	PaymentRequestID string `json:"paymentRequestId,omitempty"`
	Order            *Order `json:"order,omitempty"`
	Sum
	PayToAmount       *Amount        `json:"payToAmount,omitempty"`
	PaymentQuote      *Quote         `json:"paymentQuote,omitempty"`
	PaymentFactor     *PaymentFactor `json:"paymentFactor,omitempty"`
	PaymentExpiryTime string         `json:"paymentExpiryTime,omitempty"`
	PaymentNotifyURL  string         `json:"paymentNotifyUrl,omitempty"` // 2048
	PassThrough       string         `json:"passThroughInfo,omitempty"`  // 20000
}

func (r *UserInitiatedResponse) read(o *object) {
	r.Result = sure[Result](o, "result")
	r.CodeType = o.text("codeType", 32, may)
	r.AcquirerID = o.id("acquirerId", may)
	r.PSPID = o.id("pspId", may)
	r.PaymentRequestID = o.id("paymentRequestId", may)
	r.Order = one[Order](o, "order", may)
	r.Sum.read(o)
	r.PayToAmount = o.amount("payToAmount", may)
	r.PaymentQuote = one[Quote](o, "paymentQuote", may)
	r.PaymentFactor = one[PaymentFactor](o, "paymentFactor", may)
	r.PaymentExpiryTime = o.time("paymentExpiryTime", may)
	r.PaymentNotifyURL = o.text("paymentNotifyUrl", urlMax, may)
	r.PassThrough = o.text("passThroughInfo", passMax, may)
}

// Sum is an amount under both of its names: the documents call it paymentAmount, the official Java
// client amount. Both are sent; one is enough to be read, and two must be the same.
type Sum struct {
	PaymentAmount *Amount `json:"paymentAmount,omitempty"`
	Amount        *Amount `json:"amount,omitempty"`
}

// SumOf writes an amount under both names.
func SumOf(a *Amount) Sum { return Sum{a, a} }

// Total returns the amount, nil when there is none.
func (r *Sum) Total() *Amount {
	if r.PaymentAmount != nil {
		return r.PaymentAmount
	}
	return r.Amount
}

func (r *Sum) read(o *object) {
	r.PaymentAmount = o.amount("paymentAmount", may)
	r.Amount = o.amount("amount", may)
	if r.PaymentAmount != nil && r.Amount != nil && *r.PaymentAmount != *r.Amount {
		o.fail("amount", "is not the same as paymentAmount")
	}
}

// PrivateCodeRequest asks an acquirer what a code of its own means. The network sends it to the
// address that was agreed for the code's prefix. PaymentAmount is the extension that
// UserInitiatedRequest describes, handed on.
type PrivateCodeRequest struct {
	AcquirerID    string  `json:"acquirerId,omitempty"` // 64
	PSPID         string  `json:"pspId,omitempty"`      // 64
	CodeValue     string  `json:"codeValue"`            // required, 512
	CustomerID    string  `json:"customerId,omitempty"` // 64
	PaymentAmount *Amount `json:"paymentAmount,omitempty"`
	PassThrough   string  `json:"passThroughInfo,omitempty"` // 20000
}

func (r *PrivateCodeRequest) read(o *object) {
	r.AcquirerID = o.id("acquirerId", may)
	r.PSPID = o.id("pspId", may)
	r.CodeValue = o.text("codeValue", codeMax, must)
	r.CustomerID = o.id("customerId", may)
	r.PaymentAmount = o.amount("paymentAmount", may)
	r.PassThrough = o.text("passThroughInfo", passMax, may)
}

// PrivateCodeResponse answers a PrivateCodeRequest: the order as the acquirer would have sent it
// with PayRequest. A STORE_CODE has no PaymentRequestID and no amount.
type PrivateCodeResponse struct {
	Result           Result `json:"result"`
	CodeType         string `json:"codeType,omitempty"`         // ORDER_CODE, STORE_CODE
	PaymentRequestID string `json:"paymentRequestId,omitempty"` // 64; the acquirer's
	Order            *Order `json:"order,omitempty"`
	Sum
	PaymentFactor      *PaymentFactor      `json:"paymentFactor,omitempty"`
	PaymentNotifyURL   string              `json:"paymentNotifyUrl,omitempty"`   // 2048
	PaymentRedirectURL string              `json:"paymentRedirectUrl,omitempty"` // 2048
	PaymentExpiryTime  string              `json:"paymentExpiryTime,omitempty"`
	SettlementStrategy *SettlementStrategy `json:"settlementStrategy,omitempty"`
	PassThrough        string              `json:"passThroughInfo,omitempty"` // 20000
}

func (r *PrivateCodeResponse) read(o *object) {
	r.Result = sure[Result](o, "result")
	r.CodeType = o.text("codeType", 32, may)
	r.PaymentRequestID = o.id("paymentRequestId", may)
	r.Order = one[Order](o, "order", may)
	r.Sum.read(o)
	r.PaymentFactor = one[PaymentFactor](o, "paymentFactor", may)
	r.PaymentNotifyURL = o.text("paymentNotifyUrl", urlMax, may)
	r.PaymentRedirectURL = o.text("paymentRedirectUrl", urlMax, may)
	r.PaymentExpiryTime = o.time("paymentExpiryTime", may)
	r.SettlementStrategy = one[SettlementStrategy](o, "settlementStrategy", may)
	r.PassThrough = o.text("passThroughInfo", passMax, may)
}
