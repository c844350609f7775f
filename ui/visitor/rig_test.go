package visitor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	linein "watari/connect/linepay/signin"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/seal"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/sandbox/linepay"
	"watari/sandbox/phone"
	"watari/sandbox/wallet"
	"watari/ui/visitor"
	"watari/visit/order"
	who "watari/visit/visitor"
)

// midori is the wallet of the tests, and two of its users.
const (
	midori = "midori"
	ann    = "midori-01"
	bob    = "midori-02"
)

// rig is the app over a database, and a wallet behind a real socket.
type rig struct {
	t     *testing.T
	base  string
	known *who.Service
}

// open starts the app; change may add to its configuration.
func open(t *testing.T, change func(*visitor.Config)) *rig {
	t.Helper()
	d := dbtest.New(t, db.SQLite, event.Migrations(), party.Migrations, payment.Migrations,
		order.Migrations, who.Migrations)
	ring, err := seal.New(map[int][]byte{1: make([]byte, seal.KeyBytes)})
	do(t, err)
	log := event.NewLog(d)
	dir := party.NewDirectory(d)
	reg := party.NewRegistry(d, dir, log, 1, party.DefaultSight())
	at, in := startWallet(t)
	do(t, d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		p, err := reg.AddParticipant(ctx, tx, "test", party.Participant{ID: midori,
			Name: "Midori Pay", ClientID: midori, Connector: "linepay", BaseURL: at})
		if err != nil {
			return err
		}
		_, err = reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: p.No,
			Role: party.Issuer, Currency: "USD", Zone: "Asia/Taipei"})
		return err
	}))
	quiet := slog.New(slog.DiscardHandler)
	known := who.New(who.Config{DB: d, Log: log, Lane: 1, Ring: ring, Directory: dir,
		SignIns: map[string]link.SignIn{"linepay": in}, Logger: quiet})
	c := visitor.Config{Visitors: known, Receipts: known, Logger: quiet}
	if change != nil {
		change(&c)
	}
	mux := http.NewServeMux()
	visitor.New(c).Mount(mux)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return &rig{t: t, base: server.URL, known: known}
}

func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// startWallet starts the wallet, and returns where it is and how its users are let in.
func startWallet(t *testing.T) (string, link.SignIn) {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	quiet := slog.New(slog.DiscardHandler)
	books := wallet.New(dbtest.New(t, db.SQLite, wallet.Migrations), wallet.Profile{ID: midori,
		Protocol: "linepay", Name: "Midori Pay", Currency: "TWD", Opening: 50_000_00,
		PINAbove: 5_000_00, Lang: "zh-Hant", Terms: linepay.Terms()}, wallet.Timing{}, quiet)
	do(t, books.AddUsers(t.Context(), wallet.User{ID: ann, Name: "林怡君", NameEN: "Lin Yijun"},
		wallet.User{ID: bob, Name: "陳柏宇", NameEN: "Chen Boyu"}))
	_, secrets, err := linepay.Credentials(midori)
	do(t, err)
	network, own, err := linepay.SignInCredentials(midori, nil)
	do(t, err)
	front, err := linepay.New(wallet.Parts{Wallet: books, Timing: books.Timing(), Log: quiet,
		BaseURL: server.URL, Secrets: secrets, SignIn: own})
	do(t, err)
	wallet.NewServer(books, front, quiet).Register(mux)
	phone.New(books, front, phone.Pages(), quiet).Register(mux)
	var by linein.Credentials
	do(t, json.Unmarshal(network, &by))
	return server.URL, linein.New(linein.Config{
		Credentials: func(id string) (linein.Credentials, error) {
			if id != midori {
				return by, fs.ErrNotExist
			}
			return by, nil
		}})
}

// browser is somebody's phone, without scripts.
type browser struct {
	r    *rig
	http *http.Client
	user string // of the wallet on the phone
}

func (r *rig) browser() *browser {
	r.t.Helper()
	jar, err := cookiejar.New(nil)
	do(r.t, err)
	return &browser{r, &http.Client{Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}, ann}
}

// page is what a browser got.
type page struct {
	status int
	to     string
	text   string
	header http.Header
}

func (b *browser) get(at string, headers ...string) page {
	return b.send(http.MethodGet, at, nil, headers...)
}

func (b *browser) post(at string, form url.Values, headers ...string) page {
	return b.send(http.MethodPost, at, strings.NewReader(form.Encode()), append([]string{
		"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

func (b *browser) send(method, at string, body io.Reader, headers ...string) page {
	b.r.t.Helper()
	if strings.HasPrefix(at, "/") {
		at = b.r.base + at
	}
	req, err := http.NewRequestWithContext(b.r.t.Context(), method, at, body)
	do(b.r.t, err)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	res, err := b.http.Do(req)
	do(b.r.t, err)
	defer res.Body.Close()
	var text bytes.Buffer
	_, err = text.ReadFrom(res.Body)
	do(b.r.t, err)
	return page{res.StatusCode, res.Header.Get("Location"), text.String(), res.Header}
}

// leave goes from the app to the wallet's question, and returns the address of the user's page of
// it.
func (b *browser) leave(next string) string {
	b.r.t.Helper()
	p := b.get(visitor.SignInPath + "/with/" + midori + "?next=" + url.QueryEscape(next))
	p = b.get(p.to)
	u, err := url.Parse(p.to)
	if err != nil || !strings.HasPrefix(u.Path, wallet.SignInPath) {
		b.r.t.Fatalf("sent to %q: %v, %s", p.to, err, p.text)
	}
	u.Path = "/phone/" + b.user + u.Path
	return u.String()
}

// signIn signs the phone's user in, and returns what the app said when they came back.
func (b *browser) signIn(next string) page {
	b.r.t.Helper()
	p := b.post(b.leave(next), url.Values{"answer": {"give"}})
	if p.status != http.StatusSeeOther || !strings.HasPrefix(p.to, b.r.base) {
		b.r.t.Fatalf("the wallet: %d, %q", p.status, p.to)
	}
	return b.get(p.to)
}
