package wire

// QuoteRequest asks the network for a rate, for orientation only. A wallet sends it to
// /aps/v1/payments/inquiryForeignExchangeQuote: this path alone has no /api.
type QuoteRequest struct {
	SellCurrency  string         `json:"sellCurrency"` // required, 3; what is sold for the user
	BuyCurrency   string         `json:"buyCurrency"`  // required, 3; what is bought for the user
	PaymentFactor *PaymentFactor `json:"paymentFactor,omitempty"`
}

func (r *QuoteRequest) read(o *object) {
	r.SellCurrency = o.text("sellCurrency", 3, must)
	r.BuyCurrency = o.text("buyCurrency", 3, must)
	r.PaymentFactor = one[PaymentFactor](o, "paymentFactor", may)
}

// QuoteResponse answers a QuoteRequest.
type QuoteResponse struct {
	Result Result `json:"result"`
	Quote  *Quote `json:"foreignExchangeQuote,omitempty"`
}

func (r *QuoteResponse) read(o *object) {
	r.Result = sure[Result](o, "result")
	r.Quote = one[Quote](o, "foreignExchangeQuote", may)
}

// CodeRulesRequest asks the network which codes it can decode. It has no fields. A wallet sends
// it to …/codes/inquiryCodeRules, at least once a day.
type CodeRulesRequest struct{}

func (r *CodeRulesRequest) read(*object) {}

// What a wallet does with a code that a rule fits.
const (
	ActionDecode  = "DECODE"   // it sends the code with UserInitiatedRequest
	ActionOpenURL = "OPEN_URL" // it opens the address in its own browser
)

// versionMax is the longest version of the rules, in characters.
const versionMax = 16

// CodeRulesResponse answers a CodeRulesRequest. Rules stay as they are while Version does.
type CodeRulesResponse struct {
	Result  Result     `json:"result"`
	Rules   []CodeRule `json:"codeRules,omitempty"`
	Version string     `json:"version,omitempty"` // 16
}

func (r *CodeRulesResponse) read(o *object) {
	r.Result = sure[Result](o, "result")
	r.Rules = several[CodeRule](o, "codeRules")
	r.Version = o.text("version", versionMax, may)
}

// CodeRule says of one kind of code what to do with it. The public documents name the list and
// the actions but not the fields of a rule: these are this network's own.
type CodeRule struct {
	Pattern   string `json:"codePattern"`             // required, 512; a regular expression (RE2)
	Action    string `json:"postCodeMatchActionType"` // required; DECODE, OPEN_URL
	UserAgent string `json:"userAgent,omitempty"`     // 1024; with OPEN_URL, to be added
}

func (r *CodeRule) read(o *object) {
	r.Pattern = o.text("codePattern", codeMax, must)
	r.Action = o.text("postCodeMatchActionType", 32, must)
	r.UserAgent = o.text("userAgent", 1024, may)
}
