package alipayplus

import (
	"errors"

	"watari/connect/alipayplus/wire"
	"watari/kit/fault"
	"watari/pay/link"
)

// codes is the result code of every fault that the core reports, by slug. A fault that is not
// here is answered UNKNOWN_EXCEPTION, so that nobody takes it for final.
var codes = map[string]wire.Code{
	"payment-not-found":              wire.CodeOrderNotExist,
	"payment-closed":                 wire.CodeOrderClosed,
	"payment-state-conflict":         wire.CodeOrderStatus,
	"request-inconsistent":           wire.CodeInconsistent,
	"request-id-invalid":             wire.CodeParam,
	"code-count-invalid":             wire.CodeParam,
	"merchant-unknown":               wire.CodeMerchantUnknown,
	"store-unknown":                  wire.CodeMerchantUnknown,
	"terminal-unknown":               wire.CodeMerchantUnknown,
	"merchant-not-open":              wire.CodeMerchantKYB,
	"store-not-open":                 wire.CodeMerchantKYB,
	"merchant-category-banned":       wire.CodeMerchantKYB,
	"terminal-not-open":              wire.CodeAccessDenied,
	"acquirer-not-open":              wire.CodeAccessDenied,
	"wallet-not-open":                wire.CodeBusiness,
	"wallet-unknown":                 wire.CodeBusiness,
	"wallet-not-for-order":           wire.CodeBusiness,
	"payment-of-visitor-order":       wire.CodeOrderStatus,
	"wallet-code-unknown":            wire.CodeInvalidCode,
	"wallet-code-malformed":          wire.CodeInvalidCode,
	"wallet-code-wrong-kind":         wire.CodeInvalidCode,
	"wallet-code-used":               wire.CodeInvalidCode,
	"wallet-code-expired":            wire.CodeExpiredCode,
	"merchant-code-unknown":          wire.CodeInvalidCode,
	"merchant-code-invalid":          wire.CodeInvalidCode,
	"agreement-unknown":              wire.CodeContract,
	"settlement-currency-not-agreed": wire.CodeContract,
	"currency-not-supported":         wire.CodeCurrency,
	"currency-unknown":               wire.CodeParam,
	"amount-invalid":                 wire.CodeParam,
	"amount-out-of-range":            wire.CodeParam,
	"amount-malformed":               wire.CodeParam,
	"party-invalid":                  wire.CodeParam,
	"limit-payment":                  wire.CodePaymentLimit,
	"limit-day":                      wire.CodeUserLimit,
	"limit-velocity":                 wire.CodeRisk,
	"limit-exposure":                 wire.CodeRisk,
	"fx-rate-stale":                  wire.CodeBusiness,
	"fx-rate-missing":                wire.CodeBusiness,
	"cancel-window-exceeded":         wire.CodeCancelWindow,
	"refund-amount-exceeded":         wire.CodeRefundAmount,
	"refund-window-exceeded":         wire.CodeRefundWindow,
	"refund-step-zero":               wire.CodeParam,
	"refund-partial-unsupported":     wire.CodeBusiness,
	"way-not-supported":              wire.CodeBusiness,
	"expiry-invalid":                 wire.CodeParam,
	"too-many-tries":                 wire.CodeOrderStatus,
	"wallet-declined":                wire.CodeProcessFail,
	"capture-not-possible":           wire.CodeOrderStatus,
	"network-busy":                   wire.CodeTraffic,
	"ledger-closed":                  wire.CodeUnknown,
	"application-invalid":            wire.CodeParam,
	"registration-under-review":      wire.CodeRegistrationReview,
	"registration-unknown":           wire.CodeRecordUnknown,
}

// slugOf returns the slug of a fault anywhere in an error; "" when there is none.
func slugOf(err error) string {
	var occurrence *fault.Error
	if errors.As(err, &occurrence) {
		return occurrence.Problem.Slug
	}
	var problem *fault.Problem
	if errors.As(err, &problem) {
		return problem.Slug
	}
	return ""
}

// refusedBy turns an error of the core into a refusal. Its public detail is told, its cause and
// every other error only logged.
func refusedBy(err error) *refusal {
	slug := slugOf(err)
	code, known := codes[slug]
	if !known {
		return &refusal{wire.CodeUnknown, part(slug), "", err}
	}
	r := &refusal{code: code, part: part(slug)}
	var occurrence *fault.Error
	if !errors.As(err, &occurrence) {
		return r
	}
	r.message = occurrence.Detail
	if field, ok := occurrence.Members["field"]; ok {
		r.part += ", field " + text(field)
	}
	return r
}

// part names an error in the log.
func part(slug string) string {
	if slug == "" {
		return "payment core"
	}
	return slug
}

// declines is the result code that tells an acquirer why a wallet declined.
var declines = map[link.Reason]wire.Code{
	link.ReasonNone:          wire.CodeProcessFail,
	link.ReasonBalance:       wire.CodeBalance,
	link.ReasonLimitAmount:   wire.CodePaymentLimit,
	link.ReasonLimitTotal:    wire.CodeUserLimit,
	link.ReasonLimitCount:    wire.CodeCountLimit,
	link.ReasonCodeInvalid:   wire.CodeInvalidCode,
	link.ReasonCodeExpired:   wire.CodeExpiredCode,
	link.ReasonUserBlocked:   wire.CodeUserStatus,
	link.ReasonUserUnknown:   wire.CodeUserUnknown,
	link.ReasonVerification:  wire.CodeVerification,
	link.ReasonRisk:          wire.CodeRisk,
	link.ReasonRegulation:    wire.CodeRegulation,
	link.ReasonMerchant:      wire.CodeMerchantUnknown,
	link.ReasonClosed:        wire.CodeOrderClosed,
	link.ReasonConfiguration: wire.CodeBusiness,
	link.ReasonWindow:        wire.CodeRefundWindow,
	link.ReasonAmount:        wire.CodeRefundAmount,
	link.ReasonOther:         wire.CodeProcessFail,
	link.ReasonUnavailable:   wire.CodeProcessFail,
}

// declined is the result of a payment or refund that a wallet declined.
func declined(reason link.Reason) wire.Result {
	code, known := declines[reason]
	if !known {
		code = wire.CodeProcessFail
	}
	return wire.ResultOf(code)
}
