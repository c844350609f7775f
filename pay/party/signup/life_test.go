package signup_test

import (
	"context"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/fsm/fsmtest"
	"watari/pay/party"
	"watari/pay/party/signup"
)

// Goal: the table of states keeps the rules of a table, the schema lists its states, and people's
// diagram is the table. Method: fsmtest with the CHECK list.
func TestStatesAreWhole(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("sql/202611230102_signup.sql")
	if err != nil {
		t.Fatal(err)
	}
	list := regexp.MustCompile(`signup_application_state check \(state in \(([^)]*)\)`).
		FindStringSubmatch(string(text))
	var states []signup.State
	for s := range strings.SplitSeq(list[1], ",") {
		states = append(states, signup.State(strings.Trim(s, " '\n\t")))
	}
	fsmtest.Check(t, signup.Steps, signup.Draft, states)
	fsmtest.Diagram(t, signup.Steps, "Application of a merchant",
		"../../../docs/states/application.md")
}

// Goal: an application that is handed in, screened and approved by a second person is a merchant
// with a store and a terminal that takes payments once it is live, and every step says who did it
// (U1, U4, U9). Method: the whole way on both engines, the directory and the history looked at.
func TestFromDraftToLive(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		a := o.signed(soba())
		if a.State != signup.Approved || a.MerchantNo == 0 || a.Decider != ben.Name {
			t.Fatalf("approved: %+v", a)
		}
		p := must(t, first(o.Places(ctx, a)), nil)
		if p.Merchant.Status != party.Suspended || p.Merchant.MDRPPM != 29_500 ||
			p.Merchant.Name != "Hida Soba" || p.Store.City != "Takayama" ||
			p.Store.PostalCode != "5060846" || p.Store.Prefecture != "21" ||
			!p.Terminal.CanRefund || p.Terminal.Label != "Till 1" {
			t.Errorf("made %+v", p)
		}
		pay, ok, err := o.InForce(ctx, a.MerchantNo, clock.Now())
		if err != nil || !ok || pay.Account.HolderKana != "ｶ)ﾋﾀﾞｿﾊﾞ" ||
			pay.Account.Number != "0654321" {
			t.Errorf("account %+v, %v, %v", pay, ok, err)
		}
		a, err = o.GoLive(ctx, ben, o.bank, a.ID)
		must(t, 0, err)
		point := must(t, first(o.dir.Terminal(ctx, a.TerminalNo)), nil)
		if a.State != signup.Live || point.Usable() != nil {
			t.Errorf("live: %s, %v", a.State, point.Usable())
		}
		_, err = o.GoLive(ctx, ben, o.bank, a.ID)
		refused(t, "live twice", err, signup.ErrState)
		o.history(a, "created saved-no document-added document-added submitted reviewed "+
			"screened approved live")
	})
}

// history wants the kinds of an application's events; what ends in "-no" is left out.
func (o *office) history(a signup.Application, want string) {
	o.t.Helper()
	entries, err := o.History(o.t.Context(), o.bank, a.ID)
	must(o.t, 0, err)
	var got []string
	for _, e := range entries {
		got = append(got, strings.TrimPrefix(e.Kind, "application."))
		if e.Actor == "" || e.At.IsZero() {
			o.t.Errorf("%s: by %q at %v", e.Kind, e.Actor, e.At)
		}
	}
	wanted := slices.DeleteFunc(strings.Fields(want), func(w string) bool {
		return strings.HasSuffix(w, "-no")
	})
	if !slices.Equal(got, wanted) {
		o.t.Errorf("history %v, want %v", got, wanted)
	}
}

// Goal: an application moves with its merchant's status, whoever changes that (U9). Method: the
// registry suspends, resumes and closes; the service suspends another.
func TestApplicationMovesWithItsMerchant(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		a := o.signed(soba())
		for _, step := range []struct {
			to   party.Status
			want signup.State
		}{{party.Open, signup.Live}, {party.Suspended, signup.Suspended},
			{party.Open, signup.Live}, {party.Closed, signup.Closed}} {
			err := o.reg.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
				return o.reg.SetStatus(ctx, tx, "key:bank", party.KindMerchant, a.MerchantNo,
					step.to)
			})
			must(t, 0, err)
			if a = must(t, first(o.Find(ctx, o.bank, a.ID)), nil); a.State != step.want {
				t.Fatalf("merchant %s: application %s", step.to, a.State)
			}
		}
		_, err := o.Suspend(ctx, ben, o.bank, a.ID)
		refused(t, "suspend what is closed", err, signup.ErrState)
	})
}

// Goal: whoever filled a form in does not approve it, under no spelling of their name; a second
// person does (U2). Method: the maker, the same in capitals, a clerk who edited it, then another.
func TestMakersDoNotApprove(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		a := o.screened(o.handedIn(soba()))
		loud := ann
		loud.Name = " ANN@gifu.example "
		_, err := o.Approve(ctx, loud, o.bank, a.ID, 0, signup.Terms{})
		refused(t, "own", err, signup.ErrOwn)
		lacks := must(t, first(o.Missing(ctx, ann, a)), nil)
		if len(lacks) != 1 || lacks[0].Pointer != "" {
			t.Errorf("ann lacks %v", lacks)
		}
		f := a.Form
		f.Phone = "0577-00-9999"
		a, err = o.Save(ctx, ben, o.bank, a.ID, a.Version, f)
		must(t, 0, err)
		if a.Screening.Outcome != signup.Pending {
			t.Errorf("screened %s after an edit", a.Screening.Outcome)
		}
		a, err = o.Screen(ctx, ben, o.bank, a.ID, signup.Clear, "again")
		must(t, 0, err)
		_, err = o.Approve(ctx, ben, o.bank, a.ID, 0, signup.Terms{})
		refused(t, "edited", err, signup.ErrOwn)
		cal := ben
		cal.Name, cal.Actor = "cal", "person:cal"
		a, err = o.Approve(ctx, cal, o.bank, a.ID, 0, signup.Terms{GoLive: true})
		if must(t, a, err).State != signup.Live {
			t.Errorf("approved: %s", a.State)
		}
	})
}

// Goal: nothing is approved without papers, a clear screening and a discount rate, and what is
// refused made nothing (U3, U4). Method: approvals that lack each, then counts in the directory.
func TestApprovalNeedsEverything(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		f := soba()
		f.MCC, f.MDRPPM = "5921", 0
		a := o.handedIn(f)
		a = must(t, first(o.Review(ctx, ben, o.bank, a.ID)), nil)
		_, err := o.Approve(ctx, ben, o.bank, a.ID, 0, signup.Terms{})
		refused(t, "no rate", err, signup.ErrInvalid, "/mdr_ppm")
		rate := int64(30_000)
		terms := signup.Terms{MDRPPM: &rate, MerchantID: "M-1", StoreID: "S-1"}
		_, err = o.Approve(ctx, ben, o.bank, a.ID, 0, terms)
		refused(t, "no licence", err, signup.ErrIncomplete, "/documents/licence", "/screening")
		_, err = o.AddDocument(ctx, ben, o.bank, a.ID, signup.Licence, "l.png",
			[]byte("\x89PNG\r\n\x1a\nrest"))
		must(t, 0, err)
		_, err = o.Screen(ctx, ben, o.bank, a.ID, signup.Hit, "a name on a list")
		must(t, 0, err)
		_, err = o.Approve(ctx, ben, o.bank, a.ID, 0, terms)
		refused(t, "a hit", err, signup.ErrIncomplete, "/screening")
		if _, err := o.dir.StoreByID(ctx, o.bank, "S-1"); !errors.Is(err, party.ErrStoreUnknown) {
			t.Errorf("a refused approval made a store: %v", err)
		}
		_, err = o.Screen(ctx, ben, o.bank, a.ID, signup.Clear, "another person")
		must(t, 0, err)
		a, err = o.Approve(ctx, ben, o.bank, a.ID, 0, terms)
		must(t, 0, err)
		if a.Form.MerchantID != "M-1" || a.Form.MDRPPM != rate {
			t.Errorf("terms are not kept: %+v", a.Form)
		}
		b := o.screened(o.handedIn(soba()))
		_, err = o.Approve(ctx, ben, o.bank, b.ID, 0, terms)
		refused(t, "taken", err, party.ErrTaken, "/merchant_id")
	})
}

// Goal: each step is taken from its own states only, by the version that was seen, at one's own
// bank. Method: steps out of order, an old version, another bank.
func TestStepsAreRefusedOutOfOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		a := must(t, first(o.Create(ctx, ann, o.bank, signup.Form{TradeName: "Soba"})), nil)
		_, err := o.Submit(ctx, ann, o.bank, a.ID, 0)
		refused(t, "empty", err, signup.ErrInvalid)
		_, err = o.Review(ctx, ben, o.bank, a.ID)
		refused(t, "review a draft", err, signup.ErrState)
		_, err = o.Find(ctx, o.other, a.ID)
		refused(t, "another bank's", err, signup.ErrUnknown)
		_, err = o.Save(ctx, ann, o.other, a.ID, 0, soba())
		refused(t, "save another bank's", err, signup.ErrUnknown)
		b, err := o.Save(ctx, ann, o.bank, a.ID, a.Version, soba())
		must(t, 0, err)
		_, err = o.Save(ctx, ann, o.bank, a.ID, a.Version, soba())
		refused(t, "old version", err, signup.ErrStale)
		_, err = o.Submit(ctx, ann, o.bank, a.ID, b.Version)
		must(t, 0, err)
		_, err = o.Save(ctx, ann, o.bank, a.ID, 0, soba())
		refused(t, "save what is handed in", err, signup.ErrState)
		_, err = o.Review(ctx, ben, o.bank, a.ID)
		must(t, 0, err)
		_, err = o.Return(ctx, ben, o.bank, a.ID, nil)
		refused(t, "no remarks", err, signup.ErrInvalid, "/remarks")
		c, err := o.Return(ctx, ben, o.bank, a.ID,
			[]signup.Remark{{Pointer: "/phone", Text: "nobody answers"}})
		if must(t, c, err); c.State != signup.Returned || len(c.Remarks) != 1 {
			t.Errorf("returned: %+v", c)
		}
		c, err = o.Submit(ctx, ann, o.bank, a.ID, 0)
		if must(t, c, err); len(c.Remarks) != 0 {
			t.Errorf("remarks stay: %v", c.Remarks)
		}
		must(t, first(o.Review(ctx, ben, o.bank, a.ID)), nil)
		c, err = o.Refuse(ctx, ben, o.bank, a.ID, "not in our region")
		if must(t, c, err); c.State != signup.Refused || c.Reason != "not in our region" {
			t.Errorf("refused: %+v", c)
		}
		_, err = o.Submit(ctx, ann, o.bank, a.ID, 0)
		refused(t, "after a refusal", err, signup.ErrState)
	})
}

// Goal: personal data is not to be read in the database, in events or in lists for outsiders, and
// what is sealed for one row does not open in another (U5). Method: an application with telling
// words; every text column of every table and all events are searched; two rows are swapped.
func TestPersonalDataIsSealed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		a := o.signed(soba())
		must(t, first(o.AddNote(ctx, ben, o.bank, a.ID, "the owner limps")), nil)
		_, err := o.ProposePayout(ctx, ann, o.bank, a.MerchantNo, signup.Account{
			BankCode: "0152", BranchCode: "101", Type: signup.Savings, Number: "7777321",
			HolderKana: "ヒダ タロウ"}, "moved")
		must(t, 0, err)
		all, _, err := o.log.Read(ctx, event.Cursor{}, event.Filter{}, 500)
		must(t, 0, err)
		var text strings.Builder
		for _, e := range all {
			text.WriteString(e.Kind + " " + string(e.Data) + "\n")
		}
		text.WriteString(o.dump())
		for _, word := range []string{"taro@", "飛騨 太郎", "1970-04-01", "0577001234", "上三之町",
			"0654321", "7777321", "ﾋﾀﾞ", "limps", "scan.pdf", "%PDF"} {
			if strings.Contains(text.String(), word) {
				t.Errorf("%q can be read", word)
			}
		}
		r := a.Redacted()
		if r.Form.Phone != "" || r.Form.Bank.Number != "****321" || r.Form.LegalName == "" ||
			a.Form.Phone == "" {
			t.Errorf("redacted: %+v", r.Form)
		}
		b := o.handedIn(soba())
		o.exec(`update signup_application set sealed = (select s.sealed
			from signup_application as s where s.id = $1) where id = $2`, a.ID, b.ID)
		if _, err := o.Find(ctx, o.bank, b.ID); err == nil ||
			!strings.Contains(err.Error(), "was sealed for") {
			t.Errorf("a moved row opens: %v", err)
		}
	})
}

// dump is every text of this package's tables.
func (o *office) dump() string {
	o.t.Helper()
	var b strings.Builder
	err := o.d.View(o.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for _, q := range []string{
			`select search || sealed || makers from signup_application order by id`,
			`select sealed_name || sealed || made_by from signup_document order by id`,
			`select sealed || made_by from signup_note order by id`,
			`select sealed || note || contact from signup_payout order by id`,
			`select body || note from change_request order by id`,
		} {
			all, err := db.All(ctx, tx, func(r db.Row) (s string, err error) {
				return s, r.Scan(&s)
			}, q)
			if err != nil {
				return err
			}
			b.WriteString(strings.Join(all, "\n"))
		}
		return nil
	})
	must(o.t, 0, err)
	return b.String()
}

func (o *office) exec(q string, args ...any) {
	o.t.Helper()
	err := o.d.Update(o.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, q, args...)
		return err
	})
	must(o.t, 0, err)
}

// Goal: papers are known by their content, few and small, kept as they came, and gone when they are
// removed. Method: good and bad files, eleven of them, another bank.
func TestDocuments(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		a := must(t, first(o.Create(ctx, ann, o.bank, soba())), nil)
		big := append(slices.Clone(pdf), make([]byte, signup.DocumentMax)...)
		for name, data := range map[string][]byte{"html": []byte("<html>"), "none": nil,
			"svg": []byte("<svg/>"), "big": big} {
			_, err := o.AddDocument(ctx, ann, o.bank, a.ID, signup.Identity, "x.pdf", data)
			refused(t, name, err, signup.ErrDocumentInvalid, "/content")
		}
		_, err := o.AddDocument(ctx, ann, o.bank, a.ID, "poem", "x.pdf", pdf)
		refused(t, "kind", err, signup.ErrDocumentInvalid, "/paper")
		full := big[:signup.DocumentMax]
		d, err := o.AddDocument(ctx, ann, o.bank, a.ID, signup.Photo, `C:\店\写真.pdf`, full)
		if must(t, d, err); d.Name != "写真.pdf" || d.ContentType != "application/pdf" {
			t.Errorf("document %+v", d)
		}
		_, data, err := o.OpenDocument(ctx, ben, o.bank, a.ID, d.ID)
		if must(t, 0, err); string(data) != string(full) {
			t.Error("the content is another one")
		}
		_, _, err = o.OpenDocument(ctx, ben, o.other, a.ID, d.ID)
		refused(t, "another bank", err, signup.ErrUnknown)
		for range signup.DocumentsMax - 1 {
			must(t, first(o.AddDocument(ctx, ann, o.bank, a.ID, signup.Other, "x", pdf)), nil)
		}
		_, err = o.AddDocument(ctx, ann, o.bank, a.ID, signup.Other, "x", pdf)
		refused(t, "eleventh", err, signup.ErrDocumentInvalid)
		must(t, 0, o.RemoveDocument(ctx, ann, o.bank, a.ID, d.ID))
		_, _, err = o.OpenDocument(ctx, ben, o.bank, a.ID, d.ID)
		refused(t, "removed", err, signup.ErrDocument)
	})
}

// Goal: applications are found by state, name and place, in pages that miss none. Method: seven of
// them, and filters.
func TestListsFindApplications(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		for i := range 7 {
			f := soba()
			f.TradeName = "Soba " + string(rune('A'+i))
			if i%2 == 0 {
				f.Address.Prefecture = "26"
			}
			must(t, first(o.Create(ctx, ann, o.bank, f)), nil)
		}
		must(t, first(o.Create(ctx, ann, o.other, soba())), nil)
		count := func(f signup.Filter) (n int) {
			f.AcquirerNo, f.Limit = o.bank, 2
			for {
				found, next, err := o.List(ctx, f)
				must(t, 0, err)
				if n += len(found); next == "" {
					return n
				}
				f.After = next
			}
		}
		for want, f := range map[int]signup.Filter{7: {}, 1: {Text: "soba c"},
			4: {Prefecture: "26", Oldest: true}, 0: {States: []signup.State{signup.Live}},
			3: {Prefecture: "21", States: []signup.State{signup.Draft, signup.Live}}} {
			if got := count(f); got != want {
				t.Errorf("%+v finds %d, want %d", f, got, want)
			}
		}
		if got := count(signup.Filter{Text: "100%"}); got != 0 {
			t.Errorf("a wild card finds %d", got)
		}
		counts := must(t, first(o.Count(ctx, o.bank)), nil)
		if counts[signup.Draft] != 7 || len(counts) != 1 {
			t.Errorf("counts %v", counts)
		}
		_, _, err := o.List(ctx, signup.Filter{After: "x'"})
		refused(t, "cursor", err, signup.ErrCursor)
	})
}

// Goal: each field of a form is held to its rule, and a mistake names it. Method: a good form with
// one field changed at a time.
func TestCheckNamesEachField(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, clock.JST)
	if _, err := signup.Check(soba(), true, at); err != nil {
		t.Fatal(err)
	}
	for pointer, spoil := range map[string]func(*signup.Form){
		"/kind":                      func(f *signup.Form) { f.Kind = "club" },
		"/legal_name":                func(f *signup.Form) { f.LegalName = " " },
		"/legal_name_kana":           func(f *signup.Form) { f.LegalNameKana = "飛騨" },
		"/legal_name_latin":          func(f *signup.Form) { f.LegalNameLatin = "飛騨" },
		"/corporate_number":          func(f *signup.Form) { f.CorporateNumber = "7700110005901" },
		"/representative/name":       func(f *signup.Form) { f.Representative.Name = "a\x00b" },
		"/representative/birth_date": func(f *signup.Form) { f.Representative.BirthDate = "2008-11-24" },
		"/address/postal_code":       func(f *signup.Form) { f.Address.PostalCode = "506" },
		"/address/prefecture":        func(f *signup.Form) { f.Address.Prefecture = "48" },
		"/address/city":              func(f *signup.Form) { f.Address.City = "" },
		"/address/city_latin":        func(f *signup.Form) { f.Address.CityLatin = "高山" },
		"/phone":                     func(f *signup.Form) { f.Phone = "12345" },
		"/email":                     func(f *signup.Form) { f.Email = "taro@" },
		"/website":                   func(f *signup.Form) { f.Website = "javascript:alert(1)" },
		"/trade_name":                func(f *signup.Form) { f.TradeName = strings.Repeat("x", 257) },
		"/mcc":                       func(f *signup.Form) { f.MCC = "58" },
		"/bank/bank_code":            func(f *signup.Form) { f.Bank.BankCode = "52" },
		"/bank/branch_code":          func(f *signup.Form) { f.Bank.BranchCode = "1010" },
		"/bank/type":                 func(f *signup.Form) { f.Bank.Type = "gold" },
		"/bank/number":               func(f *signup.Form) { f.Bank.Number = "12345678" },
		"/bank/holder_kana":          func(f *signup.Form) { f.Bank.HolderKana = "飛騨そば" },
		"/store/unified_id":          func(f *signup.Form) { f.Store.UnifiedID = "12" },
		"/store/address/city": func(f *signup.Form) {
			f.Store.Address = signup.Address{PostalCode: "5060846", Prefecture: "21", Line: "1"}
		},
		"/merchant_id": func(f *signup.Form) { f.MerchantID = " M" },
		"/mdr_ppm":     func(f *signup.Form) { f.MDRPPM = 100_001 },
	} {
		f := soba()
		spoil(&f)
		_, err := signup.Check(f, true, at)
		refused(t, pointer, err, signup.ErrInvalid, pointer)
	}
	f := soba()
	f.MCC = "7995"
	_, err := signup.Check(f, true, at)
	refused(t, "betting", err, signup.ErrCategory)
	f = soba()
	f.Kind = signup.SoleTrader
	_, err = signup.Check(f, true, at)
	refused(t, "a number of nobody", err, signup.ErrInvalid, "/corporate_number")
	f.CorporateNumber, f.Representative.BirthDate, f.Phone = "", "2008-11-23", "+81 577-00-1234"
	if f, err = signup.Check(f, true, at); err != nil || f.Phone != "0577001234" {
		t.Errorf("eighteen today: %q, %v", f.Phone, err)
	}
}

// Goal: no category is admitted here that nobody may bring unchecked. Method: compare the tables.
func TestCategoriesCoverThoseOnSight(t *testing.T) {
	t.Parallel()
	rules := signup.Categories()
	for mcc := range party.DefaultSight().Banned {
		if _, ok := rules[mcc]; !ok {
			t.Errorf("%s has no rule", mcc)
		}
	}
}

// Goal: a problem has a slug of its own. Method: the registry of faults.
func TestFaultsAreDefined(t *testing.T) {
	t.Parallel()
	if fault.BySlug("application-own") != signup.ErrOwn {
		t.Error("application-own is somebody else's")
	}
}
