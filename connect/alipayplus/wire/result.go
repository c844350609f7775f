package wire

// Status is the first word of a result.
type Status string

// The statuses. Accepted belongs to neighbouring products; this protocol uses the first three.
const (
	Success  Status = "S" // done
	Failure  Status = "F" // final: repeating the request changes nothing
	Unclear  Status = "U" // not known or still in process: ask again
	Accepted Status = "A" // taken, with a next step
)

// Code is a documented result code, at most 64 characters.
type Code string

// The result codes.
const (
	CodeSuccess            Code = "SUCCESS"
	CodeInProcess          Code = "PAYMENT_IN_PROCESS"
	CodeTraffic            Code = "REQUEST_TRAFFIC_EXCEED_LIMIT"
	CodeUnknown            Code = "UNKNOWN_EXCEPTION"
	CodeProcessFail        Code = "PROCESS_FAIL"
	CodeParam              Code = "PARAM_ILLEGAL"
	CodeSignature          Code = "INVALID_SIGNATURE"
	CodeKeyNotFound        Code = "KEY_NOT_FOUND"
	CodeClient             Code = "INVALID_CLIENT"
	CodeAccessDenied       Code = "ACCESS_DENIED"
	CodeNoInterface        Code = "NO_INTERFACE_DEF"
	CodeMethod             Code = "METHOD_NOT_SUPPORTED"
	CodeMediaType          Code = "MEDIA_TYPE_NOT_ACCEPTABLE"
	CodeInconsistent       Code = "REPEAT_REQ_INCONSISTENT"
	CodeInvalidCode        Code = "INVALID_CODE"
	CodeExpiredCode        Code = "EXPIRED_CODE"
	CodeOrderNotExist      Code = "ORDER_NOT_EXIST"
	CodeOrderClosed        Code = "ORDER_IS_CLOSED"
	CodeOrderStatus        Code = "ORDER_STATUS_INVALID"
	CodeContract           Code = "INVALID_CONTRACT"
	CodeBusiness           Code = "BUSINESS_NOT_SUPPORT"
	CodeCurrency           Code = "CURRENCY_NOT_SUPPORT"
	CodeMerchantUnknown    Code = "MERCHANT_NOT_REGISTERED"
	CodeMerchantKYB        Code = "MERCHANT_KYB_NOT_QUALIFIED"
	CodePaymentLimit       Code = "PAYMENT_AMOUNT_EXCEED_LIMIT"
	CodeUserLimit          Code = "USER_AMOUNT_EXCEED_LIMIT"
	CodeCountLimit         Code = "PAYMENT_COUNT_EXCEED_LIMIT"
	CodeBalance            Code = "USER_BALANCE_NOT_ENOUGH"
	CodeUserUnknown        Code = "USER_NOT_EXIST"
	CodeUserStatus         Code = "USER_STATUS_ABNORMAL"
	CodeUserKYC            Code = "USER_KYC_NOT_QUALIFIED"
	CodeVerification       Code = "USER_PAYMENT_VERIFICATION_FAILED"
	CodeMethodUnavailable  Code = "UNAVAILABLE_PAYMENT_METHOD"
	CodeRisk               Code = "RISK_REJECT"
	CodeRegulation         Code = "REGULATION_RESTRICTION"
	CodeToken              Code = "INVALID_TOKEN"
	CodeTokenExpired       Code = "EXPIRED_ACCESS_TOKEN"
	CodeCancelWindow       Code = "CANCEL_WINDOW_EXCEED"
	CodeRefundAmount       Code = "REFUND_AMOUNT_EXCEED"
	CodeRefundWindow       Code = "REFUND_WINDOW_EXCEED"
	CodeRegistrationReview Code = "REGISTRATION_UNDER_REVIEW"
	CodeRegistrationRepeat Code = "REPEAT_REGISTRATION"
	CodeRecordUnknown      Code = "RECORD_NOT_FOUND"
	CodeAccept             Code = "ACCEPT"
)

// meaning is one line of the table of result codes.
type meaning struct {
	status  Status
	message string
}

// meanings is the table of result codes: the status that each has, always, and the message that
// is sent when nothing more exact is known.
var meanings = map[Code]meaning{
	CodeSuccess:            {Success, "success"},
	CodeInProcess:          {Unclear, "the payment is in process"},
	CodeTraffic:            {Unclear, "too many requests, send the same request again later"},
	CodeUnknown:            {Unclear, "the result is not known, ask again"},
	CodeProcessFail:        {Failure, "the request was refused"},
	CodeParam:              {Failure, "a parameter is illegal"},
	CodeSignature:          {Failure, "the signature is invalid"},
	CodeKeyNotFound:        {Failure, "there is no key of this version"},
	CodeClient:             {Failure, "the client is not known"},
	CodeAccessDenied:       {Failure, "this client may not do this"},
	CodeNoInterface:        {Failure, "there is no such interface"},
	CodeMethod:             {Failure, "the HTTP method must be POST"},
	CodeMediaType:          {Failure, "the content type must be application/json in UTF-8"},
	CodeInconsistent:       {Failure, "the request id was used with other values"},
	CodeInvalidCode:        {Failure, "the code is not valid"},
	CodeExpiredCode:        {Failure, "the code has expired"},
	CodeOrderNotExist:      {Failure, "there is no such payment"},
	CodeOrderClosed:        {Failure, "the payment is closed"},
	CodeOrderStatus:        {Failure, "the state of the payment does not allow this"},
	CodeContract:           {Failure, "the agreement does not allow this"},
	CodeBusiness:           {Failure, "this is not supported"},
	CodeCurrency:           {Failure, "the currency is not supported"},
	CodeMerchantUnknown:    {Failure, "the merchant is not registered"},
	CodeMerchantKYB:        {Failure, "the merchant may not take payments"},
	CodePaymentLimit:       {Failure, "the amount is over the limit of one payment"},
	CodeUserLimit:          {Failure, "the amount is over the limit of the user"},
	CodeCountLimit:         {Failure, "the user has made too many payments"},
	CodeBalance:            {Failure, "the user's balance is not enough"},
	CodeUserUnknown:        {Failure, "there is no such user"},
	CodeUserStatus:         {Failure, "the user may not pay"},
	CodeUserKYC:            {Failure, "the user is not verified"},
	CodeVerification:       {Failure, "the user did not confirm the payment"},
	CodeMethodUnavailable:  {Failure, "the payment method cannot be used"},
	CodeRisk:               {Failure, "refused for risk"},
	CodeRegulation:         {Failure, "refused by regulation"},
	CodeToken:              {Failure, "the token is not valid"},
	CodeTokenExpired:       {Failure, "the token has expired"},
	CodeCancelWindow:       {Failure, "the time for cancelling is over, refund instead"},
	CodeRefundAmount:       {Failure, "the refund is more than what is left"},
	CodeRefundWindow:       {Failure, "the time for refunds is over"},
	CodeRegistrationReview: {Failure, "the registration is under review"},
	CodeRegistrationRepeat: {Failure, "the registration was made before"},
	CodeRecordUnknown:      {Failure, "there is no such registration"},
	CodeAccept:             {Accepted, "accepted"},
}

// Status returns the status that the code always has, and whether the code is documented.
func (c Code) Status() (Status, bool) {
	m, ok := meanings[c]
	return m.status, ok
}

// Codes returns every documented code with its status.
func Codes() map[Code]Status {
	all := make(map[Code]Status, len(meanings))
	for c, m := range meanings {
		all[c] = m.status
	}
	return all
}

// messageMax is the longest result message, in characters.
const messageMax = 256

// Result says how a request, or in a message about a payment the payment, went.
type Result struct {
	Status  Status `json:"resultStatus"`
	Code    Code   `json:"resultCode"`
	Message string `json:"resultMessage,omitempty"`
}

// ResultOf returns the result of a code with the table's message. A code that is not documented
// becomes UNKNOWN_EXCEPTION: a receiver must not take our mistake for a final answer.
func ResultOf(c Code) Result {
	m, ok := meanings[c]
	if !ok {
		c, m = CodeUnknown, meanings[CodeUnknown]
	}
	return Result{m.status, c, m.message}
}

// With returns r with another message, cut to 256 characters; an empty one changes nothing.
func (r Result) With(message string) Result {
	if message == "" {
		return r
	}
	if letters := []rune(message); len(letters) > messageMax {
		message = string(letters[:messageMax-1]) + "…"
	}
	r.Message = message
	return r
}

// Consistent tells whether the status is the one that the code has by the table. Codes that are
// not documented are consistent with F only: a new way to fail.
func (r Result) Consistent() bool {
	s, ok := r.Code.Status()
	if !ok {
		return r.Status == Failure
	}
	return s == r.Status
}

func (r *Result) read(o *object) {
	r.Status = Status(o.text("resultStatus", 1, must))
	r.Code = Code(o.text("resultCode", 64, !o.state.answer))
	// Nothing hangs on the message, so none is refused.
	loose := object{o.members, o.path, &state{answer: true}}
	r.Message = loose.text("resultMessage", 0, may)
	switch r.Status {
	case Success, Failure, Unclear, Accepted, "":
	default:
		o.fail("resultStatus", "is none of S, F, U, A")
	}
}
