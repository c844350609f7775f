package stand_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/web"
	"watari/pay/code"
	"watari/pay/party"
	"watari/ui/stand"
)

// counter is a network of two banks: HIDA has the stores A and B of one merchant and C of another,
// KYOTO has its own A.
type counter struct {
	t     *testing.T
	db    *db.DB
	reg   *party.Registry
	keys  *access.Keys
	web   *web.Server
	print *stand.Printer
	no    map[string]int64 // of HIDA, HIDA/M1, HIDA/M1/A …
}

func newCounter(t *testing.T) *counter {
	t.Helper()
	d := dbtest.New(t, db.SQLite, []fs.FS{event.Migrations(), access.Migrations,
		party.Migrations}...)
	dir := party.NewDirectory(d)
	c := &counter{t: t, db: d, keys: access.New(d), no: map[string]int64{},
		reg: party.NewRegistry(d, dir, event.NewLog(d), 1, party.DefaultSight())}
	c.web = web.New(web.Config{Keys: c.keys, Log: slog.New(slog.DiscardHandler)})
	c.print = stand.NewPrinter(dir, stand.Codes{
		Text: func(p party.Point) (string, error) {
			return code.StaticStore(code.Store{ID: p.Store.ID, Name: p.Store.Name,
				NameJA: p.Store.NameJA, City: "Takayama", PostalCode: "5060000",
				MCC: p.Store.MCC, Token: "0000007", Address: "https://pay.test/s/0000007"})
		},
		Token: func(int64) string { return "0000007" }})
	c.print.Register(c.web)
	for _, path := range []string{"HIDA/M1/A", "HIDA/M1/B", "HIDA/M2/C", "KYOTO/M1/A"} {
		c.sign(path)
	}
	return c
}

// sign signs a store, and its merchant and bank when they are not there yet.
func (c *counter) sign(path string) {
	c.t.Helper()
	part := strings.Split(path, "/")
	bank, shop := part[0], part[0]+"/"+part[1]
	c.write(func(ctx context.Context, tx *db.Tx) error {
		if c.no[bank] == 0 {
			p, err := c.reg.AddParticipant(ctx, tx, "test", party.Participant{ID: bank,
				Name: bank, ClientID: bank})
			if err != nil {
				return err
			}
			if _, err = c.reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: p.No,
				Role: party.Acquirer, Currency: "JPY", Zone: "Asia/Tokyo"}); err != nil {
				return err
			}
			c.no[bank] = p.No
		}
		if c.no[shop] == 0 {
			m, err := c.reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: c.no[bank],
				ID: part[1], Name: "Soba", MCC: "5812"})
			if err != nil {
				return err
			}
			c.no[shop] = m.No
		}
		s, err := c.reg.AddStore(ctx, tx, "test", party.Store{MerchantNo: c.no[shop],
			ID: part[2], Name: "Soba " + part[2], NameJA: "骨直角", Prefecture: "21", MCC: "5812"})
		c.no[path] = s.No
		return err
	})
}

func (c *counter) write(fn func(context.Context, *db.Tx) error) {
	c.t.Helper()
	if err := c.db.Update(context.Background(), fn); err != nil {
		c.t.Fatal(err)
	}
}

// key makes an API key.
func (c *counter) key(g access.Grant) (secret string) {
	c.t.Helper()
	g.Label = "test"
	c.write(func(ctx context.Context, tx *db.Tx) (err error) {
		secret, err = c.keys.Create(ctx, tx, g)
		return err
	})
	return secret
}

// ask sends a request.
func (c *counter) ask(key, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	c.web.ServeHTTP(w, r)
	return w
}

// Goal: a caller prints the stands of what it may see; another's store is like one that does not
// exist (S7). Method: each role over its own stores and the others', one and many.
func TestOnlyOwnStandsArePrinted(t *testing.T) {
	t.Parallel()
	if !stand.Built() {
		t.Log("the fonts are not built: make assets")
		return
	}
	c := newCounter(t)
	hida, m1 := c.no["HIDA"], c.no["HIDA/M1"]
	all := []string{"A", "B", "C"}
	for _, who := range []struct {
		grant access.Grant
		sees  string
	}{
		{access.Grant{Role: access.Acquirer, ParticipantNo: hida}, "A B C"},
		{access.Grant{Role: access.AcquirerClerk, ParticipantNo: hida}, "A B C"},
		{access.Grant{Role: access.AcquirerViewer, ParticipantNo: hida}, "A B C"},
		{access.Grant{Role: access.Acquirer, ParticipantNo: c.no["KYOTO"]}, "A"},
		{access.Grant{Role: access.MerchantOwner, ParticipantNo: hida, MerchantNo: m1}, "A B"},
		{access.Grant{Role: access.MerchantManager, ParticipantNo: hida, MerchantNo: m1,
			StoreNo: c.no["HIDA/M1/B"]}, "B"},
		{access.Grant{Role: access.Operator}, ""},
	} {
		key := c.key(who.grant)
		for _, id := range all {
			sees := strings.Contains(who.sees, id)
			one := c.ask(key, "GET", "/v1/stores/"+id+"/stand", "")
			many := c.ask(key, "POST", "/v1/stands", `{"stores":[{"store_id":"`+id+`"}]}`)
			for _, w := range []*httptest.ResponseRecorder{one, many} {
				switch {
				case sees && (w.Code != http.StatusOK ||
					!strings.HasPrefix(w.Body.String(), "%PDF-")):
					t.Errorf("%s: store %s: %d %.200s", who.grant.Role, id, w.Code, w.Body)
				case !sees && who.grant.Role == access.Operator:
					if w.Code != http.StatusForbidden {
						t.Errorf("%s: %d", who.grant.Role, w.Code)
					}
				case !sees && (w.Code != http.StatusNotFound ||
					!strings.Contains(w.Body.String(), "store-unknown")):
					t.Errorf("%s: store %s: %d %.200s", who.grant.Role, id, w.Code, w.Body)
				}
			}
		}
	}
	owner := c.key(access.Grant{Role: access.MerchantOwner, ParticipantNo: hida, MerchantNo: m1})
	if w := c.ask(owner, "GET", "/v1/stores/C/stand?merchant_id=M2", ""); w.Code != 404 {
		t.Errorf("another merchant's store, by its name: %d", w.Code)
	}
	if undeclared := c.web.Undeclared(); len(undeclared) > 0 {
		t.Errorf("undeclared: %v", undeclared)
	}
}

// Goal: a stand comes as the file that was asked for, and what is wrong is pointed at. Method: the
// forms and sizes, and mistakes.
func TestStandIsTheFileThatWasAskedFor(t *testing.T) {
	t.Parallel()
	if !stand.Built() {
		t.Log("the fonts are not built: make assets")
		return
	}
	c := newCounter(t)
	key := c.key(access.Grant{Role: access.Acquirer, ParticipantNo: c.no["HIDA"]})
	for query, want := range map[string][2]string{
		"":                      {"application/pdf", "qr-stand-A-a6.pdf"},
		"?size=a5":              {"application/pdf", "qr-stand-A-a5.pdf"},
		"?format=svg&size=a5":   {"image/svg+xml", "qr-stand-A-a5.svg"},
		"?format=sheet":         {"application/pdf", "qr-stand-A-a6-a4.pdf"},
		"?merchant_id=M1&x=1":   {"application/problem+json", ""},
		"?size=a7":              {"application/problem+json", ""},
		"?format=png":           {"application/problem+json", ""},
		"?merchant_id=M1":       {"application/pdf", "qr-stand-A-a6.pdf"},
		"?merchant_id=NOTTHERE": {"application/problem+json", ""},
	} {
		w := c.ask(key, "GET", "/v1/stores/A/stand"+query, "")
		if got := w.Header().Get("Content-Type"); got != want[0] ||
			!strings.Contains(w.Header().Get("Content-Disposition"), want[1]) {
			t.Errorf("%s: %s, %s: %.300s", query, got, w.Header().Get("Content-Disposition"),
				w.Body)
		}
	}
	many := c.ask(key, "POST", "/v1/stands",
		`{"size":"a5","format":"sheet","stores":[{"store_id":"A"},{"store_id":"C","merchant_id":"M2"}]}`)
	if got := many.Header().Get("Content-Disposition"); many.Code != http.StatusOK ||
		!strings.Contains(got, "qr-stands-2-a5-a4.pdf") {
		t.Errorf("many: %d %s %.200s", many.Code, got, many.Body)
	}
	c.write(func(ctx context.Context, tx *db.Tx) error {
		_, err := c.reg.AddStore(ctx, tx, "test", party.Store{MerchantNo: c.no["HIDA/M1"],
			ID: "E", Name: "Soba 🍜", Prefecture: "21", MCC: "5812"})
		return err
	})
	for body, place := range map[string]string{
		`{"stores":[{"store_id":"A"},{"store_id":"Z"}]}`: "/stores/1/store_id",
		`{"stores":[{"store_id":"A"},{"store_id":"E"}]}`: "/stores/1",
		`{"stores":[]}`: "/stores",
		`{"size":"a4","stores":[{"store_id":"A"}]}`:    "/size",
		`{"format":"svg","stores":[{"store_id":"A"}]}`: "/format",
	} {
		w := c.ask(key, "POST", "/v1/stands", body)
		var problem struct{ Errors []struct{ Pointer string } }
		if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil ||
			len(problem.Errors) != 1 || problem.Errors[0].Pointer != place {
			t.Errorf("%s: %d %s, want it at %s", body, w.Code, w.Body, place)
		}
	}
}

// Goal: pages print by our numbers. Method: two stores in the order given, and one that is not.
func TestPagesPrintByNumber(t *testing.T) {
	t.Parallel()
	if !stand.Built() {
		t.Log("the fonts are not built: make assets")
		return
	}
	c := newCounter(t)
	f, err := c.print.Print(t.Context(), []int64{c.no["HIDA/M2/C"], c.no["HIDA/M1/A"]}, "a6", "pdf")
	if err != nil || f.Name != "qr-stands-2-a6.pdf" || f.Type != "application/pdf" {
		t.Errorf("%s %s: %v", f.Name, f.Type, err)
	}
	for _, bad := range []struct {
		numbers    []int64
		size, form string
	}{{[]int64{99}, "a6", "pdf"}, {[]int64{1, 2}, "a6", "svg"}, {nil, "a6", "pdf"},
		{[]int64{1}, "a4", "pdf"}, {[]int64{1}, "a6", ""}} {
		if f, err := c.print.Print(t.Context(), bad.numbers, bad.size, bad.form); err == nil {
			t.Errorf("%+v: printed %s", bad, f.Name)
		}
	}
}
