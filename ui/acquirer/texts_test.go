package acquirer

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/i18n/i18ntest"
	wallet "watari/pay/link"
	"watari/pay/party"
	"watari/pay/party/signup"
	"watari/pay/payment"
	"watari/pay/webhook"
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

// asked finds the keys that a page asks for by name; those that are put together end in a dot.
var asked = regexp.MustCompile(`v\.(T|N)\("([a-z0-9_.]+)"( \+)?`)

// Goal: no page shows the name of a text instead of the text. Method: every key that a file of this
// package names is in the catalogue.
func TestEveryTextThatIsAskedForIsThere(t *testing.T) {
	t.Parallel()
	keys := catalogue(t).Keys(i18n.English)
	files, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") || strings.HasSuffix(f, "_templ.go") ||
			!strings.HasSuffix(f, ".go") && !strings.HasSuffix(f, ".templ") {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range asked.FindAllStringSubmatch(string(text), -1) {
			key, whole := m[2], m[3] == "" && !strings.HasSuffix(m[2], ".")
			if m[1] == "N" {
				key += ".other"
			}
			if !slices.ContainsFunc(keys, func(k string) bool {
				return k == key || !whole && strings.HasPrefix(k, key)
			}) {
				t.Errorf("%s: no text %q", f, key)
			}
		}
	}
}

// texts collects keys.
type texts []string

func (k *texts) add(prefix string, values ...string) {
	for _, v := range values {
		*k = append(*k, prefix+v)
	}
}

// ofSignup are the texts whose keys end in a value of the sign-up.
func (k *texts) ofSignup() {
	for _, s := range append(signup.Steps.States(), signup.Draft) {
		k.add("app.state.", string(s))
		k.add("app.next.", string(s))
		if s != signup.Draft {
			k.add("apply.state.", string(s), string(s)+".text")
		}
	}
	for _, o := range []signup.Outcome{signup.Clear, signup.Hit, signup.Pending} {
		k.add("screen.", string(o))
	}
	for _, p := range papers {
		k.add("doc.", string(p))
	}
	for _, s := range append(slices.Clone(guestSteps), stepTerms) {
		k.add("step.", string(s), string(s)+".lead")
	}
	for _, e := range entries {
		k.add("f.", e.name)
		k.add("mistake.", e.name)
		if hints[e.name] {
			k.add("f.", e.name+".hint")
		}
	}
	for _, c := range signup.Columns() {
		if c.Name != "kind" {
			k.add("f.", columnField(c.Name))
		}
	}
	for _, s := range []signup.ImportState{signup.ImportRunning, signup.ImportChecked,
		signup.ImportDone, signup.ImportFailed, signup.ImportInterrupted} {
		k.add("imp.state.", string(s))
		k.add("imp.said.", string(s))
	}
	for _, s := range []signup.PayoutState{signup.PayoutProposed, signup.PayoutHeld,
		signup.PayoutRejected, signup.PayoutStopped} {
		k.add("account.", string(s))
	}
}

// ofPayments are the texts whose keys end in a value of a payment, a party or a webhook.
func (k *texts) ofPayments() {
	for _, s := range payment.Steps.States() {
		k.add("pay.state.", string(s))
	}
	k.add("refund.state.", "requested", "unknown", "succeeded", "failed")
	k.add("refund.done.", "unknown", "succeeded", "failed")
	for _, s := range []party.Status{party.Open, party.Suspended, party.Closed} {
		k.add("status.", string(s))
		k.add("shop.done.", string(s))
	}
	for _, p := range []string{"stuck", "pending", "refunds", "hooks", "declined", "tills"} {
		k.add("prob.", p, p+".text")
	}
	for _, kind := range webhook.Kinds(webhook.Owner{AcquirerNo: 1}) {
		k.add("event.", kind.Name)
	}
	k.add("hook.state.", string(webhook.Waiting), string(webhook.Delivered),
		string(webhook.GivenUp))
	for _, r := range []wallet.Reason{wallet.ReasonBalance, wallet.ReasonLimitAmount,
		wallet.ReasonLimitTotal, wallet.ReasonLimitCount, wallet.ReasonCodeInvalid,
		wallet.ReasonCodeExpired, wallet.ReasonUserBlocked, wallet.ReasonUserUnknown,
		wallet.ReasonVerification, wallet.ReasonRisk, wallet.ReasonRegulation,
		wallet.ReasonMerchant, wallet.ReasonClosed, wallet.ReasonConfiguration,
		wallet.ReasonWindow, wallet.ReasonAmount, wallet.ReasonUnavailable,
		wallet.ReasonOther} {
		k.add("reason.", string(r))
	}
}

// wanted are the texts whose keys end in a value.
func wanted() (k texts) {
	k.ofSignup()
	k.ofPayments()
	k.add("mcc.", mccs...)
	k.add("audit.group.", groups...)
	for _, q := range queues {
		k.add("apps.tab.", q.id)
	}
	for _, r := range all {
		k.add("role.", string(r), string(r)+".may")
	}
	for _, i := range nav() {
		k.add("nav.", i.ID)
	}
	return k
}

// Goal: what is named by a value of another package has words too. Method: the values themselves.
func TestEveryValueHasWords(t *testing.T) {
	t.Parallel()
	have := catalogue(t).Keys(i18n.English)
	for _, key := range wanted() {
		if !slices.Contains(have, key) {
			t.Errorf("no text %q", key)
		}
	}
}

// elsewhere are the refusals of the packages behind the pages that no page of this console shows in
// words: what is not there is a page of its own, and cursors are made by the pages themselves.
var elsewhere = []string{"application-cursor-invalid", "webhook-cursor-invalid",
	"change-request-cursor-invalid", "merchant-category-banned", "webhook-resend-later"}

// Goal: a clerk is told every refusal in words of their language. Method: each problem of the
// packages behind the pages that a form may meet.
func TestEveryRefusalHasWords(t *testing.T) {
	t.Parallel()
	have := catalogue(t).Keys(i18n.English)
	for _, p := range fault.All() {
		ours := slices.ContainsFunc([]string{"application-", "document-", "payout-account-",
			"import-", "invitation-", "webhook-", "change-request-", "refund-",
			"party-", "person-", "people-", "api-key-", "stand-"},
			func(prefix string) bool { return strings.HasPrefix(p.Slug, prefix) })
		if !ours || p.Kind == fault.NotFound || p.Kind == fault.Unavailable ||
			slices.Contains(elsewhere, p.Slug) {
			continue
		}
		if !slices.Contains(have, "fault."+p.Slug) {
			t.Errorf("no text %q (%s)", "fault."+p.Slug, p.Title)
		}
	}
}
