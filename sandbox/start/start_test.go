package start_test

import (
	"context"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"watari/kit/i18n"
	"watari/kit/i18n/i18ntest"
	"watari/kit/money"
	"watari/kit/web"
	"watari/sandbox"
	"watari/sandbox/seed"
	"watari/sandbox/start"
)

// links counts the activation links that were made.
type links struct{ made int }

// server serves the page of a sandbox with two wallets of one phone each.
func server(outside error) (*web.Server, *links) {
	l := &links{}
	w := web.New(web.Config{Log: slog.New(slog.DiscardHandler)})
	start.New(start.Config{File: "/srv/watari/sandbox.json", BaseURL: "http://127.0.0.1:8080",
		Outside: func(context.Context) (sandbox.Outside, error) {
			return sandbox.Outside{Wallets: []sandbox.Found{
				{ID: "lianhua", Name: "Lianhua Wallet", Protocol: "alipayplus", Currency: "CNY",
					PINAbove: money.MustNew(1_000_00, "CNY"), Lang: "zh-Hans",
					ControlURL: "http://127.0.0.1:9/control",
					Phones: []sandbox.Phone{
						{ID: "u1", Name: "林晓月", NameEN: "Lin Xiaoyue",
							URL: "http://127.0.0.1:9/phone/u1"}}},
				{ID: "pochi", Name: "Pochi Pay", Protocol: "paypay", Currency: "JPY",
					PINAbove: money.MustNew(20_000, "JPY"), Lang: "ja",
					ControlURL: "http://127.0.0.1:8/control",
					Phones: []sandbox.Phone{
						{ID: "u2", Name: "佐藤美咲", NameEN: "Sato Misaki",
							URL: "http://127.0.0.1:8/phone/u2"}}},
			}}, outside
		},
		Open: func(_ context.Context, storeID string) (string, error) {
			for _, s := range seed.Shops() {
				if s.StoreID == storeID {
					l.made++
					return fmt.Sprintf("/till/activate/secret-%d", l.made), nil
				}
			}
			return "", seed.ErrNoTill.Newf("")
		},
		Park: start.Park{
			Gates: func(context.Context) ([]start.Gate, error) {
				return []start.Gate{{ID: "gat_1", Name: i18n.Text{i18n.English: "Main Entrance",
					i18n.Japanese: "正面入口"}}}, nil
			},
			OpenGate: func(_ context.Context, gateID string) (string, error) {
				if gateID != "gat_1" {
					return "", seed.ErrNoTill.Newf("")
				}
				l.made++
				return fmt.Sprintf("/gate/activate/secret-%d", l.made), nil
			},
			Filled: func() (int, int) { return 3, 12 },
		}}).Register(w)
	return w, l
}

// ask sends one request with headers, which are names and values in turn.
func ask(w *web.Server, method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	return rec
}

var row = regexp.MustCompile(`<li data-find=.*?action="/sandbox/tills/(\w+)"`)

// rows are the stores whose tills the page lists.
func rows(page string) (stores []string) {
	for _, m := range row.FindAllStringSubmatch(strings.ReplaceAll(page, "\n", " "), -1) {
		stores = append(stores, m[1])
	}
	return stores
}

// Goal: every text of the page is there in all five languages. Method: compare the catalogues.
func TestTextsAreComplete(t *testing.T) {
	t.Parallel()
	i18ntest.Complete(t, i18n.MustLoad(os.DirFS("."), "lang/*.json"))
}

// Goal: whoever opens the page finds every till once, every phone, and where the keys and
// documents are, in their language; nothing is loaded from elsewhere and no script or style stands
// in the page. Method: the HTML in five languages.
func TestPageShowsAllOfTheSandbox(t *testing.T) {
	t.Parallel()
	w, _ := server(nil)
	for lang, headline := range map[i18n.Lang]string{
		i18n.English: "Take a visitor’s payment", i18n.Japanese: "旅行者の支払いを受けてみる",
		i18n.SimplifiedChinese: "收一笔游客付款", i18n.TraditionalChinese: "收一筆旅客付款",
		i18n.Korean: "여행자의 결제를 받아 보세요",
	} {
		got := ask(w, http.MethodGet, "/sandbox", "Accept-Language", string(lang))
		page := html.UnescapeString(got.Body.String())
		if got.Code != http.StatusOK || !strings.Contains(page, `<html lang="`+string(lang)+`"`) {
			t.Errorf("%s: %d", lang, got.Code)
		}
		for _, part := range []string{headline, "http://127.0.0.1:9/phone/u1", "Sato Misaki",
			"http://127.0.0.1:8/phone/u2", "Pochi Pay",
			`href="/docs"`, `href="/openapi.json"`, "/srv/watari/sandbox.json", seed.ManagerPIN,
			"http://127.0.0.1:9/control/faults", `action="/sandbox/gates/gat_1"`, "25",
			`href="/park"`, ".resellers[0].api_key"} {
			if !strings.Contains(page, part) {
				t.Errorf("%s: the page lacks %q", lang, part)
			}
		}
		seen := map[string]bool{}
		for _, store := range rows(page) {
			seen[store] = true
		}
		if n := len(rows(page)); n != len(seed.All()) || len(seen) != n {
			t.Errorf("%s: %d rows for %d tills, %d shops", lang, n, len(seen), len(seed.All()))
		}
		if m := regexp.MustCompile(`<style|<script>|\sstyle=|\son\w+=|src="(https?:)?//`).
			FindString(page); m != "" {
			t.Errorf("%s: the page has %q", lang, m)
		}
		if strings.Contains(page, "region.") || strings.Contains(page, "mcc.") {
			t.Errorf("%s: a text has no words", lang)
		}
	}
}

// Goal: without scripts the search finds what people would type, however they write it. Method:
// searches in several scripts, with odd widths, cases and blanks, and with none that fits.
func TestSearchFindsWhatPeopleType(t *testing.T) {
	t.Parallel()
	w, _ := server(nil)
	for query, want := range map[string]string{
		"gassho":                   "S2105",
		"+GASSHO++tea+":            "S2105",
		"合掌茶屋":                     "S2105",
		"ｇａｓｓｈｏ":                   "S2105",
		"さるぼぼ":                     "S2103",
		"기후현+음식점":                  "S2101 S2105",
		"岐阜县+餐厅":                   "S2101 S2105",
		"s2103":                    "S2103",
		"nowhere":                  "",
		"%ff%fe":                   "all",
		"%3Cscript%3E":             "",
		strings.Repeat("x", 9_000): "",
	} {
		got := ask(w, http.MethodGet, "/sandbox?q="+query)
		found := strings.Join(rows(got.Body.String()), " ")
		if want == "all" && len(strings.Fields(found)) == len(seed.All()) {
			found = "all"
		}
		if got.Code != http.StatusOK || found != want {
			t.Errorf("%.40q: got %d %q, want %q", query, got.Code, found, want)
		}
		if strings.Contains(got.Body.String(), "<script>") {
			t.Errorf("%q came back as it was sent", query)
		}
	}
}

// Goal: a till is opened by a form of this page alone, each time by a fresh link. Method: the form
// twice, then as a link, from another site, and for a shop that is not there.
func TestTillIsOpenedByAFreshLink(t *testing.T) {
	t.Parallel()
	w, l := server(nil)
	for i := range 2 {
		got := ask(w, http.MethodPost, "/sandbox/tills/S2101", "Sec-Fetch-Site", "same-origin")
		want := fmt.Sprintf("/till/activate/secret-%d", i+1)
		if got.Code != http.StatusSeeOther || got.Header().Get("Location") != want ||
			got.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("got %d %v, want %s", got.Code, got.Header(), want)
		}
	}
	for _, c := range []struct {
		method, path, site string
		want               int
	}{
		{http.MethodGet, "/sandbox/tills/S2101", "same-origin", http.StatusMethodNotAllowed},
		{http.MethodPost, "/sandbox/tills/S2101", "cross-site", http.StatusForbidden},
		{http.MethodPost, "/sandbox/tills/S9999", "same-origin", http.StatusNotFound},
	} {
		got := ask(w, c.method, c.path, "Sec-Fetch-Site", c.site)
		if got.Code != c.want {
			t.Errorf("%s %s: got %d, want %d", c.method, c.path, got.Code, c.want)
		}
	}
	if l.made != 2 {
		t.Errorf("%d links were made, want 2", l.made)
	}
}

// Goal: a gate is opened by a form of this page alone, by a fresh link. Method: the form, from
// another site, and for a gate that is not there.
func TestGateIsOpenedByAFreshLink(t *testing.T) {
	t.Parallel()
	w, l := server(nil)
	got := ask(w, http.MethodPost, "/sandbox/gates/gat_1", "Sec-Fetch-Site", "same-origin")
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") !=
		"/gate/activate/secret-1" {
		t.Errorf("got %d %v", got.Code, got.Header())
	}
	for site, want := range map[string]int{"cross-site": http.StatusForbidden,
		"same-origin": http.StatusNotFound} {
		got := ask(w, http.MethodPost, "/sandbox/gates/gat_2", "Sec-Fetch-Site", site)
		if got.Code != want {
			t.Errorf("%s: got %d, want %d", site, got.Code, want)
		}
	}
	if l.made != 1 {
		t.Errorf("%d links were made, want 1", l.made)
	}
}

// Goal: what goes wrong is an error page without its cause. Method: a store that does not answer.
func TestErrorIsAPageWithoutItsCause(t *testing.T) {
	t.Parallel()
	w, _ := server(errors.New("disk 7 is gone"))

	got := ask(w, http.MethodGet, "/sandbox")

	if got.Code != http.StatusInternalServerError || strings.Contains(got.Body.String(), "disk") {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
}
