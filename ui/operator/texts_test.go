package operator

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"watari/kit/foureyes"
	"watari/kit/i18n"
	"watari/kit/i18n/i18ntest"
	"watari/pay/ledger"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/promo"
	"watari/pay/watch"
)

func catalogue(t *testing.T) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(langFiles, "lang/*.json")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Goal: the console speaks five languages. Method: every file has the same keys and placeholders.
func TestTextsAreComplete(t *testing.T) {
	t.Parallel()
	i18ntest.Complete(t, catalogue(t))
}

// words are the texts that pages make of states and kinds.
func words() (keys []string) {
	add := func(prefix string, names ...string) {
		for _, n := range names {
			keys = append(keys, prefix+n)
		}
	}
	for _, s := range payment.Steps.States() {
		add("state.", string(s))
	}
	for _, s := range payment.LegSteps.States() {
		add("leg.", string(s))
	}
	for _, s := range payment.RefundSteps.States() {
		add("refund.", string(s))
	}
	for k := range ledger.Kinds {
		add("account.", string(k))
	}
	for _, c := range append(ledger.PaymentCauses, ledger.CauseRefund, ledger.CauseCapture,
		ledger.CausePromotion, ledger.CausePromotionBack) {
		add("cause.", string(c))
	}
	for _, w := range []link.Way{link.WayCode, link.WayOrder, link.WayMerchant, link.WayEntry,
		link.WayPage, link.WayAgreement} {
		add("way.", string(w))
	}
	for _, k := range watch.Kinds() {
		add("alert.", string(k))
	}
	for _, s := range watch.Severities() {
		add("severity.", string(s))
	}
	for s := range statusLooks {
		add("status.", string(s), string(s)+".text")
		add("status.to.", string(s), string(s)+".text")
	}
	for _, s := range []foureyes.State{foureyes.Open, foureyes.Approved, foureyes.Rejected,
		foureyes.Superseded} {
		add("changestate.", string(s))
	}
	add("change.", party.ChangeAgreement, party.ChangeKey, party.ChangeParticipant, "fx.rates",
		payment.SettleKind, "people.operator", promo.ChangePledge)
	for _, g := range groups {
		add("audit.", g.id)
	}
	for _, r := range reaches {
		add("reach.", r.id)
	}
	for _, w := range windows {
		add("window.", w.id)
	}
	return keys
}

// Goal: no page shows the key of a text in place of its words. Method: every text that the code
// names, and every state and kind that pages make words of.
func TestEveryTextIsThere(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, k := range catalogue(t).Keys(i18n.English) {
		known[k] = true
	}
	for _, k := range words() {
		if !known[k] {
			t.Errorf("no text %q", k)
		}
	}
	named := regexp.MustCompile(`v\.(T|N)\("([a-z0-9_.]+[a-z0-9_])"`)
	files, err := filepath.Glob("*.templ")
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(files, sources...) {
		if strings.HasSuffix(f, "_templ.go") || strings.HasSuffix(f, "_test.go") {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			key := m[2]
			if m[1] == "N" {
				key += ".other"
			}
			if !known[key] {
				t.Errorf("%s: no text %q", f, key)
			}
		}
	}
}
