package wire

// ConnectWallet is the payment method type of every wallet behind the network.
const ConnectWallet = "CONNECT_WALLET"

// PaymentMethod is what is paid with.
type PaymentMethod struct {
	Type       string          `json:"paymentMethodType"`         // required, 64
	ID         string          `json:"paymentMethodId,omitempty"` // 128; a wallet code
	CustomerID string          `json:"customerId,omitempty"`      // 64
	MetaData   *MethodMetaData `json:"paymentMethodMetaData,omitempty"`
}

func (r *PaymentMethod) read(o *object) {
	r.Type = o.text("paymentMethodType", 64, must)
	r.ID = o.text("paymentMethodId", 128, may)
	r.CustomerID = o.id("customerId", may)
	r.MetaData = one[MethodMetaData](o, "paymentMethodMetaData", may)
}

// MethodMetaData is what else belongs to a payment method.
type MethodMetaData struct {
	AuthClientID      string `json:"authClientId,omitempty"`      // 64
	PaymentCodeRegion string `json:"paymentCodeRegion,omitempty"` // 2
}

func (r *MethodMetaData) read(o *object) {
	r.AuthClientID = o.id("authClientId", may)
	r.PaymentCodeRegion = o.text("paymentCodeRegion", 2, may)
}

// The scenarios of a payment in a store.
const (
	ScenarioPaymentCode = "PaymentCode" // the shop scans the user's code
	ScenarioOrderCode   = "OrderCode"   // the user scans a code made for the order
	ScenarioEntryCode   = "EntryCode"   // the user scans a code that stands in the shop
)

// PaymentFactor says in which of its shapes a payment comes. Flags are "true", "false" or "".
type PaymentFactor struct {
	InStore         string `json:"isInStorePayment,omitempty"`
	Cashier         string `json:"isCashierPayment,omitempty"`
	Agreement       string `json:"isAgreementPayment,omitempty"`
	Evaluation      string `json:"isPaymentEvaluation,omitempty"`
	NeedSurcharge   string `json:"needSurcharge,omitempty"`
	Scenario        string `json:"inStorePaymentScenario,omitempty"` // 32
	PresentmentMode string `json:"presentmentMode,omitempty"`        // 32
}

func (r *PaymentFactor) read(o *object) {
	r.InStore = o.flag("isInStorePayment")
	r.Cashier = o.flag("isCashierPayment")
	r.Agreement = o.flag("isAgreementPayment")
	r.Evaluation = o.flag("isPaymentEvaluation")
	r.NeedSurcharge = o.flag("needSurcharge")
	r.Scenario = o.text("inStorePaymentScenario", 32, may)
	r.PresentmentMode = o.text("presentmentMode", 32, may)
}

// SettlementStrategy says in which of several agreed currencies a payment is settled.
type SettlementStrategy struct {
	Currency string `json:"settlementCurrency,omitempty"` // 3
}

func (r *SettlementStrategy) read(o *object) {
	r.Currency = o.text("settlementCurrency", 3, may)
}

// Quote is a rate that was fixed for a payment.
type Quote struct {
	ID           string `json:"quoteId,omitempty"`           // 64
	CurrencyPair string `json:"quoteCurrencyPair,omitempty"` // "JPY/CNY": one JPY is price CNY
	Price        string `json:"quotePrice,omitempty"`        // plain decimal, 32
	StartTime    string `json:"quoteStartTime,omitempty"`
	ExpiryTime   string `json:"quoteExpiryTime,omitempty"`
	BaseCurrency string `json:"baseCurrency,omitempty"` // 3
	Unit         string `json:"quoteUnit,omitempty"`    // 32
}

func (r *Quote) read(o *object) {
	r.ID = o.id("quoteId", may)
	r.CurrencyPair = o.text("quoteCurrencyPair", 16, may)
	r.Price = o.text("quotePrice", 32, may)
	r.StartTime = o.time("quoteStartTime", may)
	r.ExpiryTime = o.time("quoteExpiryTime", may)
	r.BaseCurrency = o.text("baseCurrency", 3, may)
	r.Unit = o.text("quoteUnit", 32, may)
}

// The kinds and states of a transaction.
const (
	TransactionRefund = "REFUND"
	TransactionCancel = "CANCEL"

	TransactionSuccess    = "SUCCESS"
	TransactionFail       = "FAIL"
	TransactionProcessing = "PROCESSING"
)

// Transaction is one refund or cancel of a payment.
type Transaction struct {
	Result    *Result `json:"transactionResult,omitempty"`
	ID        string  `json:"transactionId,omitempty"`     // 64
	Type      string  `json:"transactionType,omitempty"`   // REFUND, CANCEL, …
	Status    string  `json:"transactionStatus,omitempty"` // SUCCESS, FAIL, PROCESSING, CANCELLED
	Amount    *Amount `json:"transactionAmount,omitempty"`
	RequestID string  `json:"transactionRequestId,omitempty"` // 64
	Time      string  `json:"transactionTime,omitempty"`
}

func (r *Transaction) read(o *object) {
	r.Result = one[Result](o, "transactionResult", may)
	r.ID = o.id("transactionId", may)
	r.Type = o.text("transactionType", 32, may)
	r.Status = o.text("transactionStatus", 32, may)
	r.Amount = o.amount("transactionAmount", may)
	r.RequestID = o.id("transactionRequestId", may)
	r.Time = o.time("transactionTime", may)
}
