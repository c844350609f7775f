package wire

// passMax is the longest text that is handed through, in characters.
const passMax = 20000

// WalletPayRequest asks a wallet to debit its user. The network sends it.
type WalletPayRequest struct {
	AcquirerID        string        `json:"acquirerId"`             // required, 64
	PSPID             string        `json:"pspId"`                  // required, 64
	PaymentRequestID  string        `json:"paymentRequestId"`       // required, 64; the network's
	Order             Order         `json:"order"`                  // required
	PaymentAmount     *Amount       `json:"paymentAmount"`          // required, what the shop asked
	PayToAmount       *Amount       `json:"payToAmount"`            // required, what the wallet owes
	PaymentQuote      *Quote        `json:"paymentQuote,omitempty"` // of these two amounts
	PaymentMethod     PaymentMethod `json:"paymentMethod"`          // required
	PaymentFactor     PaymentFactor `json:"paymentFactor"`          // required
	PaymentExpiryTime string        `json:"paymentExpiryTime,omitempty"`
	PaymentNotifyURL  string        `json:"paymentNotifyUrl,omitempty"` // 2048
	PassThroughInfo   string        `json:"passThroughInfo,omitempty"`  // 20000
}

func (r *WalletPayRequest) read(o *object) {
	r.AcquirerID = o.id("acquirerId", must)
	r.PSPID = o.id("pspId", must)
	r.PaymentRequestID = o.id("paymentRequestId", must)
	r.Order = sure[Order](o, "order")
	r.PaymentAmount = o.amount("paymentAmount", must)
	r.PayToAmount = o.amount("payToAmount", must)
	r.PaymentQuote = one[Quote](o, "paymentQuote", may)
	r.PaymentMethod = sure[PaymentMethod](o, "paymentMethod")
	r.PaymentFactor = sure[PaymentFactor](o, "paymentFactor")
	r.PaymentExpiryTime = o.time("paymentExpiryTime", may)
	r.PaymentNotifyURL = o.text("paymentNotifyUrl", urlMax, may)
	r.PassThroughInfo = o.text("passThroughInfo", passMax, may)
}

// Debited is what a wallet tells of a payment. A wallet may repeat ids and amounts; what it
// repeats is compared.
type Debited struct {
	PaymentRequestID string  `json:"paymentRequestId,omitempty"` // 64; the network's
	PaymentID        string  `json:"paymentId,omitempty"`        // 64; the wallet's
	PaymentTime      string  `json:"paymentTime,omitempty"`
	PaymentAmount    *Amount `json:"paymentAmount,omitempty"`
	PayToAmount      *Amount `json:"payToAmount,omitempty"`
	CustomerID       string  `json:"customerId,omitempty"` // 64
}

func (r *Debited) read(o *object) {
	r.PaymentRequestID = o.id("paymentRequestId", may)
	r.PaymentID = o.id("paymentId", may)
	r.PaymentTime = o.time("paymentTime", may)
	r.PaymentAmount = o.amount("paymentAmount", may)
	r.PayToAmount = o.amount("payToAmount", may)
	r.CustomerID = o.id("customerId", may)
}

// WalletPayResponse answers a WalletPayRequest: S debited, F not debited and never will be
// under this id, U not known or the user has to confirm first.
type WalletPayResponse struct {
	Result Result `json:"result"`
	Debited
}

func (r *WalletPayResponse) read(o *object) {
	r.Result = sure[Result](o, "result")
	r.Debited.read(o)
}

// WalletInquiryRequest asks a wallet how a payment stands.
type WalletInquiryRequest struct {
	AcquirerID       string `json:"acquirerId"`       // required, 64
	PSPID            string `json:"pspId"`            // required, 64
	PaymentRequestID string `json:"paymentRequestId"` // required, 64
}

func (r *WalletInquiryRequest) read(o *object) {
	r.AcquirerID = o.id("acquirerId", must)
	r.PSPID = o.id("pspId", must)
	r.PaymentRequestID = o.id("paymentRequestId", must)
}

// WalletInquiryResponse answers a WalletInquiryRequest. A payment that was made and then
// cancelled has the payment result F, ORDER_IS_CLOSED.
type WalletInquiryResponse struct {
	Result        Result  `json:"result"`
	PaymentResult *Result `json:"paymentResult,omitempty"`
	Debited
}

func (r *WalletInquiryResponse) read(o *object) {
	r.Result = sure[Result](o, "result")
	r.PaymentResult = one[Result](o, "paymentResult", may)
	r.Debited.read(o)
}

// WalletCancelRequest asks a wallet to give a whole payment back, or never to make it, whatever
// its state and whether or not the wallet knows the id.
type WalletCancelRequest struct {
	AcquirerID       string `json:"acquirerId"`       // required, 64
	PSPID            string `json:"pspId"`            // required, 64
	PaymentRequestID string `json:"paymentRequestId"` // required, 64
}

func (r *WalletCancelRequest) read(o *object) {
	r.AcquirerID = o.id("acquirerId", must)
	r.PSPID = o.id("pspId", must)
	r.PaymentRequestID = o.id("paymentRequestId", must)
}

// WalletCancelResponse answers a WalletCancelRequest.
type WalletCancelResponse struct {
	Result           Result `json:"result"`
	PaymentRequestID string `json:"paymentRequestId,omitempty"` // 64
}

func (r *WalletCancelResponse) read(o *object) {
	r.Result = sure[Result](o, "result")
	r.PaymentRequestID = o.id("paymentRequestId", may)
}

// WalletRefundRequest asks a wallet to return part or all of a payment to its user.
type WalletRefundRequest struct {
	AcquirerID       string  `json:"acquirerId"`             // required, 64
	PSPID            string  `json:"pspId"`                  // required, 64
	PaymentRequestID string  `json:"paymentRequestId"`       // required, 64
	PaymentID        string  `json:"paymentId,omitempty"`    // required, 64; the wallet's
	RefundRequestID  string  `json:"refundRequestId"`        // required, 64
	RefundAmount     *Amount `json:"refundAmount"`           // required, in the shop's currency
	RefundFromAmount *Amount `json:"refundFromAmount"`       // required, in the wallet's currency
	RefundReason     string  `json:"refundReason,omitempty"` // 256
	RefundQuote      *Quote  `json:"refundQuote,omitempty"`
}

func (r *WalletRefundRequest) read(o *object) {
	r.AcquirerID = o.id("acquirerId", must)
	r.PSPID = o.id("pspId", must)
	r.PaymentRequestID = o.id("paymentRequestId", must)
	r.PaymentID = o.id("paymentId", must)
	r.RefundRequestID = o.id("refundRequestId", must)
	r.RefundAmount = o.amount("refundAmount", must)
	r.RefundFromAmount = o.amount("refundFromAmount", must)
	r.RefundReason = o.text("refundReason", 256, may)
	r.RefundQuote = one[Quote](o, "refundQuote", may)
}

// WalletRefundResponse answers a WalletRefundRequest. A wallet may repeat id and amounts.
type WalletRefundResponse struct {
	Result           Result  `json:"result"`
	RefundRequestID  string  `json:"refundRequestId,omitempty"` // 64
	RefundID         string  `json:"refundId,omitempty"`        // 64; the wallet's
	RefundTime       string  `json:"refundTime,omitempty"`
	RefundAmount     *Amount `json:"refundAmount,omitempty"`
	RefundFromAmount *Amount `json:"refundFromAmount,omitempty"`
}

func (r *WalletRefundResponse) read(o *object) {
	r.Result = sure[Result](o, "result")
	r.RefundRequestID = o.id("refundRequestId", may)
	r.RefundID = o.id("refundId", may)
	r.RefundTime = o.time("refundTime", may)
	r.RefundAmount = o.amount("refundAmount", may)
	r.RefundFromAmount = o.amount("refundFromAmount", may)
}

// WalletNotice tells the network how a payment ended. A wallet sends it to
// …/payments/notifyPayment; its result is S or F, never U, and the network answers with an Ack.
type WalletNotice struct {
	PaymentResult Result `json:"paymentResult"` // required
	Debited              // paymentRequestId is required; all but payToAmount with S
	PassThrough   string `json:"passThroughInfo,omitempty"` // 20000
}

func (r *WalletNotice) read(o *object) {
	r.PaymentResult = o.finalResult()
	r.Debited.read(o)
	r.PassThrough = o.text("passThroughInfo", passMax, may)
	o.need("paymentRequestId", r.PaymentRequestID)
	if r.PaymentResult.Status != Success {
		return
	}
	o.need("paymentId", r.PaymentID)
	o.need("paymentTime", r.PaymentTime)
	o.need("customerId", r.CustomerID)
	if r.PaymentAmount == nil {
		o.fail("paymentAmount", "is missing")
	}
}

// PaymentCodeRequest asks the network for codes that a user can show. A wallet sends it to
// …/codes/getPaymentCode.
type PaymentCodeRequest struct {
	Region       string `json:"region,omitempty"`       // 2, where the user wants to pay
	CustomerID   string `json:"customerId"`             // required, 64
	CodeQuantity string `json:"codeQuantity,omitempty"` // 1 to 10, absent is 1
	Env          Env    `json:"env"`                    // required
}

// codesMax is how many codes one request can ask for.
const codesMax = 10

func (r *PaymentCodeRequest) read(o *object) {
	r.Region = o.text("region", 2, may)
	r.CustomerID = o.id("customerId", must)
	r.CodeQuantity = o.text("codeQuantity", 0, may)
	r.Env = sure[Env](o, "env")
	if r.Quantity() == 0 {
		o.fail("codeQuantity", "is not a whole number from 1 to %d", codesMax)
	}
}

// Quantity returns how many codes are asked for, 1 to 10; 0 when the field is illegal.
func (r *PaymentCodeRequest) Quantity() int {
	switch s := r.CodeQuantity; {
	case s == "":
		return 1
	case len(s) == 1 && s >= "1" && s <= "9":
		return int(s[0] - '0')
	case s == "10":
		return codesMax
	}
	return 0
}

// PaymentCode is one code and how long it can be used.
type PaymentCode struct {
	Code      string `json:"paymentCode"` // 128
	StartTime string `json:"codeValidityStartTime"`
	ExpiryAt  string `json:"codeExpiryTime"`
}

func (r *PaymentCode) read(o *object) {
	r.Code = o.text("paymentCode", 128, must)
	r.StartTime = o.time("codeValidityStartTime", may)
	r.ExpiryAt = o.time("codeExpiryTime", must)
}

// PaymentCodeResponse answers a PaymentCodeRequest.
type PaymentCodeResponse struct {
	Result Result        `json:"result"`
	Codes  []PaymentCode `json:"paymentCodeInfoList,omitempty"`
}

func (r *PaymentCodeResponse) read(o *object) {
	r.Result = sure[Result](o, "result")
	r.Codes = several[PaymentCode](o, "paymentCodeInfoList")
}
