package wire

import "net/url"

// The calls.
const (
	PathCodes        = "/v2/codes"
	PathCodePayments = "/v2/codes/payments/" // + merchantPaymentId
	PathPayments     = "/v2/payments"
	PathCapture      = "/v2/payments/capture"
	PathHold         = "/v2/payments/preauthorize"
	PathRevert       = "/v2/payments/preauthorize/revert"
	PathRefunds      = "/v2/refunds"
	PathSessions     = "/v1/qr/sessions"
	PathConsents     = "/v2/user/authorizations"

	// PathSimulatedScan is no call of PayPay's (W4).
	PathSimulatedScan = "/simulated/v2/payments/scan"
)

// Query parameters.
const (
	QueryPaymentID = "paymentId"
	QueryConsentID = "userAuthorizationId"
	QueryMerchant  = "assumeMerchant" // stands before the header
	QuerySimilar   = "agreeSimilarTransaction"
)

// PathCode is a code by its own id.
func PathCode(codeID string) string { return PathCodes + "/" + url.PathEscape(codeID) }

// PathPayment is a payment by the merchant's id.
func PathPayment(id string) string { return PathPayments + "/" + url.PathEscape(id) }

// PathCodePayment is the payment of a code by the merchant's id.
func PathCodePayment(id string) string { return PathCodePayments + url.PathEscape(id) }

// PathRefund is a refund by the merchant's id.
func PathRefund(id string) string { return PathRefunds + "/" + url.PathEscape(id) }

// PathConsent is a consent by PayPay's id.
func PathConsent(id string) string { return PathConsents + "/" + url.PathEscape(id) }
