package acquirer

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"watari/kit/i18n"
	"watari/pay/party/signup"
	"watari/ui/console"
)

// Goal: a discount is read as it is written, and nothing else is. Method: texts and their parts per
// million, each written back.
func TestPerCentIsPartsPerMillion(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"": 0, "1.98": 19_800, "2": 20_000, "10": 100_000,
		"0.0001": 1, "1,5": 15_000, "3.24 %": 32_400, " 0.5": 5_000} {
		got, ok := percent(text)
		if !ok || got != want {
			t.Errorf("percent(%q) = %d, %v, want %d", text, got, ok, want)
		}
		if again, _ := percent(percentText(want)); again != want {
			t.Errorf("%d is written %q", want, percentText(want))
		}
	}
	for _, text := range []string{"10.1", "-1", "1.00001", "abc", ".5", "1.2.3", "1e3"} {
		if got, ok := percent(text); ok {
			t.Errorf("percent(%q) = %d", text, got)
		}
	}
}

// Goal: a limit is whole yen or none. Method: texts that people type.
func TestALimitIsWholeYen(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"30000": 30_000, "30,000": 30_000,
		"￥5,000": 5_000, "5000円": 5_000} {
		got, ok := wholeYen(text)
		if !ok || got == nil || *got != want {
			t.Errorf("wholeYen(%q) is not %d", text, want)
		}
	}
	if got, ok := wholeYen(""); !ok || got != nil {
		t.Error("an empty limit is not none")
	}
	for _, text := range []string{"0", "-5", "1.5", "x", "9007199254740992"} {
		if _, ok := wholeYen(text); ok {
			t.Errorf("wholeYen(%q) is taken", text)
		}
	}
}

// posted is a visit that posts a form.
func posted(t *testing.T, form url.Values) *console.Visit {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/apply/x/business",
		strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if err := r.ParseForm(); err != nil {
		t.Fatal(err)
	}
	return &console.Visit{R: r, Texts: catalogue(t).For(i18n.English)}
}

// Goal: B3, and what a form does not show stays as it was. Method: a full form, of which single
// steps are saved.
func TestAStepKeepsWhatItDoesNotShow(t *testing.T) {
	t.Parallel()
	full := signup.Form{Kind: signup.SoleTrader, LegalName: "山口太郎",
		Bank: signup.Account{BankCode: "0149", Number: "1234567"}, MDRPPM: 19_800}
	f := full
	fill(posted(t, url.Values{"bank.bank_code": {"0009"}, "bank.number": {""}}), &f,
		stepAccount)
	if f.Bank.Number != "1234567" || f.Bank.BankCode != "0009" {
		t.Errorf("the account became %+v", f.Bank)
	}
	if f.LegalName != full.LegalName || f.MDRPPM != full.MDRPPM {
		t.Errorf("other steps became %+v", f)
	}
	fill(posted(t, url.Values{"kind": {"sole_trader"}, "legal_name": {"山口"},
		"corporate_number": {"8700110005901"}}), &f, stepBusiness)
	if f.CorporateNumber != "" {
		t.Error("a sole trader has a corporate number")
	}
	fill(posted(t, url.Values{"store.address.city": {"高山市"}, sameField: {"yes"}}), &f,
		stepShop)
	if f.Store.Address != (signup.Address{}) {
		t.Errorf("a shop at the same address has %+v", f.Store.Address)
	}
}

// Goal: whatever Check finds is shown where it can be mended. Method: the mistakes of an empty form
// and of one for another place, each in a step.
func TestEveryMistakeHasAStep(t *testing.T) {
	t.Parallel()
	v := posted(t, nil)
	for _, f := range []signup.Form{{}, {Kind: signup.Corporation,
		Store: signup.Store{Address: signup.Address{City: "x"}, MCC: "1", UnifiedID: "1"}}} {
		w, err := judge(v, f, true)
		if err != nil || w.all == 0 {
			t.Fatalf("%+v is judged %+v, %v", f, w, err)
		}
		if n := w.steps[""]; n > 0 {
			t.Errorf("%d mistakes stand nowhere: %v", n, w.fields)
		}
	}
}

// Goal: sizes of files read well. Method: the edges of the units.
func TestSizesOfFilesReadWell(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{1: "1 KB", 1024: "1 KB", 1025: "2 KB",
		1 << 20: "1.0 MB", 5 << 20: "5.0 MB", 3<<19 + 1: "1.5 MB"} {
		if got := sizeText(n); got != want {
			t.Errorf("%d bytes are %q, want %q", n, got, want)
		}
	}
}
