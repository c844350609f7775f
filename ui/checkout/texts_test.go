package checkout

import (
	"slices"
	"strings"
	"testing"

	"watari/kit/i18n"
	"watari/kit/i18n/i18ntest"
	"watari/pay/link"
)

func catalogue(t *testing.T) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(langFiles, "lang/*.json")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Goal: the pages speak five languages. Method: every file has the same keys and placeholders, and
// has the keys that Go puts together.
func TestTextsAreComplete(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	i18ntest.Complete(t, c)
	keys := []string{"amount.missing", "amount.zero", "amount.negative", "amount.fraction",
		"amount.not_number", "amount.too_long", "refused.other", "end.paid", "end.reserved",
		"end.reserved.why", "end.already", "end.already.why", "end.refunded", "end.declined",
		"end.expired", "end.nothing", "end.ask_shop", "end.cancelled", "end.cancelled.why"}
	for _, group := range refusals {
		keys = append(keys, "refused."+group)
	}
	for _, key := range keys {
		if !slices.Contains(c.Keys(i18n.English), key) {
			t.Errorf("no text %q", key)
		}
	}
}

// Goal: a payer is told every reason in words. Method: the text of each in five languages.
func TestEveryReasonHasWords(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	for _, lang := range i18n.Langs() {
		v := view{Texts: c.For(lang)}
		for _, r := range []link.Reason{link.ReasonBalance, link.ReasonLimitAmount,
			link.ReasonLimitTotal, link.ReasonLimitCount, link.ReasonCodeInvalid,
			link.ReasonCodeExpired, link.ReasonUserBlocked, link.ReasonUserUnknown,
			link.ReasonVerification, link.ReasonRisk, link.ReasonRegulation,
			link.ReasonMerchant, link.ReasonClosed, link.ReasonConfiguration,
			link.ReasonWindow, link.ReasonAmount, link.ReasonUnavailable} {
			if why := v.reason(r); why == v.reason(link.ReasonOther) ||
				strings.Contains(why, "reason.") {
				t.Errorf("%s: %s reads %q", lang, r, why)
			}
		}
		if v.reason("of tomorrow") != v.reason(link.ReasonOther) {
			t.Errorf("%s: an unknown reason has words of its own", lang)
		}
	}
}
