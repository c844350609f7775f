package wire_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"watari/connect/wechatpay/wire"
	"watari/kit/clock"
)

// The goal is that a message means one thing to every reader. Method: forms that readers of JSON
// take in different ways, or that are not the protocol's.
func TestAmbiguousMessagesAreRefused(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"nothing":                `  `,
		"not an object":          `[]`,
		"null":                   `null`,
		"two messages":           `{} {}`,
		"text behind":            `{"code":"A"}x`,
		"a member twice":         `{"code":"A","code":"B"}`,
		"a member in two cases":  `{"code":"A","CODE":"B"}`,
		"a member twice, inside": `{"code":"A","detail":{"a":1,"a":2}}`,
		"not UTF-8":              "{\"code\":\"\xff\"}",
		"a wrong type":           `{"code":1}`,
		"cut off":                `{"code":"A"`,
		"too deep":               strings.Repeat(`{"a":`, 20) + `1` + strings.Repeat(`}`, 20),
	} {
		var m wire.Failure
		if err := wire.Decode([]byte(body), &m); err == nil {
			t.Errorf("%s is taken: %+v", name, m)
		}
	}
	var order wire.Order
	for _, body := range []string{`{"amount":{"total":19.8}}`, `{"amount":{"total":1e3}}`,
		`{"amount":{"total":"1980"}}`} {
		if err := wire.Decode([]byte(body), &order); err == nil {
			t.Errorf("%s is taken: %+v", body, order.Amount)
		}
	}
}

// The goal is that unknown members are for Decode to skip and for Strict to refuse.
func TestOnlyStrictRefusesUnknownMembers(t *testing.T) {
	t.Parallel()
	const body = `{"code":"A","message":"m","since":2027}`
	var m wire.Failure
	if err := wire.Decode([]byte(body), &m); err != nil || m.Code != "A" {
		t.Errorf("got %+v, %v", m, err)
	}
	if err := wire.Strict([]byte(body), &m); err == nil {
		t.Error("Strict takes it")
	}
}

// The goal is that times are written in UTC+8 and read from any zone.
func TestTimesAreWrittenInTheNetworksZone(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 0, 30, 0, 0, clock.JST)
	text := wire.FormatTime(at)
	back, err := wire.ParseTime(text)
	if text != "2026-11-21T23:30:00+08:00" || err != nil || !back.Equal(at) ||
		wire.FormatTime(time.Time{}) != "" {
		t.Errorf("got %s, %v, %v", text, back, err)
	}
}

// FuzzDecode reads whatever comes. What is taken is one JSON object, and means the same when it is
// written and read again.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"out_trade_no":"o","trade_state":"SUCCESS","amount":{"total":1},"payer":null}`))
	f.Add([]byte(`{"a":[[{"b":1}]],"trade_state":"é"}`))
	f.Add([]byte(`{"OUT_TRADE_NO":"x"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var m, again wire.Transaction
		if wire.Decode(body, &m) != nil {
			return
		}
		if !json.Valid(body) {
			t.Fatalf("%q is no JSON", body)
		}
		first := wire.Encode(m)
		if err := wire.Strict(first, &again); err != nil {
			t.Fatalf("%s: %v", first, err)
		}
		if second := wire.Encode(again); string(first) != string(second) {
			t.Fatalf("%s became %s", first, second)
		}
	})
}
