package wire_test

import (
	"strings"
	"testing"
	"time"

	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/kit/money"
)

// The goal is that every form of time is read as the same moment, and no other text as a time.
func TestTimeIsReadInThreeForms(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 11, 22, 4, 59, 0, 0, time.UTC)
	for _, s := range []string{"2026-11-22T13:59:00+09:00", "2026-11-22T13:59:00+0900",
		"2026-11-22T04:59:00Z", "2026-11-22T04:59:00.000Z", "2026-11-22T12:59:00.000+08:00",
		"1795323540000", "20261122135900+0900", "20261122125900+08:00", "20261122045900Z",
		"2026-11-21T23:59:00-05:00"} {
		if got, ok := wire.ParseTime(s); !ok || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%q: got %v, %v", s, got, ok)
		}
	}
	for _, s := range []string{"", "now", "2026-11-22", "2026-11-22T13:59:00",
		"2026-11-22 13:59:00", "20261122135900", "1795323540", "-1795323540000",
		"2026-13-22T13:59:00+09:00", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00Z",
		"1969-12-31T23:59:59Z", "2026-11-22T25:00:00Z", "17953235400000000", "1795323540000 ",
		strings.Repeat("1", 99)} {
		if got, ok := wire.ParseTime(s); ok {
			t.Errorf("%q: read as %v", s, got)
		}
	}
	if got := wire.FormatTime(want); got != "2026-11-22T13:59:00+09:00" {
		t.Errorf("written as %q", got)
	}
	if got := wire.FormatTime(time.Time{}); got != "" {
		t.Errorf("the zero time is written as %q", got)
	}
}

// The goal is the table of result codes: each documented code with the status it always has.
func TestResultCodesHaveTheirStatus(t *testing.T) {
	t.Parallel()
	want := map[wire.Status]string{
		wire.Success: "SUCCESS",
		wire.Unclear: "PAYMENT_IN_PROCESS REQUEST_TRAFFIC_EXCEED_LIMIT UNKNOWN_EXCEPTION",
		wire.Failure: "PROCESS_FAIL PARAM_ILLEGAL INVALID_SIGNATURE KEY_NOT_FOUND INVALID_CLIENT " +
			"ACCESS_DENIED NO_INTERFACE_DEF METHOD_NOT_SUPPORTED MEDIA_TYPE_NOT_ACCEPTABLE " +
			"REPEAT_REQ_INCONSISTENT INVALID_CODE EXPIRED_CODE ORDER_NOT_EXIST ORDER_IS_CLOSED " +
			"ORDER_STATUS_INVALID INVALID_CONTRACT BUSINESS_NOT_SUPPORT CURRENCY_NOT_SUPPORT " +
			"MERCHANT_NOT_REGISTERED MERCHANT_KYB_NOT_QUALIFIED PAYMENT_AMOUNT_EXCEED_LIMIT " +
			"USER_AMOUNT_EXCEED_LIMIT PAYMENT_COUNT_EXCEED_LIMIT USER_BALANCE_NOT_ENOUGH " +
			"USER_NOT_EXIST USER_STATUS_ABNORMAL USER_KYC_NOT_QUALIFIED " +
			"USER_PAYMENT_VERIFICATION_FAILED UNAVAILABLE_PAYMENT_METHOD RISK_REJECT " +
			"REGULATION_RESTRICTION INVALID_TOKEN EXPIRED_ACCESS_TOKEN CANCEL_WINDOW_EXCEED " +
			"REFUND_AMOUNT_EXCEED REFUND_WINDOW_EXCEED REGISTRATION_UNDER_REVIEW " +
			"REPEAT_REGISTRATION RECORD_NOT_FOUND",
		wire.Accepted: "ACCEPT",
	}
	left := wire.Codes()
	for status, codes := range want {
		for code := range strings.FieldsSeq(codes) {
			c := wire.Code(code)
			r := wire.ResultOf(c)
			if left[c] != status || r.Status != status || r.Code != c || r.Message == "" ||
				!r.Consistent() {
				t.Errorf("%s: got %+v, want status %s", code, r, status)
			}
			delete(left, c)
		}
	}
	if len(left) > 0 {
		t.Errorf("not documented: %v", left)
	}
}

// The goal is that a result never misleads: an undocumented code of ours becomes U, a status that
// its code cannot have is seen, and a long message is cut.
func TestResultDoesNotMislead(t *testing.T) {
	t.Parallel()
	if r := wire.ResultOf("NO_SUCH_CODE"); r.Status != wire.Unclear ||
		r.Code != wire.CodeUnknown {
		t.Errorf("undocumented: got %+v", r)
	}
	consistent := map[wire.Result]bool{
		{Status: "S", Code: "SUCCESS"}:            true,
		{Status: "S", Code: "PROCESS_FAIL"}:       false,
		{Status: "S", Code: "PAYMENT_IN_PROCESS"}: false,
		{Status: "S", Code: "SOMETHING_NEW"}:      false,
		{Status: "F", Code: "SOMETHING_NEW"}:      true,
		{Status: "F", Code: "SUCCESS"}:            false,
		{Status: "F", Code: "PAYMENT_IN_PROCESS"}: false,
		{Status: "U", Code: "PAYMENT_IN_PROCESS"}: true,
		{Status: "U", Code: ""}:                   false,
	}
	for r, want := range consistent {
		if got := r.Consistent(); got != want {
			t.Errorf("%+v: consistent %v, want %v", r, got, want)
		}
	}
	r := wire.ResultOf(wire.CodeParam).With(strings.Repeat("長", 300))
	if n := len([]rune(r.Message)); n != 256 {
		t.Errorf("the message has %d characters", n)
	}
	if r := wire.ResultOf(wire.CodeParam); r.With("") != r {
		t.Errorf("an empty message changes the result")
	}
}

// The goal is that the wallet's rules of presence hold: a notice is final, and one of success
// names what was paid; a request for codes is for 1 to 10.
func TestRequiredFieldsDependOnTheMessage(t *testing.T) {
	t.Parallel()
	failed := `{"paymentResult":{"resultStatus":"F","resultCode":"RISK_REJECT"},` +
		`"paymentRequestId":"leg_1"}`
	if err := wire.DecodeRequest([]byte(failed), &wire.WalletNotice{}); err != nil {
		t.Errorf("a failure needs no amount: %v", err)
	}
	cases := map[string]string{
		strings.Replace(failed, `"F"`, `"U"`, 1):                      "paymentResult.resultStatus",
		strings.Replace(failed, `"F"`, `"S"`, 1):                      "paymentId",
		strings.Replace(failed, `,"paymentRequestId":"leg_1"`, ``, 1): "paymentRequestId",
	}
	for body, field := range cases {
		err := wire.DecodeRequest([]byte(body), &wire.WalletNotice{})
		if e, ok := err.(*wire.Error); !ok || e.Field != field {
			t.Errorf("%s: got %v, want the field %s", body, err, field)
		}
	}
	for quantity, want := range map[string]int{`"1"`: 1, `10`: 10, `null`: 1, `"0"`: 0, `11`: 0,
		`"1.0"`: 0, `-1`: 0, `"ten"`: 0, `""`: 0, `"01"`: 0} {
		var m wire.PaymentCodeRequest
		err := wire.DecodeRequest([]byte(`{"customerId":"c","env":{},"codeQuantity":`+quantity+
			`}`), &m)
		if (err == nil) != (want > 0) || err == nil && m.Quantity() != want {
			t.Errorf("%s: got %d, %v, want %d", quantity, m.Quantity(), err, want)
		}
	}
	if err := wire.DecodeRequest([]byte(`{}`), &wire.InquiryRequest{}); err == nil {
		t.Errorf("an inquiry without an id is taken")
	}
}

// The goal is that an amount that is none is left out, never written as zero.
func TestNoAmountIsLeftOut(t *testing.T) {
	t.Parallel()
	if a := wire.AmountOf(money.Amount{}); a != nil {
		t.Errorf("got %v", a)
	}
	if a := wire.AmountOf(money.MustNew(8464, "CNY")); a.String() != "CNY 8464" {
		t.Errorf("got %v", a)
	}
}

// The goal is that no text breaks the reader of times, and that what it reads it writes back.
func FuzzTime(f *testing.F) {
	f.Add("2026-11-22T13:59:00+09:00")
	f.Add("1795323540000")
	f.Add("20261122135900+0900")
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := wire.ParseTime(s)
		if !ok {
			return
		}
		if year := got.In(clock.JST).Year(); year < 0 || year > 9999 {
			return
		}
		again, ok := wire.ParseTime(wire.FormatTime(got))
		if !ok || !again.Equal(got.Truncate(time.Second)) {
			t.Errorf("%q: read as %v, written and read as %v, %v", s, got, again, ok)
		}
	})
}

// The goal is that no body breaks the reader of any message, and that what it reads it writes and
// reads back unchanged.
func FuzzDecode(f *testing.F) {
	for i, m := range messages {
		for name := range strings.FieldsSeq(m.files) {
			f.Add(byte(i), golden(f, name))
		}
	}
	f.Add(byte(2), []byte(`{"paymentId":"\ud83d\ude00"}`))
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		m := messages[int(which)%len(messages)]
		first, second := m.empty(), m.empty()
		if decode(body, first, m.answer) != nil {
			return
		}
		text := wire.Encode(first)
		if err := decode(text, second, m.answer); err != nil {
			t.Fatalf("written anew it does not read: %v\n%s", err, text)
		}
		if again := wire.Encode(second); string(again) != string(text) {
			t.Errorf("written twice:\n%s\n%s", text, again)
		}
	})
}
