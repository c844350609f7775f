package visitor_test

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/i18n"
	"watari/pay/ledger"
	"watari/ui/visitor"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
)

// said reads the texts of a language as the files have them.
func said(t *testing.T, lang i18n.Lang) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, file := range []string{"lang/", "lang/park/"} {
		raw, err := os.ReadFile(file + string(lang) + ".json")
		do(t, err)
		do(t, json.Unmarshal(raw, &all))
	}
	return all
}

// verify compares orders, payments and the ledger.
func (f *fair) verify() {
	f.t.Helper()
	do(f.t, f.db.View(f.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		accounts, err := ledger.Accounts(ctx, tx)
		if err != nil {
			return err
		}
		found, err := order.Verify(ctx, tx, accounts, park.Check, gate.Check)
		for _, x := range found.Findings {
			f.t.Errorf("%s %s: %s", x.Rule, x.What, x.Text)
		}
		return err
	}))
}

// tickets counts the tickets of an order that let in.
func (f *fair) tickets(at string) (valid int) {
	f.t.Helper()
	all, err := f.gates.TicketsOf(f.t.Context(), f.order(at).ID)
	do(f.t, err)
	for _, x := range all {
		if x.State == gate.Valid {
			valid++
		}
	}
	return valid
}

// Goal: a visitor buys for a family at the wallet's price, shows the tickets, gives the child's
// back for the money that was shown, and moves the rest to another day. Method: the pages, one
// after the other, with a wallet that debits; what a second tap and the way back do at each step.
func TestAFamilyBuysAndChanges(t *testing.T) {
	t.Parallel()
	parks(t, func(t *testing.T, f *fair) {
		b := f.signedIn(ann)
		p := b.get(buyAt + "?day=" + day)
		if p.status != 200 || !strings.Contains(p.text, "6,500") {
			t.Fatalf("choosing: %d, without the wallet's price", p.status)
		}
		form := wish("n.day.adult", "2", "n.day.child", "1")
		at := f.hold(b, form)
		if again := f.hold(b, form); again != at {
			t.Errorf("a second tap holds %s beside %s", again, at)
		}
		leg := f.open(b, at)
		if again := f.open(b, at); again != leg {
			t.Errorf("a second tap pays %s beside %s", again, leg)
		}
		f.agree(leg)
		if p := b.get(at); p.status != 200 || f.order(at).State != order.StatePaid ||
			f.order(at).Total != 2*6500+4700 {
			t.Errorf("came back: %d, %+v", p.status, f.order(at))
		}
		if again := f.hold(b, form); again != at {
			t.Errorf("the way back buys %s beside %s", again, at)
		}
		if p := b.post(at+"/pay", nil); p.status != 303 || !strings.HasSuffix(p.to, at) {
			t.Errorf("paying what is paid: %d, to %q", p.status, p.to)
		}
		shown := b.get("/visit/tickets/" + f.order(at).ID)
		if strings.Count(shown.text, `class="qr"`) != 3 || shown.header.Get("Visit-Keep") != "yes" ||
			strings.Count(shown.text, "data-secrets") != 3 {
			t.Errorf("tickets: %d, %v", shown.status, shown.header)
		}
		f.childGoesBack(b, at)
		f.moves(b, at)
		f.verify()
	})
}

// childGoesBack gives the child's ticket back.
func (f *fair) childGoesBack(b *browser, at string) {
	f.t.Helper()
	if p := b.get(at + "/cancel?line=3"); p.status != 200 ||
		!strings.Contains(p.text, `name="refund" value="4700"`) {
		f.t.Errorf("what comes back is not shown: %d", p.status)
	}
	form := url.Values{"request": {"c1"}, "refund": {"4700"}, "line": {"3"}}
	for range 2 {
		if p := b.post(at+"/cancel", form); p.status != 303 || p.to != at {
			f.t.Errorf("giving back: %d, to %q", p.status, p.to)
		}
	}
	if all, err := f.orders.Returns(f.t.Context(), f.order(at).ID); err != nil || len(all) != 1 ||
		all[0].Minor != 4700 {
		f.t.Errorf("returns: %+v, %v", all, err)
	}
	for name, form := range map[string]url.Values{
		"another time":    {"request": {"c2"}, "refund": {"4700"}, "line": {"3"}},
		"for more":        {"request": {"c3"}, "refund": {"6501"}, "line": {"2"}},
		"of no line":      {"request": {"c4"}, "refund": {"13000"}},
		"of a wrong line": {"request": {"c5"}, "refund": {"13000"}, "line": {"x", "99"}},
		"without a sum":   {"request": {"c6"}, "line": {"2"}},
	} {
		if p := b.post(at+"/cancel", form); p.status < 400 && p.status != 200 {
			f.t.Errorf("giving back %s: %d, to %q", name, p.status, p.to)
		}
		if n := f.tickets(at); n != 2 {
			f.t.Fatalf("giving back %s leaves %d tickets", name, n)
		}
	}
}

// moves changes the day of what is left.
func (f *fair) moves(b *browser, at string) {
	f.t.Helper()
	if p := b.get(at + "/change?day=" + next); p.status != 200 ||
		!strings.Contains(p.text, `name="day" value="`+next+`"`) {
		f.t.Errorf("another day is not shown: %d: %s", p.status, p.text)
	}
	form := url.Values{"request": {"m1"}, "refund": {"0"}, "day": {next}}
	for range 2 {
		if p := b.post(at+"/change", form); p.status != 303 || p.to != at {
			f.t.Errorf("changing the day: %d, to %q", p.status, p.to)
		}
	}
	form.Set("request", "m2")
	form.Set("day", day)
	if p := b.post(at+"/change", form); p.status != 409 {
		f.t.Errorf("changing the day again: %d", p.status)
	}
	for _, l := range f.order(at).Live() {
		if l.Day != next {
			f.t.Errorf("line %d is for %s", l.No, l.Day)
		}
	}
}

// Goal: a day pass and a ride at a time, bought together, move to another day together, the ride to
// the same time. Method: the pages of a change.
func TestATimeMovesWithItsDay(t *testing.T) {
	t.Parallel()
	f := onePark(t)
	b := f.signedIn(ann)
	at := f.buy(b, wish("n.day.adult", "1", "n.raijin.adult", "1", "s.raijin", "10:00"))
	if p := b.get(at + "/change?day=" + next); p.status != 200 ||
		!strings.Contains(p.text, `name="day" value="`+next+`"`) {
		t.Errorf("another day is not shown: %d", p.status)
	}
	p := b.post(at+"/change", url.Values{"request": {"m"}, "refund": {"0"}, "day": {next}})
	if p.status != 303 || p.to != at {
		t.Errorf("changing the day: %d, to %q", p.status, p.to)
	}
	for _, l := range f.order(at).Live() {
		if l.Day != next || l.Product == "raijin" && l.Slot != "10:00" {
			t.Errorf("line %d: %s, %s", l.No, l.Day, l.Slot)
		}
	}
	f.verify()
}

// Goal: who chooses first and signs in then finds what they chose, and whose session ends on the
// way finds the page again. Method: forms of strangers, and the way through the wallet.
func TestSigningInKeepsWhatWasChosen(t *testing.T) {
	t.Parallel()
	f := onePark(t)
	b := f.browser()
	p := b.post(buyAt, wish("n.day.adult", "2", "n.day.child", "1", "n.raijin.adult", "0",
		"s.raijin", "10:00", "voucher", "FUJI<9"))
	to, err := url.Parse(p.to)
	if err != nil || p.status != 303 || to.Path != "/visit/sign-in" {
		t.Fatalf("a stranger buys: %d, to %q", p.status, p.to)
	}
	back := b.signIn(to.Query().Get("next"))
	if !strings.HasPrefix(back.to, buyAt+"?") {
		t.Fatalf("came back to %q", back.to)
	}
	p = b.get(back.to)
	for _, part := range []string{`name="n.day.adult" value="2"`, `name="n.day.child" value="1"`,
		`name="n.raijin.adult" value="0"`, "FUJI&lt;9"} {
		if !strings.Contains(strings.Join(strings.Fields(p.text), " "), part) {
			t.Errorf("the page lacks %s", part)
		}
	}
	at := f.hold(b, wish("n.day.adult", "1"))
	for _, from := range []struct{ form, page, next string }{
		{at + "/pay", f.base + at, at},
		{at + "/cancel", f.base + at + "/cancel?line=1", at + "/cancel?line=1"},
		{at + "/pay", "https://evil.example" + at, ""}, {at + "/pay", "", ""}, {at + "/pay", "%", ""},
	} {
		p := f.browser().post(from.form, nil, "Referer", from.page)
		want := "/visit/sign-in"
		if from.next != "" {
			want += "?next=" + url.QueryEscape(from.next)
		}
		if p.status != 303 || p.to != want {
			t.Errorf("%+v: %d, to %q", from, p.status, p.to)
		}
	}
	if f.order(at).State != order.StateHeld {
		t.Errorf("a stranger changed the order: %s", f.order(at).State)
	}
	do(t, f.known.SignOut(t.Context(), b.session()))
	p = b.post(at+"/pay", nil, "Referer", f.base+at)
	if p.status != 303 || p.to != "/visit/sign-in?next="+url.QueryEscape(at) {
		t.Fatalf("the session has ended: %d, to %q", p.status, p.to)
	}
	if back := b.signIn(at); back.to != at || !strings.Contains(b.get(at).text, at+"/pay") {
		t.Errorf("signed in again: to %q", back.to)
	}
	f.agree(f.open(b, at))
	if b.get(at); f.order(at).State != order.StatePaid {
		t.Errorf("paid: %s", f.order(at).State)
	}
}

// Goal: what is another visitor's is answered like what does not exist, and stays as it is. Method:
// every page and form of an order, a ticket, a waiting list and a virtual queue, by somebody else.
func TestWhatIsAnothersIsNotThere(t *testing.T) {
	t.Parallel()
	parks(t, func(t *testing.T, f *fair) {
		a, b := f.signedIn(ann), f.signedIn(bob)
		paid, held := f.buy(a, wish("n.day.adult", "1")), f.hold(a, wish("n.day.child", "1"))
		line := f.takesANumber(a)
		wait := f.waits(a)
		none := "/visit/orders/ord_00000000000000000000000000"
		form := url.Values{"request": {"x"}, "refund": {"6500"}, "line": {"1"}, "day": {next}}
		for _, sub := range []string{"", "/cancel", "/change"} {
			same(t, b, sub, func(at string) page { return b.get(at + sub) }, none, paid, held)
		}
		for _, sub := range []string{"/pay", "/abandon", "/cancel", "/change"} {
			same(t, b, sub, func(at string) page { return b.post(at+sub, form) }, none, paid, held)
		}
		shows := strings.NewReplacer("/visit/orders/", "/visit/tickets/")
		for _, sub := range []string{"", "/print"} {
			same(t, b, sub, func(at string) page { return b.get(shows.Replace(at) + sub) }, none,
				paid)
		}
		same(t, b, "print", func(at string) page {
			return b.post(shows.Replace(at)+"/print", nil)
		}, none, paid)
		same(t, b, "waiting list", func(at string) page {
			return b.post("/visit/waitlist/"+at+"/leave", nil)
		}, "wai_00000000000000000000000000", wait)
		same(t, b, "number", func(at string) page {
			return b.post(parkAt+"/waits/carousel/leave", url.Values{"number": {at}})
		}, "vqt_00000000000000000000000000", line)
		if is := f.order(paid); is.State != order.StatePaid || len(is.Live()) != 1 ||
			is.Lines[0].Day != day || f.order(held).State != order.StateHeld {
			t.Errorf("changed: %+v, %+v", is, f.order(held))
		}
		if p := a.get(shows.Replace(paid)); !strings.Contains(p.text, "data-secrets") {
			t.Error("the ticket was made static")
		}
		if p := a.get(parkAt + "/waits"); !strings.Contains(p.text, line) {
			t.Error("the number was given back")
		}
		for _, list := range []string{"/visit", "/visit/tickets", "/visit/receipts",
			"/visit/offline.json", parkAt + "/waits"} {
			for _, id := range []string{f.order(paid).ID, f.order(held).ID, wait, line} {
				if strings.Contains(b.get(list).text, id) {
					t.Errorf("%s names %s of somebody else", list, id)
				}
			}
		}
	})
}

// same wants one answer for a thing that does not exist and for somebody else's.
func same(t *testing.T, b *browser, what string, ask func(string) page, none string, of ...string) {
	t.Helper()
	want := ask(none)
	for _, at := range of {
		got := ask(at)
		if got.status != 404 || want.status != 404 ||
			strings.ReplaceAll(got.text, lastOf(at), lastOf(none)) != want.text {
			t.Errorf("%s of %s: %d, of nobody %d", what, at, got.status, want.status)
		}
	}
}

func lastOf(at string) string { return at[strings.LastIndexByte(at, '/')+1:] }

// takesANumber opens the virtual queue of the ride and takes a number; it returns its id.
func (f *fair) takesANumber(b *browser) string {
	f.t.Helper()
	f.shift.Store(int64(park.At(day, 10*60).Sub(f.now())) + f.shift.Load())
	ctx := f.t.Context()
	do(f.t, f.queues.Tick(ctx, f.park.ID))
	_, err := f.queues.Steer(ctx, f.park.ID, f.ride.ID, "open", "test")
	do(f.t, err)
	for range 2 {
		p := b.post(parkAt+"/waits/carousel/join", url.Values{"party": {"2"}})
		if p.status != 303 || p.to != parkAt+"/waits/carousel" {
			f.t.Fatalf("taking a number: %d, to %q: %s", p.status, p.to, p.text)
		}
	}
	if p := b.get(parkAt + "/waits"); strings.Count(p.text, `name="number"`) != 1 {
		f.t.Errorf("the number is not shown: %s", p.text)
	}
	who, err := f.known.Session(ctx, b.session())
	do(f.t, err)
	held, err := f.queues.Held(ctx, f.park.ID, who.ID)
	do(f.t, err)
	if held == nil {
		f.t.Fatal("there is no number")
	}
	return held.ID
}

// session is the secret of a phone's session.
func (b *browser) session() string {
	u, err := url.Parse(b.r.base)
	do(b.r.t, err)
	for _, c := range b.http.Jar.Cookies(u) {
		if c.Name == visitor.SessionCookie {
			return c.Value
		}
	}
	return ""
}

// waits puts a visitor on the waiting list of the day that is sold out; it returns the id of that.
func (f *fair) waits(b *browser) string {
	f.t.Helper()
	for range 2 {
		p := b.post(parkAt+"/waitlist", url.Values{"product": {"day"}, "day": {full},
			"places": {"2"}})
		if p.status != 303 || p.to != buyAt+"?day="+full {
			f.t.Errorf("waiting: %d, to %q", p.status, p.to)
		}
	}
	who, err := f.known.Session(f.t.Context(), b.session())
	do(f.t, err)
	list, err := f.parks.Waits(f.t.Context(), who.ID)
	do(f.t, err)
	if len(list) != 1 || list[0].Places != 2 {
		f.t.Fatalf("waits: %+v", list)
	}
	return list[0].ID
}

// Goal: what is wrong with a form is said in the language of the page, changes nothing, and leaves
// what was typed. Method: wrong forms in five languages; the text is that of the file.
func TestMistakesAreSaidInFiveLanguages(t *testing.T) {
	t.Parallel()
	f := onePark(t)
	b := f.signedIn(ann)
	for _, k := range []struct {
		name   string
		form   url.Values
		status int
		key    string
	}{
		{"nobody", wish(), 422, "park.buy.nobody"},
		{"less than nobody", wish("n.day.adult", "-3"), 422, "park.buy.nobody"},
		{"letters", wish("n.day.adult", "two"), 422, "park.buy.nobody"},
		{"too many", wish("n.day.adult", "9"), 422, "park.limit.had"},
		{"far too many", wish("n.day.adult", "9223372036854775807"), 422, "fault.order-invalid"},
		{"a party of four", wish("n.party.adult", "4"), 422, "park.least"},
		{"what is not sold", wish("n.castle.adult", "1"), 409, "fault.park-not-sold"},
		{"a class that there is not", wish("n.day.dog", "1"), 409, "fault.park-not-sold"},
		{"no time", wish("n.raijin.adult", "1"), 409, "fault.park-not-sold"},
		{"a time that there is not", wish("n.raijin.adult", "1", "s.raijin", "25:00"), 409,
			"fault.park-not-sold"},
		{"more than is left", wish("n.raijin.adult", "2", "s.raijin", "10:00"), 409,
			"park.left.other"},
		{"sold out", wish("day", full, "n.day.adult", "1"), 409, "fault.park-sold-out"},
		{"yesterday", wish("day", "2026-12-01", "n.day.adult", "1"), 409, "fault.park-not-sold"},
		{"no day", wish("day", "24.12.", "n.day.adult", "1"), 409, "fault.park-not-sold"},
		{"a voucher of nobody", wish("n.day.adult", "1", "voucher", "NOPE"), 422,
			"fault.park-voucher-invalid"},
	} {
		for _, lang := range i18n.Langs() {
			texts := said(t, lang)
			p := b.post(buyAt+"?lang="+string(lang), k.form)
			want := strings.Split(strings.ReplaceAll(texts[k.key], "{n}", "\x00"), "\x00")
			if texts[k.key] == "" || p.status != k.status || !strings.Contains(p.text, `role="alert"`) {
				t.Errorf("%s in %s: %d, %q", k.name, lang, p.status, texts[k.key])
			}
			for _, part := range want {
				if !strings.Contains(p.text, escaped(part)) {
					t.Errorf("%s in %s does not say %q", k.name, lang, part)
				}
			}
			if english := "is not valid"; lang != i18n.English && strings.Contains(p.text, english) {
				t.Errorf("%s in %s says %q", k.name, lang, english)
			}
			q := b.get(parkAt + "/quote?lang=" + string(lang) + "&" + k.form.Encode())
			if q.status != 200 || q.header.Get("Content-Type") != "application/json" {
				t.Errorf("the price of %s: %d", k.name, q.status)
			}
		}
	}
	list, _, err := f.orders.List(t.Context(), order.Filter{Seller: park.SellerKind,
		Place: f.park.ID})
	if err != nil || len(list) != 0 {
		t.Errorf("orders: %+v, %v", list, err)
	}
	p := b.post(buyAt, wish("n.day.adult", "7", "n.day.child", "7", "voucher", `"><script>`))
	if !strings.Contains(strings.Join(strings.Fields(p.text), " "), `name="n.day.adult" value="7"`) ||
		strings.Contains(p.text, "<script>") {
		t.Error("what was typed is gone, or is markup")
	}
}

// Goal: a number of people that is none is refused, and not taken for one person. Method: numbers
// that are none, in the forms of a waiting list and of a virtual queue.
func TestNumbersThatAreNone(t *testing.T) {
	t.Parallel()
	f := onePark(t)
	b := f.signedIn(ann)
	for _, n := range []string{"", "two", "0", "-1", "21", "1.5"} {
		p := b.post(parkAt+"/waitlist", url.Values{"product": {"day"}, "day": {full}, "places": {n}})
		if p.status != 422 || p.alert() == "" {
			t.Errorf("%q places: %d", n, p.status)
		}
		p = b.post(parkAt+"/waits/carousel/join", url.Values{"party": {n}})
		if p.status != 422 || p.alert() == "" {
			t.Errorf("%q people: %d", n, p.status)
		}
	}
}

func escaped(s string) string {
	return strings.NewReplacer("&", "&amp;", "'", "&#39;", `"`, "&#34;", "<", "&lt;").Replace(s)
}

// Goal: a hold that ends is not offered to be paid, also while its job has not seen it, and a
// payment that comes late buys or goes back. Method: the clock goes on while the visitor thinks,
// and while the visitor is in the wallet.
func TestHoldsEndWhereverTheVisitorIs(t *testing.T) {
	t.Parallel()
	parks(t, func(t *testing.T, f *fair) {
		b := f.signedIn(ann)
		slow, late := f.hold(b, wish("n.day.adult", "1")), f.hold(b, wish("n.day.adult", "2"))
		leg := f.open(b, late)
		f.forward(20 * time.Minute)
		if p := b.get(slow); p.status != 200 || strings.Contains(p.text, slow+"/pay") {
			t.Errorf("what is over can be paid: %d", p.status)
		}
		if p := b.post(slow+"/pay", nil); p.status != 303 || p.to != slow {
			t.Errorf("paying what is over: %d, to %q", p.status, p.to)
		}
		b.get(late)
		f.agree(leg)
		b.get(late)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { f.orders.Run(ctx); close(done) }()
		for range 400 {
			if s := f.order(late).State; s == order.StatePaid || s == order.StateCancelled {
				break
			}
			time.Sleep(25 * time.Millisecond)
		}
		stop()
		<-done
		if s := f.order(late).State; s != order.StatePaid {
			t.Errorf("a late payment for which there is room: %s", s)
		}
		if p := b.get(late); p.status != 200 || !strings.Contains(p.text, "/visit/tickets/ord_") {
			t.Errorf("the page of a late payment: %d", p.status)
		}
		f.verify()
	})
}

// Goal: taps that come at the same time do once what was asked for. Method: eight of each at once.
func TestTapsAtOnceDoItOnce(t *testing.T) {
	t.Parallel()
	parks(t, func(t *testing.T, f *fair) {
		b := f.signedIn(ann)
		at := f.atOnce(b, buyAt, wish("n.day.adult", "2"))
		f.agree(f.open(b, at))
		b.get(at)
		f.atOnce(b, at+"/cancel", url.Values{"request": {"c"}, "refund": {"6500"}, "line": {"1"}})
		if all, err := f.orders.Returns(t.Context(), f.order(at).ID); err != nil || len(all) != 1 {
			t.Errorf("returns: %+v, %v", all, err)
		}
		list, _, err := f.orders.List(t.Context(), order.Filter{Seller: park.SellerKind,
			Place: f.park.ID})
		if err != nil || len(list) != 1 || f.tickets(at) != 1 {
			t.Errorf("%d orders, %d tickets, %v", len(list), f.tickets(at), err)
		}
		f.atOnce(b, parkAt+"/waitlist", url.Values{"product": {"day"}, "day": {full},
			"places": {"2"}})
		wait := f.waits(b)
		f.atOnce(b, "/visit/waitlist/"+wait+"/leave", nil)
		f.atOnce(b, at+"/cancel", url.Values{"request": {"d"}, "refund": {"6500"}, "line": {"2"}})
		f.verify()
	})
}

// atOnce sends a form eight times; every answer leads to the same page.
func (f *fair) atOnce(b *browser, at string, form url.Values) string {
	f.t.Helper()
	const taps = 8
	got := make([]page, taps)
	var all sync.WaitGroup
	for i := range taps {
		all.Go(func() { got[i] = b.post(at, form) })
	}
	all.Wait()
	for _, p := range got {
		if p.status != 303 || p.to != got[0].to {
			f.t.Errorf("%s: %d, to %q, others to %q: %s", at, p.status, p.to,
				got[0].to, p.alert())
		}
	}
	return got[0].to
}
