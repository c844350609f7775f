package till

import (
	"slices"
	"strings"
	"testing"

	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/i18n/i18ntest"
	"watari/pay/link"
	"watari/pay/payment"
)

func catalogue(t *testing.T) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(langFiles, "lang/*.json")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Goal: the till speaks five languages. Method: every file has the same keys and placeholders.
func TestTextsAreComplete(t *testing.T) {
	t.Parallel()
	i18ntest.Complete(t, catalogue(t))
}

// reasons are all of package link, in its order.
var reasons = []link.Reason{link.ReasonBalance, link.ReasonLimitAmount, link.ReasonLimitTotal,
	link.ReasonLimitCount, link.ReasonCodeInvalid, link.ReasonCodeExpired,
	link.ReasonUserBlocked, link.ReasonUserUnknown, link.ReasonVerification, link.ReasonRisk,
	link.ReasonRegulation, link.ReasonMerchant, link.ReasonClosed, link.ReasonConfiguration,
	link.ReasonWindow, link.ReasonAmount, link.ReasonUnavailable, link.ReasonOther}

// Goal: a cashier is told every reason and what to do next, in words. Method: the two texts of
// each reason in five languages.
func TestEveryReasonHasWords(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	for _, lang := range i18n.Langs() {
		v := view{Texts: c.For(lang)}
		for _, r := range reasons {
			why, next := v.reason(r)
			if why == v.T("reason."+string(link.ReasonOther)) && r != link.ReasonOther ||
				strings.Contains(why+next, "reason.") {
				t.Errorf("%s: %s reads %q, %q", lang, r, why, next)
			}
		}
		why, _ := v.reason("a reason of tomorrow")
		if want, _ := v.reason(link.ReasonOther); why != want {
			t.Errorf("%s: an unknown reason reads %q", lang, why)
		}
	}
}

// notAtTills are the refusals that no sale, refund or cancellation of a till can meet.
var notAtTills = []string{
	// Administration by operators and acquirers.
	"period-invalid", "alert-", "health-range-invalid",
	"code-count-invalid", "change-request-", "leg-not-", "fx-file-malformed", "fx-quote-not-found",
	"rate-malformed", "party-", "key-version-unknown", "merchant-category-banned",
	"webhook-",
	// Merchants that are signed, and where they are paid.
	"application-", "document-", "invitation-", "payout-account-", "import-", "registration-",
	// People who sign in, their keys and the trail.
	"signed-out", "sign-in-", "single-sign-on-", "password-weak", "passkey-refused",
	"totp-exists", "second-factor-", "person-", "people-limit", "place-", "api-key-",
	"audit-",
	// A link and a session have pages of their own.
	"terminal-activation-invalid", "terminal-session-unknown",
	"change-request-",
	// What only wallets scan, and what only programs ask for.
	"merchant-code-", "capture-not-possible", "consent-", "return-url-invalid",
	"wallet-not-for-order",
	// HTTP and the API's callers.
	"body-too-large", "cross-origin-request", "internal-error", "media-type-not-supported",
	"method-not-allowed", "no-such-address", "not-ready", "request-malformed",
	"request-invalid", "request-timeout", "role-not-allowed", "too-many-calls",
	"too-many-connections",
	"unauthenticated", "key-not-found", "idempotency-",
}

// Goal: a cashier is told every refusal and what to do next, in words. Method: the two texts of
// each fault that the payment service's packages define, in five languages.
func TestEveryRefusalHasWords(t *testing.T) {
	t.Parallel()
	_ = payment.ErrNotFound // its packages define theirs
	c := catalogue(t)
	for _, p := range fault.All() {
		if slices.ContainsFunc(notAtTills, func(s string) bool {
			return p.Slug == s || strings.HasSuffix(s, "-") && strings.HasPrefix(p.Slug, s)
		}) {
			continue
		}
		for _, lang := range i18n.Langs() {
			for _, key := range []string{"fault." + p.Slug, "fault." + p.Slug + ".next"} {
				if !slices.Contains(c.Keys(lang), key) {
					t.Errorf("%s: no text %q", lang, key)
				}
			}
		}
	}
	v := view{Texts: c.For(i18n.English)}
	why, next := v.refusal(&fault.Error{Problem: &fault.Problem{Slug: "of-tomorrow"}})
	if why != v.T("fault.other") || next != v.T("fault.other.next") {
		t.Errorf("an unknown refusal reads %q, %q", why, next)
	}
}

// Goal: every state and verdict has a word. Method: the keys that Go puts together.
func TestEveryStateHasWords(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	var keys []string
	for _, v := range []Verdict{NeedPIN, WrongPIN, NoPermission, NoAmount, OverRest, OverTerminal,
		OverStore, NoPINSet, PINPaused} {
		keys = append(keys, "verdict."+string(v))
	}
	for _, s := range payment.Steps.States() {
		sign := view{Texts: c.For(i18n.English)}.sign(&payment.Payment{State: s})
		if sign.word == "" || strings.Contains(sign.word, ".") || sign.icon == "" {
			t.Errorf("%s is shown as %+v", s, sign)
		}
	}
	for _, s := range []string{"amount.missing", "amount.zero", "amount.negative",
		"amount.fraction", "amount.not_number", "amount.too_long", "code.missing",
		"code.too_long", "code.unreadable", "way.wallet_code", "way.order_code",
		"way.merchant_code", "way.entry_code", "way.page", "way.agreement",
		"nav.charge", "nav.day", "nav.settings",
		"settings.theme.auto", "settings.theme.light", "settings.theme.dark"} {
		keys = append(keys, s)
	}
	for _, key := range keys {
		if !slices.Contains(c.Keys(i18n.English), key) {
			t.Errorf("no text %q", key)
		}
	}
}
