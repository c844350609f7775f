package phone_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"watari/kit/i18n"
	"watari/kit/i18n/i18ntest"
	"watari/kit/money"
	"watari/kit/qr"
	"watari/sandbox/phone"
	"watari/sandbox/wallet"
)

// full is a view with something in every place.
func full(t *testing.T, lang i18n.Lang) phone.View {
	t.Helper()
	const digits = "281012345678901234567890"
	square, err := qr.QR(digits)
	if err != nil {
		t.Fatal(err)
	}
	bars, err := qr.Code128(digits)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 22, 3, 4, 5, 0, time.UTC)
	yen := func(n int64) money.Amount { return money.MustNew(n, "JPY") }
	fen := func(n int64) money.Amount { return money.MustNew(n, "CNY") }
	receipt := func(id string, s phone.ReceiptState, back int64, reason wallet.Why) phone.Receipt {
		return phone.Receipt{PaymentID: id, Shop: "平田酒造場", OrderRef: "t1-8f3k",
			Order: yen(1980), Debit: fen(8464), Rate: "0.0427464521", Time: at, State: s,
			Reason: reason, Code: "SOMETHING_NEW", Refunded: fen(back)}
	}
	return phone.View{Lang: lang, Look: phone.LookOf("weilai", "Weilai Pay", "zh-Hans"),
		User:    phone.User{ID: "u1", Name: "李娜", NameEN: "Li Na"},
		Balance: fen(1284050), Base: "/phone/u1",
		Code: phone.Code{Value: digits, Grouped: "2810 1234 5678 9012 3456 7890", IssuedAt: at,
			ExpiresAt: at.Add(time.Minute), QRSVG: square.SVG(digits),
			BarcodeSVG: bars.SVG(digits)},
		Ask: &phone.Ask{PaymentID: "ask1", Shop: "飛騨の里", Order: yen(25000),
			Debit: fen(106866), Rate: "0.0427464521", ExpiresAt: at.Add(time.Minute),
			NeedsPIN: true, WrongPIN: true, TriesLeft: 2},
		Receipts: []phone.Receipt{receipt("p1", phone.Paid, 0, ""),
			receipt("p2", phone.Paid, 1000, ""), receipt("p3", phone.Refunded, 8464, ""),
			receipt("p4", phone.Cancelled, 8464, ""),
			receipt("p5", phone.Failed, 0, wallet.WhyBalance),
			receipt("p6", phone.Failed, 0, "something new")}}
}

// drawn is a component as a browser reads it.
func drawn(t *testing.T, c phone.Component) *html.Node {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func find(root *html.Node, selector string) []*html.Node {
	return cascadia.QueryAll(root, cascadia.MustCompile(selector))
}

func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// Goal: the phone speaks five languages. Method: every file has the same keys and placeholders.
func TestTextsAreComplete(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(os.DirFS("."), "lang/*.json")
	if err != nil {
		t.Fatal(err)
	}
	i18ntest.Complete(t, c)
}

// Goal: the payer sees both currencies and the rate, before and after, and why a payment failed.
// Method: the page in English.
func TestBothCurrenciesAndTheRateAreShown(t *testing.T) {
	t.Parallel()
	page := drawn(t, phone.Pages().Page(full(t, i18n.English)))
	for selector, want := range map[string][]string{
		"#balance":                {"CNY 12,840.50"},
		"#code .digits":           {"2810 1234 5678 9012 3456 7890"},
		"#ask .panel":             {"CNY 1,068.66", "JPY 25,000", "0.0427464521 CNY", "飛騨の里"},
		"#ask #pin-mistake":       {"Wrong PIN. 2 tries left."},
		"[data-receipt=p1]":       {"Paid", "CNY 84.64", "JPY 1,980", "1 JPY = 0.0427464521 CNY"},
		"[data-receipt=p2]":       {"Partly refunded", "CNY 10.00", "Refund received"},
		"[data-receipt=p3]":       {"Refunded"},
		"[data-receipt=p4]":       {"Cancelled"},
		"[data-receipt=p5] dl":    {"Your balance is not enough."},
		"[data-receipt=p6] dl":    {"SOMETHING_NEW"},
		"#code .bars, .square":    {"281012345678901234567890"},
		"form[action$='/reject']": {"Do not pay"},
	} {
		found := find(page, selector)
		if len(found) == 0 {
			t.Errorf("%s is not there", selector)
			continue
		}
		got := words(found[0])
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s reads %q, want %q in it", selector, got, w)
			}
		}
	}
	form := find(page, "form[action='/phone/u1/confirm'] input[name=payment_id][value=ask1]")
	if len(form) != 1 {
		t.Errorf("%d forms answer the question, want 1", len(form))
	}
}

// Goal: empty places are drawn: no code, no receipt, no question. Method: a view with nothing.
func TestEmptyPlacesAreDrawn(t *testing.T) {
	t.Parallel()
	for _, lang := range i18n.Langs() {
		v := full(t, lang)
		v.Code, v.Ask, v.Receipts = phone.Code{}, nil, nil
		page := drawn(t, phone.Pages().Page(v))
		for _, selector := range []string{"#code .nocode h2", "#receipt .empty h3"} {
			if found := find(page, selector); len(found) != 1 || words(found[0]) == "" {
				t.Errorf("%s: %s is not drawn", lang, selector)
			}
		}
		if found := find(page, "#ask *"); len(found) != 0 {
			t.Errorf("%s: a question is asked of nothing", lang)
		}
	}
}

// Goal: a part is sent again only when it says something else. Method: each part drawn twice is
// the same text, time passing between.
func TestPartsDoNotChangeByThemselves(t *testing.T) {
	t.Parallel()
	v, s := full(t, i18n.Japanese), phone.Pages()
	for name, part := range map[string]func(phone.View) phone.Component{"code": s.Code,
		"ask": s.Ask, "receipts": s.Receipts, "balance": s.Balance} {
		var one, two bytes.Buffer
		for _, b := range []*bytes.Buffer{&one, &two} {
			if err := part(v).Render(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Millisecond)
		}
		if one.String() != two.String() || one.Len() == 0 {
			t.Errorf("%s: %q, then %q", name, one.String(), two.String())
		}
	}
}

// Goal: the page can be used with a screen reader and loads nothing from elsewhere (WCAG 2.2:
// 3.1.1, 3.3.2, 4.1.2). Method: the HTML in every language.
func TestPageIsAccessible(t *testing.T) {
	t.Parallel()
	for _, lang := range i18n.Langs() {
		page := drawn(t, phone.Pages().Page(full(t, lang)))
		if got := attr(find(page, "html")[0], "lang"); got != string(lang) {
			t.Errorf("lang is %q, want %q", got, lang)
		}
		labels := map[string]bool{}
		for _, n := range find(page, "label") {
			labels[attr(n, "for")] = true
		}
		for n := range page.Descendants() {
			field := n.Data == "select" || n.Data == "input" && attr(n, "type") != "hidden"
			named := words(n) != "" || attr(n, "aria-label") != ""
			switch {
			case n.Type != html.ElementNode:
			case field && !labels[attr(n, "id")]:
				t.Errorf("%s: the field %q has no label", lang, attr(n, "name"))
			case (n.Data == "button" || n.Data == "a") && !named:
				t.Errorf("%s: a %s has no name", lang, n.Data)
			case n.Data == "style", n.Data == "script" && attr(n, "src") == "",
				attr(n, "style") != "":
				t.Errorf("%s: %s is styled or scripted inside the page", lang, n.Data)
			}
			for _, name := range []string{"src", "href", "action"} {
				if strings.Contains(attr(n, name), "//") {
					t.Errorf("%s: %s leads to %s", lang, n.Data, attr(n, name))
				}
			}
		}
		if strings.Contains(words(page), "{") {
			t.Errorf("%s: a text is not filled in", lang)
		}
	}
}

// Goal: what the page loads is served, and nothing else. Method: every address that it names.
func TestAssetsAreServed(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := phone.Pages().Page(full(t, i18n.English)).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`/phone-assets/[^"]+`).FindAllString(b.String(), -1)
	if len(names) != 3 {
		t.Errorf("the page loads %v", names)
	}
	for _, name := range append(names, "/phone-assets/phone.css", "/phone-assets/../view.go") {
		r := httptest.NewRequest(http.MethodGet, name, nil)
		w := httptest.NewRecorder()
		phone.Assets().ServeHTTP(w, r)
		want := http.StatusOK
		if !strings.Contains(name, "-assets/phone-") && !strings.Contains(name, "icon-") {
			want = http.StatusNotFound
		}
		if w.Code != want {
			t.Errorf("%s: status %d, want %d", name, w.Code, want)
		}
	}
}
