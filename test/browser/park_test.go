package browser

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"watari/kit/clock"
	"watari/test/program"
)

// The park of the sandbox, and the store that sells its tickets.
const (
	thePark     = "/visit/park/fuji-kogen"
	parkTickets = "S1950"
	ramenShop   = "S1951"
	ramen       = 1200 // yen
)

// The goal is a day in the park as a visitor has it: in their wallet they buy two adults and a
// child at that wallet's price, see the tickets, find the shortest queue on the map and walk there,
// pay for ramen with a code, and give the child's ticket back for the right money. The method: by
// pressing only, in three languages, each with a visitor of its own; what the bank, the wallet and
// the books say of it is read at the end.
func TestADayInThePark(t *testing.T) {
	t.Parallel()
	r := Start(t, "--sandbox-quiet=false") // people queue
	till, c := r.till(t, ramenShop), theCritic(t)
	for i, lang := range []string{"zh-Hans", "en", "ja"} {
		t.Run(lang, func(t *testing.T) {
			v := &parkVisit{r: r, lang: lang, n: 1 + i, wallet: r.wallet(t, "wechatpay"),
				till: till, tab: r.Tab(t, Language(lang)), critic: c}
			v.user = r.user(t, v.wallet, v.n)
			v.enters(t)
			v.buys(t)
			v.seesTickets(t)
			v.walks(t)
			v.eats(t)
			v.givesBack(t)
		})
	}
	r.sellsTickets(t)
	r.verify(t)
}

// sellsTickets looks at what the park's owner sees of it.
func (r *Rig) sellsTickets(t *testing.T) {
	t.Helper()
	tab := r.Tab(t, Desktop())
	r.enterAs(t, tab, "owner@kogen-park.example")
	for _, page := range []string{"sales", "queues", "shops"} {
		Do(t, tab, goTo(r.BaseURL+"/park/"+page), has("main h1"))
		Shot(t, tab, "park-"+page)
		if page == "sales" {
			if got := words(t, tab, "main"); !strings.Contains(got, "10% off with Weilai Pay") {
				t.Errorf("the sales read %q, without the wallet's discount", got)
			}
		}
	}
}

// parkVisit is one visitor's way, in one language.
type parkVisit struct {
	r         *Rig
	lang      string
	n         int // of the wallet's users
	wallet    program.Wallet
	user      program.User
	tab, till context.Context
	critic    *critic

	order, payment string
	adult, child   price
	total          int64
}

// price is what a ticket costs, without and with the wallet's discount, in yen.
type price struct{ list, pays int64 }

// shot keeps a picture of a page, and has it judged.
func (v *parkVisit) shot(t *testing.T, name string) {
	t.Helper()
	Shot(t, v.tab, "park-"+name+"-"+v.lang)
	grow(t, v.tab)
	v.critic.judge(t, v.tab, name+" in "+v.lang)
	Do(t, v.tab, chromedp.EmulateViewport(Width, Height, chromedp.EmulateScale(dots),
		chromedp.EmulatePortrait, chromedp.EmulateMobile, chromedp.EmulateTouch))
}

// goes presses a link or button and waits for the page it leads to.
func (v *parkVisit) goes(t *testing.T, selector, path, shows string) {
	t.Helper()
	holds(t, v.tab, fmt.Sprintf(`document.querySelector(%q) !== null`, selector))
	Do(t, v.tab, click(selector))
	holds(t, v.tab, fmt.Sprintf(`location.pathname.startsWith(%q) &&
		document.querySelector(%q) !== null && document.readyState === 'complete'`, path, shows))
}

// number reads the digits of an element.
func (v *parkVisit) number(t *testing.T, selector string) int64 {
	t.Helper()
	return Read(t, v.tab, chromedp.Evaluate[int64](fmt.Sprintf(
		`Number(document.querySelector(%q).textContent.replace(/\D/g, ''))`, selector)))
}

// enters signs in with the wallet and opens the park.
func (v *parkVisit) enters(t *testing.T) {
	v.r.letIn(t, v.tab, "wechatpay", v.n, "/visit")
	v.shot(t, "visit")
	v.goes(t, `a.place[href="`+thePark+`"]`, thePark, ".parkhead")
	v.shot(t, "home")
}

// buys takes two adults and a child for a day that is three days away.
func (v *parkVisit) buys(t *testing.T) {
	v.goes(t, `a[href$="/buy"]`, thePark+"/buy", ".calendar")
	day := clock.Now().In(clock.JST).AddDate(0, 0, 3).Format(time.DateOnly)
	link := `.calendar a[href*="day=` + day + `"]`
	if !Read(t, v.tab, chromedp.Evaluate[bool](fmt.Sprintf(
		`document.querySelector(%q) !== null`, link))) {
		v.goes(t, `.calendar .turn a:last-child`, thePark+"/buy", link)
	}
	v.goes(t, link, thePark+"/buy", `form[data-quote]`)
	more := func(unit string) string {
		return `.agerow:has([name="n.day-pass.` + unit + `"]) `
	}
	for unit, p := range map[string]*price{"adult": &v.adult, "child": &v.child} {
		p.list = v.number(t, more(unit)+".cost s .number")
		p.pays = v.number(t, more(unit)+".cost .price > .money .number")
		if p.list <= 0 || p.pays != p.list*9/10 {
			t.Fatalf("%s costs %+v, want a tenth less with %s", unit, *p, v.wallet.Name)
		}
	}
	Do(t, v.tab, click(more("adult")+`[data-step="1"]`), click(more("adult")+`[data-step="1"]`),
		click(more("child")+`[data-step="1"]`))
	v.total = 2*v.adult.pays + v.child.pays
	holds(t, v.tab, fmt.Sprintf(
		`document.querySelector('[data-total]').textContent.replace(/\D/g, '') === '%d'`, v.total))
	if got := words(t, v.tab, "[data-given]"); !strings.Contains(got, v.wallet.Name) {
		t.Errorf("who gives the discount reads %q, without %s", got, v.wallet.Name)
	}
	v.shot(t, "buy")
	v.goes(t, ".sumbar button", "/visit/orders/", `form[action$="/pay"] button`)
	v.order = strings.TrimPrefix(path(t, v.tab), "/visit/orders/")
	v.shot(t, "order")
	Do(t, v.tab, click(`form[action$="/pay"] button`))
	holds(t, v.tab, `document.querySelector('.wallets .main') !== null`)
	v.shot(t, "checkout")
	Do(t, v.tab, click(".wallets .main"))
	v.r.confirm(t, v.tab, v.user)
	holds(t, v.tab, fmt.Sprintf(`location.pathname === '/visit/orders/%s' &&
		document.querySelector('a[href="/visit/tickets/%s"]') !== null`, v.order, v.order))
	v.shot(t, "paid")
	for _, p := range v.r.payments(t, parkTickets) { // the newest first
		if p.Amount == (sum{"JPY", v.total}) && p.State == "captured" && p.Refunded == 0 {
			v.payment = p.ID
			break
		}
	}
	if v.payment == "" {
		t.Fatalf("the bank has no payment of %d yen", v.total)
	}
}

// seesTickets looks at the three codes.
func (v *parkVisit) seesTickets(t *testing.T) {
	v.goes(t, `a[href="/visit/tickets/`+v.order+`"]`, "/visit/tickets/", ".ticket .qr svg")
	holds(t, v.tab, `document.querySelectorAll('.ticket .qr svg').length === 3`)
	v.shot(t, "ticket")
}

// mapPoint is a point of the park's map.
type mapPoint struct {
	Geometry struct {
		Type        string
		Coordinates any
	}
	Properties struct{ Code, Kind string }
}

// at reads where a point of the map is: longitude and latitude.
func (v *parkVisit) at(t *testing.T, code string) (lon, lat float64) {
	t.Helper()
	var m struct{ Features []mapPoint }
	ask(t, http.MethodGet, v.r.BaseURL+"/v1/parks/fuji-kogen/map", nil, &m, nil)
	for _, f := range m.Features {
		if at, ok := f.Geometry.Coordinates.([]any); ok && f.Properties.Code == code {
			return at[0].(float64), at[1].(float64)
		}
	}
	t.Fatalf("the map has no point %s", code)
	return 0, 0
}

// stands puts the visitor's phone at a point.
func (v *parkVisit) stands(t *testing.T, code string) {
	t.Helper()
	lon, lat := v.at(t, code)
	accuracy := 10.0
	Do(t, v.tab, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetGeolocationOverride,
			emulation.SetGeolocationOverrideParams{Latitude: &lat, Longitude: &lon,
				Accuracy: &accuracy})
		return err
	}))
}

// allowsPlace answers the browser's question whether the page may know where the phone is.
func (v *parkVisit) allowsPlace(t *testing.T) {
	t.Helper()
	c := chromedp.FromContext(v.tab)
	_, err := cdp.Call(v.tab, c.Browser, browser.SetPermission, browser.SetPermissionParams{
		Permission: &browser.PermissionDescriptor{Name: "geolocation"},
		Setting:    browser.PermissionSettingGranted, Origin: v.r.BaseURL,
		BrowserContextID: c.BrowserContextID})
	if err != nil {
		t.Fatalf("let the page know where the phone is: %v", err)
	}
}

// walks finds the ride with the shortest queue on the map, is shown the way from the entrance, goes
// there, and is told that they have come.
func (v *parkVisit) walks(t *testing.T) {
	v.goes(t, `nav a[href="/visit/map"]`, "/visit/map", "park-map svg")
	// A park that has just begun knows no wait before its first minute is over, and a page that is
	// not in front is told of none.
	const known = `document.querySelector('.mapbest:not([hidden])[data-code]') !== null`
	for end := clock.Now().Add(2 * time.Minute); !Read(t, v.tab,
		chromedp.Evaluate[bool](known)) && clock.Now().Before(end); time.Sleep(time.Second) {
		v.goes(t, `nav a[href="/visit/map"]`, "/visit/map", "park-map svg")
	}
	holds(t, v.tab, known)
	v.shot(t, "map")
	ride := Read(t, v.tab, chromedp.Evaluate[string](
		`document.querySelector('.mapbest').dataset.code`))
	if shorter := Read(t, v.tab, chromedp.Evaluate[string](fmt.Sprintf(`[...document
		.querySelectorAll('.maplist li[data-kind=ride][data-minutes]')].filter(e =>
		Number(e.dataset.minutes) >= 0 && Number(e.dataset.minutes) < Number(document.querySelector(
		'.maplist li[data-code=%q]').dataset.minutes)).map(e => e.dataset.code).join()`,
		ride))); shorter != "" {
		t.Errorf("%s is called the shortest queue, %s are shorter", ride, shorter)
	}
	v.allowsPlace(t)
	v.stands(t, "gate-main")
	v.goes(t, ".mapbest", "/visit/map", "#chosen [data-locate]")
	if got := v.asksTheWay(t); !metres.MatchString(got) {
		t.Errorf("from the gate the way to %s is %q", ride, got)
	}
	v.shot(t, "way")
	v.stands(t, ride)
	there := map[string]string{"zh-Hans": "您已到达", "en": "You are there",
		"ja": "目的地に着きました"}[v.lang]
	if got := v.asksTheWay(t); got != there {
		t.Errorf("at %s the page says %q, want %q", ride, got, there)
	}
	v.shot(t, "there")
}

// metres are how long a way is said to be.
var metres = regexp.MustCompile(`[1-9][0-9]* ?(m|米)`)

// asksTheWay presses the button that asks where the phone is, and reads how far it is to walk.
func (v *parkVisit) asksTheWay(t *testing.T) string {
	t.Helper()
	// What was written is wiped, so that what is read is the answer.
	Do(t, v.tab, chromedp.Evaluate[chromedp.Void](
		`void (document.querySelector('#chosen .walk').textContent = '')`),
		click("#chosen [data-locate]"))
	holds(t, v.tab, `(document.querySelector('#chosen .walk')?.textContent ?? '') !== ''`)
	return words(t, v.tab, "#chosen .walk")
}

// eats pays for ramen with the phone's code, and finds it among the receipts.
func (v *parkVisit) eats(t *testing.T) {
	phone := v.r.Tab(t, Language(v.lang))
	Do(t, phone, goTo(v.user.PhoneURL), shows("#code .digits"))
	code := strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, Read(t, phone, reads("#code .digits")))
	Do(t, v.till, goTo(v.r.BaseURL+"/till/"))
	charge(t, v.till, fmt.Sprint(ramen), code)
	verdict(t, v.till, "Approved")
	receipt(t, phone, "1,200")
	Shot(t, phone, "park-ramen-"+v.lang)
	v.goes(t, `nav a[href="/visit/receipts"]`, "/visit/receipts", ".receipt")
	holds(t, v.tab, `(() => { // what was paid is heard of a moment later
		if (document.body.innerText.includes('1,200')) return true
		if (!window.tried) { window.tried = true; setTimeout(() => location.reload(), 300) }
		return false
	})()`)
	v.shot(t, "receipts")
}

// givesBack cancels the child's ticket: what comes back is shown first, and comes.
func (v *parkVisit) givesBack(t *testing.T) {
	v.goes(t, `nav a[href="/visit/tickets"]`, "/visit/tickets",
		`main a[href="/visit/tickets/`+v.order+`"]`)
	v.goes(t, `main a[href="/visit/tickets/`+v.order+`"]`, "/visit/tickets/", ".ticket")
	v.goes(t, `main a[href="/visit/orders/`+v.order+`"]`, "/visit/orders/", ".orderhead")
	v.goes(t, `a[href$="/cancel"]`, "/visit/orders/", ".choices")
	childs := Read(t, v.tab, chromedp.Evaluate[int](fmt.Sprintf(`[...document.querySelectorAll(
		'.choices .choice')].findIndex(c => c.querySelector('.end').textContent
		.replace(/\D/g, '') === '%d') + 1`, v.child.pays)))
	Do(t, v.tab, click(fmt.Sprintf(".choices .choice:nth-of-type(%d)", childs)))
	v.shot(t, "cancel")
	v.goes(t, `.choices button`, "/visit/orders/", `input[name=refund]`)
	if got := v.number(t, ".bill .total .price > .money .number"); got != v.child.pays {
		t.Errorf("%d yen are to come back, want %d", got, v.child.pays)
	}
	v.shot(t, "cancel-sure")
	v.goes(t, `form:has(input[name=refund]) button`, "/visit/orders/"+v.order, ".total.back")
	for end := clock.Now().Add(stepMax); ; time.Sleep(10 * lookEvery) {
		p := v.r.read(t, parkTickets, v.payment)
		if p.Refunded == v.child.pays {
			break
		}
		if p.Refunded != 0 || clock.Now().After(end) {
			t.Fatalf("the bank has given %d back, want %d", p.Refunded, v.child.pays)
		}
	}
	Do(t, v.tab, goTo(v.r.BaseURL+"/visit/orders/"+v.order))
	v.shot(t, "cancelled")
	if got := v.number(t, ".total.back .money .number"); got != v.child.pays {
		t.Errorf("the order says that %d yen came back, want %d", got, v.child.pays)
	}
	v.goes(t, `a[href="/visit/tickets/`+v.order+`"]`, "/visit/tickets/", ".ticket")
	if n := Read(t, v.tab, chromedp.Evaluate[int](
		`document.querySelectorAll('.ticket .qr').length`)); n != 2 {
		t.Errorf("%d tickets are left, want two", n)
	}
	phone := v.r.Tab(t, Language(v.lang))
	Do(t, phone, goTo(v.user.PhoneURL), shows("#code .digits"))
	Shot(t, phone, "park-refunded-"+v.lang)
}
