package alipayplus

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"watari/connect/alipayplus/wire"
	"watari/kit/fault"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/party/signup"
	"watari/pay/payment"
)

// The goal is that every fault of the core has a documented code, with the status that the
// contract gives it. The table is written out once more, by code.
func TestEveryFaultHasItsCode(t *testing.T) {
	t.Parallel()
	want := map[wire.Code]string{
		"ORDER_NOT_EXIST": "payment-not-found",
		"ORDER_IS_CLOSED": "payment-closed",
		"ORDER_STATUS_INVALID": "payment-state-conflict too-many-tries capture-not-possible " +
			"payment-of-visitor-order",
		"REPEAT_REQ_INCONSISTENT": "request-inconsistent",
		"MERCHANT_NOT_REGISTERED": "merchant-unknown store-unknown terminal-unknown",
		"MERCHANT_KYB_NOT_QUALIFIED": "merchant-not-open store-not-open " +
			"merchant-category-banned",
		"ACCESS_DENIED": "terminal-not-open acquirer-not-open",
		"BUSINESS_NOT_SUPPORT": "wallet-not-open wallet-unknown fx-rate-stale fx-rate-missing " +
			"refund-partial-unsupported way-not-supported wallet-not-for-order",
		"INVALID_CODE": "wallet-code-unknown wallet-code-used wallet-code-malformed " +
			"wallet-code-wrong-kind merchant-code-unknown merchant-code-invalid",
		"EXPIRED_CODE":         "wallet-code-expired",
		"CURRENCY_NOT_SUPPORT": "currency-not-supported",
		"INVALID_CONTRACT":     "agreement-unknown settlement-currency-not-agreed",
		"PARAM_ILLEGAL": "amount-invalid amount-out-of-range amount-malformed currency-unknown " +
			"refund-step-zero request-id-invalid code-count-invalid party-invalid " +
			"expiry-invalid application-invalid",
		"REGISTRATION_UNDER_REVIEW":    signup.ErrUnderReview.Slug,
		"RECORD_NOT_FOUND":             signup.ErrRegistration.Slug,
		"PROCESS_FAIL":                 "wallet-declined",
		"PAYMENT_AMOUNT_EXCEED_LIMIT":  "limit-payment",
		"USER_AMOUNT_EXCEED_LIMIT":     "limit-day",
		"RISK_REJECT":                  "limit-velocity limit-exposure",
		"CANCEL_WINDOW_EXCEED":         "cancel-window-exceeded",
		"REFUND_AMOUNT_EXCEED":         "refund-amount-exceeded",
		"REFUND_WINDOW_EXCEED":         "refund-window-exceeded",
		"REQUEST_TRAFFIC_EXCEED_LIMIT": "network-busy",
		"UNKNOWN_EXCEPTION":            "ledger-closed",
	}
	left := map[string]wire.Code{}
	for slug, code := range codes {
		left[slug] = code
	}
	for code, slugs := range want {
		for slug := range strings.FieldsSeq(slugs) {
			if left[slug] != code {
				t.Errorf("%s: got %q, want %s", slug, left[slug], code)
			}
			if _, documented := code.Status(); !documented {
				t.Errorf("%s is no documented code", code)
			}
			delete(left, slug)
		}
	}
	if len(left) > 0 {
		t.Errorf("not expected: %v", left)
	}
	for slug := range codes {
		if fault.BySlug(slug) == nil {
			t.Errorf("nobody declares %s", slug)
		}
	}
}

// families are the beginnings of the slugs that an operation of this protocol can meet.
var families = []string{"payment-", "request-inconsistent", "request-id-", "code-count-", "wallet-",
	"merchant-", "store-", "terminal-not-", "terminal-unknown", "acquirer-", "agreement-",
	"settlement-", "currency-", "amount-", "limit-", "fx-rate-", "cancel-", "refund-", "network-",
	"ledger-", "way-", "expiry-", "too-many-tries", "capture-"}

// The goal is that a new fault of the core cannot be forgotten here.
func TestNoFaultOfTheCoreIsForgotten(t *testing.T) {
	t.Parallel()
	for _, p := range fault.All() {
		for _, family := range families {
			if strings.HasPrefix(p.Slug, family) && codes[p.Slug] == "" {
				t.Errorf("%s has no result code", p.Slug)
			}
		}
	}
}

// The goal is that only the public part of an error is told, and an error that is no known
// refusal is never final.
func TestOnlyThePublicPartIsTold(t *testing.T) {
	t.Parallel()
	secret := errors.New("secret")
	r := refusedBy(fmt.Errorf("sell: %w", payment.ErrInconsistent.Newf("amount differs").
		Set("field", "paymentAmount").Because(secret)))
	if r.code != wire.CodeInconsistent || r.message != "amount differs" ||
		!strings.HasSuffix(r.part, "field paymentAmount") {
		t.Errorf("got %+v", r)
	}
	again, err := fault.Decode(fault.Encode(payment.ErrInconsistent.Newf("x").Set("field", "f")))
	if err != nil {
		t.Fatalf("decode: %v", err)
	}
	if r := refusedBy(again); !strings.HasSuffix(r.part, "field f") {
		t.Errorf("stored and read: got %+v", r)
	}
	for _, err := range []error{secret, party.ErrKeyUnknown.Newf("x")} {
		r := refusedBy(err)
		if status, _ := r.code.Status(); status != wire.Unclear || r.message != "" || r.cause == nil {
			t.Errorf("%v: got %+v", err, r)
		}
	}
	if r := refusedBy(payment.ErrNotFound); r.code != wire.CodeOrderNotExist {
		t.Errorf("a bare problem: got %+v", r)
	}
}

// The goal is that reasons and codes agree both ways: what a wallet said comes out as a code that
// means the same.
func TestReasonsComeBackAsTheirCodes(t *testing.T) {
	t.Parallel()
	same := []wire.Code{wire.CodeBalance, wire.CodePaymentLimit, wire.CodeUserLimit,
		wire.CodeCountLimit, wire.CodeInvalidCode, wire.CodeExpiredCode, wire.CodeUserStatus,
		wire.CodeUserUnknown, wire.CodeVerification, wire.CodeRisk, wire.CodeRegulation,
		wire.CodeMerchantUnknown, wire.CodeOrderClosed, wire.CodeProcessFail,
		wire.CodeRefundAmount, wire.CodeRefundWindow}
	for _, code := range same {
		a := Judge(wire.ResultOf(code))
		if got := declined(a.Reason); a.Outcome != link.Declined || got.Code != code {
			t.Errorf("%s: becomes %s, comes back as %s", code, a.Reason, got.Code)
		}
	}
	for _, r := range []link.Reason{link.ReasonNone, link.ReasonBalance, link.ReasonLimitAmount,
		link.ReasonLimitTotal, link.ReasonLimitCount, link.ReasonCodeInvalid,
		link.ReasonCodeExpired, link.ReasonUserBlocked, link.ReasonUserUnknown,
		link.ReasonVerification, link.ReasonRisk, link.ReasonRegulation, link.ReasonMerchant,
		link.ReasonClosed, link.ReasonConfiguration, link.ReasonWindow, link.ReasonAmount,
		link.ReasonOther, "a_new_reason"} {
		if got := declined(r); got.Status != wire.Failure {
			t.Errorf("%s: told as %+v", r, got)
		}
	}
	for code := range reasons {
		if status, ok := code.Status(); !ok || status != wire.Failure {
			t.Errorf("%s is no failure", code)
		}
	}
}
