package wechatpay

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"watari/connect/wechatpay/wire"
	"watari/pay/link"
)

// The goal is that every code that is documented, or met in the wild, means what it should for a
// payment. The table repeats the spellings of versions 2 and 3 by hand, so that a change of the
// program's table is seen here.
func TestEveryCodeOfAPaymentHasItsOutcome(t *testing.T) {
	t.Parallel()
	const unknown, acting, noSuch = "unknown", "acting", "no such"
	for want, spelled := range map[string]string{
		unknown: "SYSTEM_ERROR SYSTEMERROR BANKERROR BANK_ERROR SERVICE_UNAVAILABLE " +
			"FREQUENCY_LIMIT_EXCEED FREQUENCY_LIMITED RATE_LIMITED RATELIMIT_EXCEEDED " +
			"INVALID_REQ_TOO_MUCH BIZERR_NEED_RETRY INVALID_REQUEST OUT_TRADE_NO_USED " +
			"ORDERPAID ORDER_PAID BUYER_MISMATCH NO_SUCH_CODE_AT_ALL",
		acting:                         "USERPAYING USER_PAYING",
		noSuch:                         "ORDER_NOT_EXIST ORDERNOTEXIST RESOURCE_NOT_EXISTS NOT_FOUND",
		string(link.ReasonBalance):     "NOTENOUGH NOT_ENOUGH",
		string(link.ReasonCodeInvalid): "AUTH_CODE_INVALID AUTHCODE_INVALID AUTH_CODE_ERROR",
		string(link.ReasonCodeExpired): "AUTHCODEEXPIRE AUTH_CODE_EXPIRE AUTH_CODE_EXPIRED",
		string(link.ReasonUserBlocked): "ACCOUNTERROR ACCOUNT_ERROR USER_ACCOUNT_ABNORMAL",
		string(link.ReasonOther):       "TRADE_ERROR NOTSUPORTCARD NOT_SUPPORT_CARD",
		string(link.ReasonRisk):        "RULE_LIMIT RULELIMIT",
		string(link.ReasonClosed):      "ORDERCLOSED ORDER_CLOSED ORDERREVERSED ORDER_REVERSED",
		string(link.ReasonMerchant):    "MERCHANT_NOT_EXIST MERCHANT_STATUS_ERROR",
		string(link.ReasonConfiguration): "PARAM_ERROR LACK_PARAMS SIGN_ERROR SIGNERROR NO_AUTH " +
			"NOAUTH APPID_NOT_EXIST APPID_MCHID_NOT_MATCH MCHID_NOT_EXIST MCH_NOT_EXISTS " +
			"XML_FORMAT_ERROR POST_DATA_EMPTY NOT_UTF8 REQUIRE_POST_METHOD " +
			"CURRENCY_NOT_SUPPORT INVALID_FEE_TYPE",
	} {
		for code := range strings.FieldsSeq(spelled) {
			body := fmt.Appendf(nil, `{"code":%q,"message":"m"}`, code)

			a := transaction(&account{}, reply{http.StatusBadRequest, body}, "order_1")

			got := string(a.Reason)
			switch {
			case a.Outcome == link.Unknown && a.UserActing:
				got = acting
			case a.Outcome == link.Unknown && a.NoSuch:
				got = noSuch
			case a.Outcome == link.Unknown:
				got = unknown
			}
			if got != want || a.Outcome == link.Approved || a.Code != code {
				t.Errorf("%s: got %q %+v, want %q", code, got, a, want)
			}
		}
	}
}

// The goal is that trouble of the network's own is never final. Method: every code of the tables
// at statuses from 500 on.
func TestNothingIsFinalAboveHTTP499(t *testing.T) {
	t.Parallel()
	for _, table := range []map[string]verdict{codes, refundCodes} {
		for code := range table {
			for _, status := range []int{500, 502, 503} {
				v, _ := failed(reply{status, fmt.Appendf(nil, `{"code":%q}`, code)}, table)
				if v.final {
					t.Errorf("HTTP %d %s is final", status, code)
				}
			}
		}
	}
}

// The goal is that the codes of refunds mean what they should. Method: by hand.
func TestEveryCodeOfARefundHasItsOutcome(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]link.Reason{
		"NOT_ENOUGH": link.ReasonConfiguration, "NOTENOUGH": link.ReasonConfiguration,
		"INVALID_REQUEST": link.ReasonAmount, "REFUND_FEE_INVALID": link.ReasonAmount,
		"TRADE_OVERDUE": link.ReasonWindow, "USER_ACCOUNT_ABNORMAL": link.ReasonUserBlocked,
		"TRADE_STATE_ERROR": link.ReasonOther, "ERROR": link.ReasonOther,
		"PARAM_ERROR": link.ReasonConfiguration, "NO_AUTH": link.ReasonConfiguration,
		"REFUND_FEE_MISMATCH": "", "ORDERNOTREADY": "", "BIZERR_NEED_RETRY": "",
		"FREQUENCY_LIMITED": "", "SYSTEM_ERROR": "", "RESOURCE_NOT_EXISTS": "",
	} {
		v, _ := failed(reply{http.StatusForbidden, fmt.Appendf(nil, `{"code":%q}`, code)},
			refundCodes, codes)

		if v.final != (want != "") || v.reason != want {
			t.Errorf("%s: got %+v, want %q", code, v, want)
		}
	}
}

// The goal is that every state of an order means what the pages say. Method: by hand, and one
// state that nobody has.
func TestEveryStateHasItsOutcome(t *testing.T) {
	t.Parallel()
	type want struct {
		outcome link.Outcome
		reason  link.Reason
		acting  bool
		back    bool
	}
	for state, w := range map[string]want{
		"SUCCESS": {outcome: link.Approved}, "REFUND": {outcome: link.Approved, back: true},
		"NOTPAY":     {outcome: link.Unknown, acting: true},
		"USERPAYING": {outcome: link.Unknown, acting: true},
		"CLOSED":     {outcome: link.Declined, reason: link.ReasonClosed},
		"REVOKED":    {outcome: link.Declined, reason: link.ReasonClosed},
		"PAYERROR":   {outcome: link.Declined, reason: link.ReasonOther},
		"ACCEPT":     {outcome: link.Unknown}, "": {outcome: link.Unknown},
	} {
		a := stands(&account{}, &wire.Transaction{OutTradeNo: "o", TradeState: state}, "o")

		if got := (want{a.Outcome, a.Reason, a.UserActing, a.GivenBack}); got != w {
			t.Errorf("%q: got %+v, want %+v", state, got, w)
		}
		if (a.Outcome == link.Unknown) != (a.Cause != nil) {
			t.Errorf("%q: the cause is %v", state, a.Cause)
		}
	}
}

// The goal is that a refund is a yes only when it was made, and a no only when it never will be.
func TestEveryStateOfARefundHasItsOutcome(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]link.Outcome{"SUCCESS": link.Approved,
		"REFUNDCLOSE": link.Declined, "CLOSED": link.Declined, "PROCESSING": link.Unknown,
		"ABNORMAL": link.Unknown, "CHANGE": link.Unknown, "": link.Unknown} {
		for _, f := range []wire.Refund{{OutRefundNo: "r", Status: state},
			{OutRefundNo: "r", RefundStatus: state}} {
			if a := returned(&account{}, &f, "r"); a.Outcome != want {
				t.Errorf("%q: got %s, want %s", state, a.Outcome, want)
			}
		}
	}
}

// The goal is that an answer about somebody else says nothing, whatever its state.
func TestAnswersAboutOthersAreUnknown(t *testing.T) {
	t.Parallel()
	acc := &account{Credentials: Credentials{MchID: "1", SubMchID: "2", AppID: "a"}}
	for _, m := range []wire.Merchant{{SPMchID: "9"}, {SubMchID: "9"}, {MchID: "1"}} {
		a := stands(acc, &wire.Transaction{Merchant: m, OutTradeNo: "o", TradeState: "SUCCESS"}, "o")
		if a.Outcome != link.Unknown || a.Cause == nil {
			t.Errorf("%+v: got %s", m, a.Outcome)
		}
	}
	for _, id := range []string{"", "other"} {
		a := stands(acc, &wire.Transaction{OutTradeNo: id, TradeState: "CLOSED"}, "o")
		if a.Outcome != link.Unknown || a.Reason != link.ReasonNone {
			t.Errorf("order %q: got %s %s", id, a.Outcome, a.Reason)
		}
	}
}

// FuzzAnswer gives whatever a network might sign to the reader of payments. Only the state SUCCESS
// or REFUND of our own order is a yes, and the reader never fails.
func FuzzAnswer(f *testing.F) {
	f.Add(200, []byte(`{"out_trade_no":"o","trade_state":"SUCCESS","amount":{"total":1}}`))
	f.Add(400, []byte(`{"code":"NOTENOUGH"}`))
	f.Add(202, []byte(`{"code":"USERPAYING"}`))
	f.Add(204, []byte(``))
	f.Add(200, []byte(`{"out_trade_no":"o","OUT_TRADE_NO":"o","trade_state":"SUCCESS"}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		a := transaction(&account{}, reply{status, body}, "o")
		if a.Outcome != link.Approved {
			return
		}
		var m map[string]any
		if err := json.Unmarshal(body, &m); err != nil || status != http.StatusOK {
			t.Fatalf("HTTP %d %s: a yes", status, body)
		}
		yes := false
		for _, v := range m {
			yes = yes || v == "SUCCESS" || v == "REFUND"
		}
		if !yes || a.RequestID != "o" {
			t.Fatalf("%s: a yes", body)
		}
	})
}
