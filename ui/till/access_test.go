package till_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"watari/kit/i18n"
)

// screens takes a till through its screens and yields each.
func screens(r *rig, lang string, yield func(name string, p *page)) {
	b := r.till(0, lang)
	at := b.paid("12000", sale1)
	yield("pad", b.get("/till/"))
	yield("pad with a mistake", b.get("/till/scan?amount=x"))
	yield("scan", b.get("/till/scan?amount=1980"))
	yield("scan with a mistake", b.post("/till/sales", "amount", "1", "code", "", "request", sale2))
	yield("approved", b.get(at+"/result"))
	yield("receipt", b.get(at))
	yield("refund", b.get(at+"/refund"))
	yield("refund with a mistake", b.post(at+"/refund", "part", "some", "amount", "99999"))
	yield("review", b.post(at+"/refund", "part", "all"))
	yield("wrong PIN", b.post(at+"/refunds", "amount", "12000", "request", refund1, "pin", "1"))
	yield("refused", b.post("/till/sales", "amount", "7", "code", "123", "request", sale2))
	b.post(at+"/refunds", "amount", "100", "request", refund2)
	yield("refunded", b.get(at+"/refunds/"+refund2))
	yield("receipt with a refund", b.get(at))
	r.wallet.set("decline")
	yield("declined", b.sell("1980", sale3))
	r.wallet.set("silence")
	yield("pending", b.sell("1980", "0123456789abcdefghjkmnpq04"))
	yield("warned", b.get("/till/scan?amount=1980"))
	yield("day", b.get("/till/day"))
	yield("empty day", b.get("/till/day?day=2020-01-01"))
	yield("settings", b.get("/till/settings"))
	yield("nowhere", b.get("/till/nowhere"))
	yield("not activated", r.browser(lang).get("/till/"))
	r.wallet.set("")
}

// Goal: every screen can be used with a screen reader, a keyboard and a large font, in every
// language, and none loads or runs anything from elsewhere (WCAG 2.2: 1.3.1, 1.4.4, 2.4.2, 3.1.1,
// 3.3.2, 4.1.2; the pages' content security policy). Method: the HTML of all screens.
func TestScreensAreAccessible(t *testing.T) {
	t.Parallel()
	for _, lang := range i18n.Langs() {
		t.Run(string(lang), func(t *testing.T) {
			t.Parallel()
			screens(newRig(t), string(lang), func(name string, p *page) {
				if got := p.value("html", "lang"); got != string(lang) {
					t.Errorf("%s: lang is %q", name, got)
				}
				if p.text("title") == "" || len(p.all("h1")) != 1 || len(p.all("main")) != 1 {
					t.Errorf("%s: title %q, %d h1, %d main", name, p.text("title"),
						len(p.all("h1")), len(p.all("main")))
				}
				checkNames(t, name, p)
				checkElements(t, name, p)
				if strings.Contains(p.text("body"), "fault.") ||
					strings.Contains(p.text("body"), "{") {
					t.Errorf("%s: a text is not filled in: %s", name, p.text("body"))
				}
			})
		})
	}
}

// checkNames looks for fields, buttons and links that have no name, and names that point nowhere.
func checkNames(t *testing.T, screen string, p *page) {
	t.Helper()
	ids := map[string]bool{}
	for _, n := range p.all("[id]") {
		if id := attribute(n, "id"); ids[id] {
			t.Errorf("%s: two elements are %q", screen, id)
		} else {
			ids[id] = true
		}
	}
	for _, n := range p.all("[aria-describedby], [aria-labelledby]") {
		for _, name := range []string{"aria-describedby", "aria-labelledby"} {
			for _, id := range strings.Fields(attribute(n, name)) {
				if !ids[id] {
					t.Errorf("%s: %s names %q, which is not there", screen, name, id)
				}
			}
		}
	}
	labelled := map[string]bool{}
	for _, n := range p.all("label[for]") {
		labelled[attribute(n, "for")] = true
	}
	for _, n := range p.all("input:not([type=hidden]), select") {
		if !labelled[attribute(n, "id")] && !inside(n, "label") {
			t.Errorf("%s: the field %q has no label", screen, attribute(n, "name"))
		}
	}
	for _, n := range p.all("a, button, video") {
		if textOf(n) == "" && attribute(n, "aria-label") == "" {
			t.Errorf("%s: a %s has no name", screen, n.Data)
		}
	}
}

// checkElements looks for what the content security policy forbids and what gets in the way.
func checkElements(t *testing.T, screen string, p *page) {
	t.Helper()
	for n := range p.root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "style" || n.Data == "script" && attribute(n, "src") == "" {
			t.Errorf("%s: an inline %s", screen, n.Data)
		}
		if n.Data == "svg" && attribute(n, "aria-hidden") != "true" {
			t.Errorf("%s: a picture without words", screen)
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
				t.Errorf("%s: %s has the attribute %s", screen, n.Data, a.Key)
			case a.Key == "tabindex" && a.Val != "-1" && a.Val != "0":
				t.Errorf("%s: tabindex %s", screen, a.Val)
			case (a.Key == "src" || a.Key == "href" || a.Key == "action") &&
				(strings.Contains(a.Val, "//") || strings.HasPrefix(a.Val, "javascript:")):
				t.Errorf("%s: %s leads to %s", screen, n.Data, a.Val)
			case a.Key == "content" && (strings.Contains(a.Val, "user-scalable") ||
				strings.Contains(a.Val, "maximum-scale")):
				t.Errorf("%s: the page cannot be made larger", screen)
			}
		}
	}
}

func inside(n *html.Node, name string) bool {
	for p := range n.Ancestors() {
		if p.Data == name {
			return true
		}
	}
	return false
}

// Goal: the headers keep strangers out of the pages. Method: one page and one error page.
func TestPagesHaveTheirPolicy(t *testing.T) {
	t.Parallel()
	b := newRig(t).till(0, "en")
	for _, path := range []string{"/till/", "/till/nowhere"} {
		p := b.get(path)
		for name, want := range map[string]string{"Content-Security-Policy": "default-src 'self'",
			"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
			"Permissions-Policy": "camera=(self)"} {
			if got := p.header.Get(name); !strings.Contains(got, want) {
				t.Errorf("%s: %s is %q, want %q in it", path, name, got, want)
			}
		}
		if strings.Contains(p.header.Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("%s: the policy allows inline scripts", path)
		}
	}
}
