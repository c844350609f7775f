package wire

import (
	"maps"
	"net/http"
	"slices"
)

// Code is the code of a result.
type Code string

// The codes. Comments say what is not in the name.
const (
	Success              Code = "SUCCESS"
	Accepted             Code = "REQUEST_ACCEPTED"           // done later; ask again
	ConfirmationRequired Code = "USER_CONFIRMATION_REQUIRED" // the user has to agree first

	InvalidRequest Code = "INVALID_REQUEST_PARAMS"
	MissingRequest Code = "MISSING_REQUEST_PARAMS"
	InvalidParams  Code = "INVALID_PARAMS"
	Unauthorised   Code = "UNAUTHORIZED" // the key, the secret or the merchant is wrong
	OutOfScope     Code = "OP_OUT_OF_SCOPE"
	UserInactive   Code = "USER_STATE_IS_NOT_ACTIVE"
	ClientNotFound Code = "OPA_CLIENT_NOT_FOUND"
	NotFound       Code = "RESOURCE_NOT_FOUND"
	RateLimit      Code = "RATE_LIMIT"
	ServiceError   Code = "SERVICE_ERROR"
	InternalError  Code = "INTERNAL_SERVER_ERROR"
	Failed         Code = "TRANSACTION_FAILED" // of unknown state, whatever the name says
	Maintenance    Code = "MAINTENANCE_MODE"

	DuplicateCode       Code = "DUPLICATE_DYNAMIC_QR_REQUEST" // there is a code for this id
	CodeBadRequest      Code = "DYNAMIC_QR_BAD_REQUEST"
	CodePaymentNotFound Code = "DYNAMIC_QR_PAYMENT_NOT_FOUND"
	CodeNotFound        Code = "DYNAMIC_QR_NOT_FOUND"
	CodeAlreadyPaid     Code = "DYNAMIC_QR_ALREADY_PAID"

	NotReversible     Code = "ORDER_NOT_REVERSIBLE" // paid too long ago, or over already
	NotCancellable    Code = "ORDER_NOT_CANCELABLE"
	NoLongerAvailable Code = "ORDER_NO_LONGER_AVAILABLE" // too old to be kept
	OrderExpired      Code = "ORDER_EXPIRED"

	NotCapturable       Code = "ORDER_NOT_CAPTURABLE"
	AlreadyCaptured     Code = "ALREADY_CAPTURED"
	HigherCapture       Code = "HIGHER_CAPTURE_NOT_PERMITTED"
	Reconfirming        Code = "REAUTHORIZATION_IN_PROGRESS"
	TooCloseToExpiry    Code = "TOO_CLOSE_TO_EXPIRY"
	HoldUnsupported     Code = "PRE_AUTH_CAPTURE_UNSUPPORTED_MERCHANT"
	HoldExpiryInvalid   Code = "PRE_AUTH_CAPTURE_INVALID_EXPIRY_DATE"
	Unacceptable        Code = "UNACCEPTABLE_OP" // the user is suspicious, a merchant's limit
	UserGone            Code = "CANCELED_USER"   // the user closed the account
	NoFunds             Code = "NO_SUFFICIENT_FUND"
	LimitExceeded       Code = "LIMIT_EXCEEDED"
	DailyLimit          Code = "USER_DEFINED_DAILY_LIMIT_EXCEEDED"
	MonthlyLimit        Code = "USER_DEFINED_MONTHLY_LIMIT_EXCEEDED"
	SuspectedDuplicate  Code = "SUSPECTED_DUPLICATE_PAYMENT" // same user and amount in 5 minutes
	MethodInvalidated   Code = "PAY_METHOD_INVALIDATED"
	MethodUnsupported   Code = "UNSUPPORTED_PAYMENT_METHOD"
	MethodNone          Code = "NO_VALID_PAYMENT_METHOD"
	MethodNotFound      Code = "PAYMENT_METHOD_NOT_FOUND"
	ConsentInvalid      Code = "INVALID_USER_AUTHORIZATION_ID"
	ConsentExpired      Code = "EXPIRED_USER_AUTHORIZATION_ID"
	RefundCount         Code = "REFUND_LIMIT_EXCEEDED" // too many refunds of one payment
	RefundWindow        Code = "REFUND_WINDOW_EXCEED"
	RefundThrottled     Code = "THROTTLED_MULTIPLE_REFUND_REJECTED" // another one is being made
	RefundOnlyOne       Code = "MERCHANT_MULTIPLE_REFUND_REJECTED"
	RefundNotFound      Code = "NO_SUCH_REFUND_ORDER"
	SimulatedBadCode    Code = "SIMULATED_PAYMENT_CODE_INVALID"
	SimulatedCodeExpiry Code = "SIMULATED_PAYMENT_CODE_EXPIRED"
)

// meaning is what stands in an answer beside a code.
type meaning struct {
	status  int
	id      string // codeId; "" where PayPay's documents have none
	message string
}

// meanings are all codes. Where the documents give no status it is 400, like their kind.
var meanings = map[Code]meaning{
	Success:              {http.StatusOK, "08100001", "Success"},
	Accepted:             {http.StatusAccepted, "08100001", "Request accepted"},
	ConfirmationRequired: {http.StatusAccepted, "08300103", "User confirmation required"},

	InvalidRequest: {http.StatusBadRequest, "08100006", "Invalid request params"},
	MissingRequest: {http.StatusBadRequest, "08100024", "Missing request params"},
	InvalidParams:  {http.StatusBadRequest, "00200004", "Invalid parameters received"},
	Unauthorised:   {http.StatusUnauthorized, "08100016", "Unauthorized request"},
	OutOfScope:     {http.StatusUnauthorized, "08100023", "The operation is not permitted"},
	UserInactive:   {http.StatusUnauthorized, "", "Inactive user"},
	ClientNotFound: {http.StatusNotFound, "08100007", "OPA Client not found"},
	NotFound:       {http.StatusNotFound, "00200001", "Order not found"},
	RateLimit:      {http.StatusTooManyRequests, "08100998", "Too many requests"},
	ServiceError:   {http.StatusInternalServerError, "08100026", "Service error"},
	InternalError:  {http.StatusInternalServerError, "08101000", "Something went wrong"},
	Failed:         {http.StatusInternalServerError, "00200002", "Transaction failed"},
	Maintenance:    {http.StatusServiceUnavailable, "08100999", "Down for maintenance"},

	DuplicateCode:       {http.StatusBadRequest, "01652073", "Duplicate Dynamic QR request error"},
	CodeBadRequest:      {http.StatusBadRequest, "01650000", "Dynamic QR bad request error"},
	CodePaymentNotFound: {http.StatusBadRequest, "01652075", "Dynamic QR payment not found"},
	CodeNotFound:        {http.StatusNotFound, "01652072", "Dynamic qr code not found"},
	CodeAlreadyPaid:     {http.StatusBadRequest, "01652074", "Dynamic QR already paid"},

	NotReversible:     {http.StatusBadRequest, "00200044", "Order cannot be reversed"},
	NotCancellable:    {http.StatusBadRequest, "00200042", "Order is not cancelable"},
	NoLongerAvailable: {http.StatusBadRequest, "", "Order is no longer available"},
	OrderExpired:      {http.StatusBadRequest, "00200043", "Order has already expired"},

	NotCapturable:     {http.StatusBadRequest, "00200035", "Order is not capturable"},
	AlreadyCaptured:   {http.StatusBadRequest, "00200039", "Order is captured already"},
	HigherCapture:     {http.StatusBadRequest, "00400062", "Not allowed to capture more"},
	Reconfirming:      {http.StatusBadRequest, "00200038", "Order is being reauthorized"},
	TooCloseToExpiry:  {http.StatusBadRequest, "00400064", "Too close to expiry time"},
	HoldUnsupported:   {http.StatusBadRequest, "00400060", "No Pre-Auth-Capture"},
	HoldExpiryInvalid: {http.StatusBadRequest, "00400061", "Expiry date above the limit"},

	Unacceptable:       {http.StatusBadRequest, "00200013", "Operation is not acceptable"},
	UserGone:           {http.StatusBadRequest, "01103027", "Canceled user"},
	NoFunds:            {http.StatusBadRequest, "", "Balance is insufficient"},
	LimitExceeded:      {http.StatusBadRequest, "", "Limit exceeded"},
	DailyLimit:         {http.StatusBadRequest, "", "The user's limit of a day is exceeded"},
	MonthlyLimit:       {http.StatusBadRequest, "", "The user's limit of a month is exceeded"},
	SuspectedDuplicate: {http.StatusBadRequest, "00200017", "Similar order accepted already"},
	MethodInvalidated:  {http.StatusBadRequest, "", "Payment method is no longer valid"},
	MethodUnsupported:  {http.StatusBadRequest, "", "Payment method is not supported"},
	MethodNone:         {http.StatusNotFound, "", "No available payment method"},
	MethodNotFound:     {http.StatusNotFound, "", "Payment method not found"},
	ConsentInvalid:     {http.StatusUnauthorized, "", "User authorization id is invalid"},
	ConsentExpired:     {http.StatusUnauthorized, "", "User authorization id has expired"},

	RefundCount:     {http.StatusBadRequest, "", "Too many refunds"},
	RefundWindow:    {http.StatusBadRequest, "", "Refund period is over"},
	RefundThrottled: {http.StatusBadRequest, "", "Another refund is in process"},
	RefundOnlyOne:   {http.StatusForbidden, "", "Multiple refund not allowed"},
	RefundNotFound:  {http.StatusNotFound, "00200018", "Refund not found"},

	SimulatedBadCode:    {http.StatusBadRequest, "", "Simulated: no such payment code"},
	SimulatedCodeExpiry: {http.StatusBadRequest, "", "Simulated: payment code has expired"},
}

// Codes returns all codes, sorted.
func Codes() []Code { return slices.Sorted(maps.Keys(meanings)) }

// Status returns the HTTP status that is documented for a code, and whether there is such a code.
// Success may be 201 as well.
func (c Code) Status() (int, bool) {
	m, ok := meanings[c]
	return m.status, ok
}

// State is how a payment stands.
type State string

// The states of payments.
const (
	StateCreated    State = "CREATED" // not paid; also when the code has expired
	StateAuthorised State = "AUTHORIZED"
	StateCompleted  State = "COMPLETED"
	StateRefunded   State = "REFUNDED"
	StateCancelled  State = "CANCELED" // a promise that was given back
	StateExpired    State = "EXPIRED"  // a promise that nobody took
	StateFailed     State = "FAILED"   // not paid, or cancelled after it was
)

// States returns the states of payments.
func States() []State {
	return []State{StateCreated, StateAuthorised, StateCompleted, StateRefunded, StateCancelled,
		StateExpired, StateFailed}
}

// The states of refunds. PayPay says that CREATED is to be taken for success, and that it tries
// again by itself until REFUNDED.
const (
	RefundCreated State = "CREATED"
	RefundDone    State = "REFUNDED"
	RefundFailing State = "REFUND_FAILED"
)

// ConsentActive is the state of a consent that stands.
const ConsentActive = "ACTIVE"
