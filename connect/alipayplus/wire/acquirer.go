package wire

// urlMax is the longest address, in characters.
const urlMax = 2048

// PayRequest asks the network for a payment. An acquirer sends it to …/payments/pay.
type PayRequest struct {
	Order              Order               `json:"order"`            // required
	PaymentRequestID   string              `json:"paymentRequestId"` // required, 64
	PaymentAmount      *Amount             `json:"paymentAmount"`    // required
	PaymentMethod      PaymentMethod       `json:"paymentMethod"`    // required
	PaymentFactor      PaymentFactor       `json:"paymentFactor"`    // required
	PaymentExpiryTime  string              `json:"paymentExpiryTime,omitempty"`
	PaymentNotifyURL   string              `json:"paymentNotifyUrl,omitempty"`   // 2048
	PaymentRedirectURL string              `json:"paymentRedirectUrl,omitempty"` // 2048
	SettlementStrategy *SettlementStrategy `json:"settlementStrategy,omitempty"`
	AllowedPSPRegions  []string            `json:"allowedPspRegions,omitempty"`
	UserRegion         string              `json:"userRegion,omitempty"`        // 2
	SplitSettlementID  string              `json:"splitSettlementId,omitempty"` // 64
}

func (r *PayRequest) read(o *object) {
	r.Order = sure[Order](o, "order")
	r.PaymentRequestID = o.id("paymentRequestId", must)
	r.PaymentAmount = o.amount("paymentAmount", must)
	r.PaymentMethod = sure[PaymentMethod](o, "paymentMethod")
	r.PaymentFactor = sure[PaymentFactor](o, "paymentFactor")
	r.PaymentExpiryTime = o.time("paymentExpiryTime", may)
	r.PaymentNotifyURL = o.text("paymentNotifyUrl", urlMax, may)
	r.PaymentRedirectURL = o.text("paymentRedirectUrl", urlMax, may)
	r.SettlementStrategy = one[SettlementStrategy](o, "settlementStrategy", may)
	r.AllowedPSPRegions = o.texts("allowedPspRegions", 2)
	r.UserRegion = o.text("userRegion", 2, may)
	r.SplitSettlementID = o.id("splitSettlementId", may)
}

// Paid is what is told of a payment that was made; its fields are absent until then.
type Paid struct {
	AcquirerID       string  `json:"acquirerId,omitempty"`       // 64
	PSPID            string  `json:"pspId,omitempty"`            // 64; the wallet
	PaymentRequestID string  `json:"paymentRequestId,omitempty"` // 64; not in the answer to pay
	PaymentID        string  `json:"paymentId,omitempty"`        // 64; the network's
	PaymentAmount    *Amount `json:"paymentAmount,omitempty"`
	PaymentTime      string  `json:"paymentTime,omitempty"`
	CustomerID       string  `json:"customerId,omitempty"`      // 64; the wallet's, of the payer
	WalletBrandName  string  `json:"walletBrandName,omitempty"` // 128
	SettlementAmount *Amount `json:"settlementAmount,omitempty"`
	SettlementQuote  *Quote  `json:"settlementQuote,omitempty"`
	MPPPaymentID     string  `json:"mppPaymentId,omitempty"` // 64; the wallet's
}

func (r *Paid) read(o *object) {
	r.AcquirerID = o.id("acquirerId", may)
	r.PSPID = o.id("pspId", may)
	r.PaymentRequestID = o.id("paymentRequestId", may)
	r.PaymentID = o.id("paymentId", may)
	r.PaymentAmount = o.amount("paymentAmount", may)
	r.PaymentTime = o.time("paymentTime", may)
	r.CustomerID = o.id("customerId", may)
	r.WalletBrandName = o.text("walletBrandName", 128, may)
	r.SettlementAmount = o.amount("settlementAmount", may)
	r.SettlementQuote = one[Quote](o, "settlementQuote", may)
	r.MPPPaymentID = o.id("mppPaymentId", may)
}

// PayResponse answers a PayRequest. Paid is filled when the result is S; with U only the ids
// of acquirer and payment are, and how the payer gets to the order: OrderCodeForm when it was an
// order code, Redirect when it was an entry code or the cashier.
type PayResponse struct {
	Result Result `json:"result"`
	Paid
	OrderCodeForm *OrderCodeForm `json:"orderCodeForm,omitempty"`
	Redirect
}

func (r *PayResponse) read(o *object) {
	r.Result = sure[Result](o, "result")
	r.Paid.read(o)
	r.OrderCodeForm = one[OrderCodeForm](o, "orderCodeForm", may)
	r.Redirect.read(o)
}

// InquiryRequest asks the network how a payment stands. One of the two ids is required.
type InquiryRequest struct {
	PaymentRequestID string `json:"paymentRequestId,omitempty"` // 64
	PaymentID        string `json:"paymentId,omitempty"`        // 64
}

func (r *InquiryRequest) read(o *object) {
	r.PaymentRequestID, r.PaymentID = o.paymentIDs()
}

// paymentIDs reads the two ids that can name a payment; one has to be there.
func (o *object) paymentIDs() (requestID, paymentID string) {
	requestID, paymentID = o.id("paymentRequestId", may), o.id("paymentId", may)
	if requestID == "" && paymentID == "" {
		o.fail("paymentRequestId", "is missing, and so is paymentId")
	}
	return requestID, paymentID
}

// InquiryResponse answers an InquiryRequest. Result says how the inquiry went; PaymentResult,
// present when Result is S, how the payment stands.
type InquiryResponse struct {
	Result        Result  `json:"result"`
	PaymentResult *Result `json:"paymentResult,omitempty"`
	Paid
	Transactions []Transaction `json:"transactions,omitempty"`
}

func (r *InquiryResponse) read(o *object) {
	r.Result = sure[Result](o, "result")
	r.PaymentResult = one[Result](o, "paymentResult", may)
	r.Paid.read(o)
	r.Transactions = several[Transaction](o, "transactions")
}

// CancelRequest asks the network to give a whole payment up. One of the two ids is required.
type CancelRequest struct {
	PaymentRequestID string `json:"paymentRequestId,omitempty"` // 64
	PaymentID        string `json:"paymentId,omitempty"`        // 64
}

func (r *CancelRequest) read(o *object) {
	r.PaymentRequestID, r.PaymentID = o.paymentIDs()
}

// CancelResponse answers a CancelRequest.
type CancelResponse struct {
	Result     Result `json:"result"`
	AcquirerID string `json:"acquirerId,omitempty"` // 64
	PSPID      string `json:"pspId,omitempty"`      // 64
}

func (r *CancelResponse) read(o *object) {
	r.Result = sure[Result](o, "result")
	r.AcquirerID = o.id("acquirerId", may)
	r.PSPID = o.id("pspId", may)
}

// RefundRequest asks the network to return part or all of a payment. One of the two ids of the
// payment is required. After a U or no answer it is sent again unchanged.
type RefundRequest struct {
	PaymentRequestID string  `json:"paymentRequestId,omitempty"` // 64
	PaymentID        string  `json:"paymentId,omitempty"`        // 64
	RefundRequestID  string  `json:"refundRequestId"`            // required, 64
	RefundAmount     *Amount `json:"refundAmount"`               // required, payment's currency
	RefundReason     string  `json:"refundReason,omitempty"`     // 256
}

func (r *RefundRequest) read(o *object) {
	r.PaymentRequestID, r.PaymentID = o.paymentIDs()
	r.RefundRequestID = o.id("refundRequestId", must)
	r.RefundAmount = o.amount("refundAmount", must)
	r.RefundReason = o.text("refundReason", 256, may)
}

// RefundResponse answers a RefundRequest. The amounts and the time come with S only.
type RefundResponse struct {
	Result           Result  `json:"result"`
	AcquirerID       string  `json:"acquirerId,omitempty"` // 64
	PSPID            string  `json:"pspId,omitempty"`      // 64
	RefundID         string  `json:"refundId,omitempty"`   // 64
	RefundTime       string  `json:"refundTime,omitempty"`
	RefundAmount     *Amount `json:"refundAmount,omitempty"`
	SettlementAmount *Amount `json:"settlementAmount,omitempty"`
	SettlementQuote  *Quote  `json:"settlementQuote,omitempty"`
}

func (r *RefundResponse) read(o *object) {
	r.Result = sure[Result](o, "result")
	r.AcquirerID = o.id("acquirerId", may)
	r.PSPID = o.id("pspId", may)
	r.RefundID = o.id("refundId", may)
	r.RefundTime = o.time("refundTime", may)
	r.RefundAmount = o.amount("refundAmount", may)
	r.SettlementAmount = o.amount("settlementAmount", may)
	r.SettlementQuote = one[Quote](o, "settlementQuote", may)
}

// PaymentNotice tells an acquirer how a payment ended; its result is S or F, never U. The
// acquirer answers with a signed Ack, and is told again until it does.
type PaymentNotice struct {
	PaymentResult Result `json:"paymentResult"` // required
	Paid
}

func (r *PaymentNotice) read(o *object) {
	r.PaymentResult = o.finalResult()
	r.Paid.read(o)
	o.need("paymentRequestId", r.PaymentRequestID)
	o.need("acquirerId", r.AcquirerID)
}

// finalResult reads the result of a payment that is over.
func (o *object) finalResult() Result {
	r := sure[Result](o, "paymentResult")
	if r.Status != Success && r.Status != Failure {
		o.fail("paymentResult.resultStatus", "is neither S nor F")
	}
	return r
}

// need fails when a field that was read as optional is required after all.
func (o *object) need(name, text string) {
	if text == "" {
		o.fail(name, "is missing")
	}
}

// Ack answers a notice, and is the whole of every answer that refuses.
type Ack struct {
	Result Result `json:"result"` // required
}

func (r *Ack) read(o *object) { r.Result = sure[Result](o, "result") }
