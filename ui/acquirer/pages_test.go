package acquirer

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"watari/kit/access"
	"watari/pay/party/signup"
)

// routesOf are all pages of the console but those with uploads.
func routesOf() []route {
	a := &app{}
	return slices.Concat(a.signRoutes(), a.shopRoutes(), a.moneyRoutes(), a.bankRoutes())
}

// param is a part of an address that names something.
var param = regexp.MustCompile(`\{[a-z]+\}`)

// Goal: B1 and B2. Method: every page, asked for by every role of another place, and by those roles
// of the bank that it is not for: nobody gets anything.
func TestNobodyOpensAPageThatIsNotTheirs(t *testing.T) {
	t.Parallel()
	b := newBranch(t)
	for _, r := range routesOf() {
		what := strings.ReplaceAll(param.ReplaceAllString(r.pattern, "1"), "{$}", "")
		for _, who := range []string{"owner", "operator"} {
			if w := b.ask(who, what); w.Code != http.StatusForbidden {
				t.Errorf("%s asks %s: %d", who, what, w.Code)
			}
		}
		if w := b.ask("", what); w.Code != http.StatusSeeOther ||
			!strings.HasPrefix(w.Header().Get("Location"), "/account/sign-in") {
			t.Errorf("a stranger asks %s: %d", what, w.Code)
		}
		for who, role := range map[string]access.Role{"viewer": access.AcquirerViewer,
			"clerk": access.AcquirerClerk} {
			w := b.ask(who, what)
			if allowed := slices.Contains(r.roles, role); !allowed &&
				w.Code != http.StatusForbidden {
				t.Errorf("%s asks %s: %d", who, what, w.Code)
			}
		}
	}
}

// Goal: a viewer changes nothing. Method: no route that takes a post has the role.
func TestAViewerChangesNothing(t *testing.T) {
	t.Parallel()
	for _, r := range routesOf() {
		if strings.HasPrefix(r.pattern, "POST ") &&
			slices.Contains(r.roles, access.AcquirerViewer) {
			t.Errorf("%s is for viewers", r.pattern)
		}
	}
}

// Goal: B1. Method: everything that the first bank has, asked for by the second one's people, in
// every way.
func TestAnotherBanksThingsAreNotThere(t *testing.T) {
	t.Parallel()
	b := newBranch(t)
	apply := b.want(http.StatusSeeOther, "clerk", "POST /acquirer/applications/new",
		"legal_name", "山口そば")
	id := strings.TrimPrefix(apply, "/acquirer/applications/")
	shop, till := itoa(b.shop.No), itoa(b.till.No)
	for _, r := range routesOf() {
		if !strings.Contains(r.pattern, "{id}") && !strings.Contains(r.pattern, "{no}") {
			continue
		}
		what := strings.NewReplacer("{id}", id, "{no}", shop, "{till}", till,
			"{file}", "a6.pdf").Replace(r.pattern)
		what = param.ReplaceAllString(what, "1")
		who := "other"
		if !slices.Contains(r.roles, access.AcquirerClerk) {
			who = "boss"
		}
		if w := b.ask(who, what, "outcome", "clear", "mdr_ppm", "1", "reason", "x",
			"note", "x", "amount", "1"); w.Code != http.StatusNotFound {
			t.Errorf("%s asks %s: %d\n%s", who, what, w.Code, words(w))
		}
	}
	if w := b.upload("other", "/acquirer/applications/"+id+"/documents", "a.pdf",
		[]byte("%PDF-1.7"), "paper", "identity"); w.Code != http.StatusNotFound {
		t.Errorf("another bank adds a paper: %d", w.Code)
	}
	if page := b.want(http.StatusOK, "other", "GET /acquirer/shops"); strings.Contains(page,
		"Soba") {
		t.Error("another bank lists the shop")
	}
}

// filled is a form of a sole trader that can be handed in.
var filled = [][]string{
	{"business", "kind", "sole_trader", "legal_name", "山口そば", "legal_name_kana", "ヤマグチソバ"},
	{"person", "representative.name", "山口太郎", "representative.kana", "やまぐちたろう",
		"representative.birth_date", "1970-04-01"},
	{"address", "address.postal_code", "506-0011", "address.prefecture", "21", "address.city",
		"高山市", "address.line", "本町2-10", "address.city_latin", "Takayama", "phone",
		"0577-32-0000", "email", "soba@example.jp"},
	{"shop", "trade_name", "Hida Soba", "trade_name_ja", "飛騨そば", "mcc", "5812",
		"terminal.label", "レジ1", sameField, "yes"},
	{"account", "bank.bank_code", "0149", "bank.branch_code", "101", "bank.type", "ordinary",
		"bank.number", "1234567", "bank.holder_kana", "ヤマグチ タロウ"},
}

// linkIn finds the address that a page shows to be copied.
var linkIn = regexp.MustCompile(`https://watari\.example([a-z0-9/_-]+)`)

// versionIn is the version that a form of a page carries.
var versionIn = regexp.MustCompile(`name="version" value="(\d+)"`)

// apply makes a link as a clerk, fills the form in over it, and hands it in. It returns the path of
// the form.
func (b *branch) apply() string {
	b.t.Helper()
	page := b.want(http.StatusOK, "clerk", "POST /acquirer/applications/invitations",
		"label", "Soba")
	path := linkIn.FindStringSubmatch(page)[1]
	for _, s := range filled {
		b.want(http.StatusSeeOther, "", "POST "+path+"/"+s[0],
			append(s[1:], "version", b.version("", path+"/"+s[0]))...)
	}
	if w := b.upload("", path+"/documents", "me.pdf", []byte("%PDF-1.7\n%%EOF"), "paper",
		"identity"); w.Code != http.StatusSeeOther {
		b.t.Fatalf("a paper: %d\n%s", w.Code, words(w))
	}
	b.want(http.StatusSeeOther, "", "POST "+path+"/send", "version",
		b.version("", path+"/send"))
	return path
}

func (b *branch) version(who, path string) string {
	b.t.Helper()
	found := versionIn.FindStringSubmatch(b.want(http.StatusOK, who, "GET "+path))
	if found == nil {
		b.t.Fatalf("%s has no version", path)
	}
	return found[1]
}

// waiting is the id of the application that waits.
func (b *branch) waiting() string {
	b.t.Helper()
	list, _, err := b.signup.List(b.t.Context(), signup.Filter{AcquirerNo: b.home.No,
		States: []signup.State{signup.Applied}})
	if err != nil || len(list) != 1 {
		b.t.Fatalf("%d applications wait, %v", len(list), err)
	}
	return list[0].ID
}

// Goal: a clerk puts a noodle shop live: the merchant applies by link, the clerk reviews, a second
// one approves, and the first hands over the till link, the stand and the owner's link. Method:
// every step on its page.
func TestANoodleShopGoesLive(t *testing.T) {
	t.Parallel()
	b := newBranch(t)
	guest := b.apply()
	if page := b.want(http.StatusOK, "", "GET "+guest); !strings.Contains(page,
		"The bank has your application") {
		t.Error("the merchant is not told that the bank has it")
	}
	at := "/acquirer/applications/" + b.waiting()
	b.want(http.StatusSeeOther, "clerk", "POST "+at+"/review")
	b.want(http.StatusSeeOther, "clerk", "POST "+at+"/screening", "outcome", "clear", "note",
		"nothing found")
	to := b.want(http.StatusSeeOther, "second", "POST "+at+"/approve", "version",
		b.version("second", at), "mdr_ppm", "1.98", "live", "yes")
	if !strings.HasSuffix(to, "/handover") {
		t.Fatalf("an approval leads to %s", to)
	}
	if page := b.want(http.StatusOK, "clerk", "POST "+to); !strings.Contains(page,
		"https://watari.example/till/activate/") {
		t.Error("no link opens the till")
	}
	if page := b.want(http.StatusOK, "clerk", "POST "+to+"/owner", "email",
		"soba@example.jp"); !strings.Contains(page, "/account/invitation/") {
		t.Error("no link lets the owner in")
	}
	b.want(http.StatusOK, "clerk", "GET "+strings.TrimSuffix(to, "handover")+"stand/a6.pdf")
	if page := b.want(http.StatusOK, "", "GET "+guest); !strings.Contains(page,
		"You can take payments") {
		t.Error("the merchant is not told that the shop is live")
	}
}

// Goal: who filled a form in does not approve it, and is told so. Method: a clerk enters an
// application; the clerk and then a second one approve.
func TestWhoEntersDoesNotApprove(t *testing.T) {
	t.Parallel()
	b := newBranch(t)
	var form []string
	for _, s := range filled {
		form = append(form, s[1:]...)
	}
	at := b.want(http.StatusSeeOther, "clerk", "POST /acquirer/applications/new",
		append(form, "mdr_ppm", "1.98", "then", "submit")...)
	if w := b.upload("clerk", at+"/documents", "me.pdf", []byte("%PDF-1.7\n%%EOF"), "paper",
		"identity"); w.Code != http.StatusSeeOther {
		t.Fatalf("a paper: %d", w.Code)
	}
	b.want(http.StatusSeeOther, "clerk", "POST "+at+"/review")
	b.want(http.StatusSeeOther, "clerk", "POST "+at+"/screening", "outcome", "clear", "note",
		"nothing found")
	page := b.want(http.StatusOK, "clerk", "GET "+at)
	if strings.Contains(page, `id="approve"`) || !strings.Contains(page, "somebody else") {
		t.Error("the clerk is offered to approve")
	}
	version := b.version("second", at)
	if w := b.ask("clerk", "POST "+at+"/approve", "version", version); w.Code <
		http.StatusBadRequest || !strings.Contains(w.Body.String(), "another person") {
		t.Errorf("the clerk approves: %d\n%s", w.Code, words(w))
	}
	b.want(http.StatusSeeOther, "second", "POST "+at+"/approve", "version", version)
}

// Goal: B3 and B6. Method: a returned application on the pages of its merchant, whose bank has
// written a note.
func TestAGuestSeesWhatMustBeMendedAndNoMore(t *testing.T) {
	t.Parallel()
	b := newBranch(t)
	guest := b.apply()
	at := "/acquirer/applications/" + b.waiting()
	b.want(http.StatusSeeOther, "clerk", "POST "+at+"/notes", "text", "looks odd to me")
	b.want(http.StatusSeeOther, "clerk", "POST "+at+"/review")
	b.want(http.StatusUnprocessableEntity, "clerk", "POST "+at+"/return")
	b.want(http.StatusSeeOther, "clerk", "POST "+at+"/return", "why.bank.holder_kana",
		"not as in the passbook")
	for _, path := range []string{guest, guest + "/account", guest + "/send"} {
		w := b.ask("", "GET "+path)
		page := w.Body.String()
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d", path, w.Code)
		}
		for _, secret := range []string{"looks odd", "1234567", "clerk@hida"} {
			if strings.Contains(page, secret) {
				t.Errorf("%s shows %q", path, secret)
			}
		}
		if path != guest+"/send" && !strings.Contains(page, "not as in the passbook") {
			t.Errorf("%s does not say what must be mended", path)
		}
	}
	for _, gone := range []string{"GET /apply/nobody", "GET /apply/nobody/business",
		"POST /apply/nobody/begin", "POST /apply/nobody/send"} {
		b.want(http.StatusNotFound, "", gone)
	}
}

// Goal: B4. Method: a paper that was uploaded, downloaded by a viewer.
func TestPapersLeaveAsDownloads(t *testing.T) {
	t.Parallel()
	b := newBranch(t)
	b.apply()
	id := b.waiting()
	docs, err := b.signup.Documents(t.Context(), b.home.No, id)
	if err != nil || len(docs) != 1 {
		t.Fatalf("%d papers, %v", len(docs), err)
	}
	w := b.ask("viewer", "GET /acquirer/applications/"+id+"/documents/"+docs[0].ID)
	h := w.Header()
	if w.Code != http.StatusOK || !strings.HasPrefix(h.Get("Content-Disposition"),
		"attachment") || h.Get("X-Content-Type-Options") != "nosniff" ||
		h.Get("Content-Type") != "application/pdf" {
		t.Errorf("%d %v", w.Code, h)
	}
	if w := b.upload("clerk", "/acquirer/applications/"+id+"/documents", "x.html",
		[]byte("<script>alert(1)</script>"), "paper", "other"); w.Code !=
		http.StatusUnprocessableEntity {
		t.Errorf("a page as a paper: %d", w.Code)
	}
}

// Goal: B5. Method: each page that makes a secret shows it in its own answer, and the page after it
// does not.
func TestASecretIsShownOnce(t *testing.T) {
	t.Parallel()
	b := newBranch(t)
	shop := "/acquirer/shops/" + itoa(b.shop.No)
	for _, c := range []struct{ made, after, mark string }{
		{"POST " + shop + "/tills/" + itoa(b.till.No) + "/link", "GET " + shop + "/tills",
			"till/activate/"},
		{"POST /acquirer/keys", "GET /acquirer/keys", "wk_"},
		{"POST /acquirer/staff", "GET /acquirer/staff", "account/invitation/"},
		{"POST /acquirer/applications/invitations",
			"GET /acquirer/applications/invitations", "watari.example/apply/"},
	} {
		page := b.want(http.StatusOK, "admin", c.made, "label", "core", "role",
			"acquirer-viewer", "email", "new@hida.example")
		if !strings.Contains(page, c.mark) {
			t.Errorf("%s shows no secret", c.made)
		}
		if strings.Contains(b.want(http.StatusOK, "admin", c.after), c.mark) {
			t.Errorf("%s shows a secret", c.after)
		}
	}
}

// Goal: every page is drawn, empty or not. Method: each page without a name in its address, by each
// role that may open it.
func TestEveryPageIsDrawn(t *testing.T) {
	t.Parallel()
	b := newBranch(t)
	for _, r := range routesOf() {
		if !strings.HasPrefix(r.pattern, "GET ") {
			continue
		}
		what := strings.NewReplacer("{no}", itoa(b.shop.No), "{file}", "a6.svg", "{$}",
			"").Replace(r.pattern)
		if strings.Contains(what, "{") {
			continue
		}
		for who, role := range map[string]access.Role{"viewer": access.AcquirerViewer,
			"clerk": access.AcquirerClerk, "admin": access.Acquirer} {
			if slices.Contains(r.roles, role) {
				b.want(http.StatusOK, who, what)
			}
		}
	}
}
