package emv_test

import (
	"errors"
	"strings"
	"testing"

	"watari/kit/money"
	"watari/pay/code/emv"
)

// sampleStore is the store of the public samples.
var sampleStore = emv.UnifiedStore{LV1: "0000000000001", LV2: "0001", LV3: "000001", LV4: "000001"}

// Goal: the unified store is found in codes that are JPQR, and in no other. Method: the samples.
func TestJPQRCodesNameTheirStore(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{transport: false, hongKong: false, jpqrCafe: true,
		static: true, dynamic: true, tipped: true} {
		u, ok, err := parse(t, text).UnifiedStore()
		if err != nil || ok != want || want && u != sampleStore {
			t.Errorf("%s: got %+v, %v, %v", text, u, ok, err)
		}
	}
}

// Goal: a code that claims to be JPQR keeps its rules. Method: break one at a time.
func TestJPQRRulesAreKept(t *testing.T) {
	t.Parallel()
	for tag, spoil := range map[string]func(m *emv.MerchantCode){
		"58":    func(m *emv.MerchantCode) { m.Country = "CN" },
		"53":    func(m *emv.MerchantCode) { m.Currency = "KRW"; m.Amount = money.Amount{} },
		"61":    func(m *emv.MerchantCode) { m.PostalCode = "" },
		"64":    func(m *emv.MerchantCode) { m.Local = nil },
		"64.00": func(m *emv.MerchantCode) { m.Local.Language = "ZH" },
		"64.02": func(m *emv.MerchantCode) { m.Local.City = "京都" },
		"54":    func(m *emv.MerchantCode) { m.Amount = money.Amount{} },
		"26.01": func(m *emv.MerchantCode) { m.Accounts[0].Fields[1].Value = "123456789012" },
		"26.02": func(m *emv.MerchantCode) { m.Accounts[0].Fields[2].Value = "００01" },
		"26.03": func(m *emv.MerchantCode) { m.Accounts[0].Fields[3].Value = "0000-1" },
		"26.04": func(m *emv.MerchantCode) { m.Accounts[0].Fields = m.Accounts[0].Fields[:4] },
	} {
		m := parse(t, dynamic)
		spoil(m)
		text, err := m.Text()
		if err != nil {
			t.Errorf("%s: %v", tag, err)
			continue
		}
		_, claims, err := parse(t, text).UnifiedStore()
		var refusal *emv.Error
		if !errors.As(err, &refusal) || !claims || refusal.Tag != tag ||
			!strings.HasPrefix(refusal.What, "JPQR: ") {
			t.Errorf("%s: got %v, %v", tag, claims, err)
		}
	}
	m := parse(t, static)
	m.Amount = money.MustNew(1, "JPY")
	if _, _, err := m.UnifiedStore(); err == nil {
		t.Error("a static code has an amount")
	}
	m.Initiation = emv.Unsaid
	if _, _, err := m.UnifiedStore(); err != nil {
		t.Errorf("without tag 01: %v", err)
	}
}

// Goal: the template of a store is the one of the samples. Method: write one.
func TestUnifiedStoreWritesItsTemplate(t *testing.T) {
	t.Parallel()
	m := parse(t, static)
	m.Accounts = []emv.Template{sampleStore.Template("26")}
	if got, err := m.Text(); err != nil || got != static {
		t.Errorf("got %s, %v", got, err)
	}
}
