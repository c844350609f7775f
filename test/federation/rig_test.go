package federation

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/ledger"
	"watari/test/program"
)

// How each network knows the other.
const (
	wallets = "network-a" // A at B, an issuer
	shops   = "network-b" // B at A, an acquirer
	client  = "NETWORK_B" // as B names itself in what it signs for A
	bank    = "noto-bank" // B's acquirer
)

// object is a JSON object in the making.
type object = map[string]any

// network is one running network, and how an operator and a bank of it ask it.
type network struct {
	*program.Server
	t        *testing.T
	store    []string // arguments that name its store
	location string   // of its database
	operator api
	bank     api
}

// federation is both.
type federation struct {
	t      *testing.T
	a, b   *network
	wallet program.Wallet
	n      int
}

// each starts both networks on each engine and lets them join each other.
func each(t *testing.T, fn func(t *testing.T, f *federation)) {
	t.Helper()
	for _, engine := range dbtest.Engines {
		t.Run(engine.String(), func(t *testing.T) { fn(t, join(t, engine)) })
	}
}

func start(t *testing.T, engine db.Engine, args ...string) *network {
	t.Helper()
	folder := t.TempDir()
	n := &network{t: t, store: []string{"--data=" + folder},
		location: filepath.Join(folder, "watari.db")}
	if engine == db.Postgres {
		n.location = dbtest.Location(t, engine)
		n.store = append(n.store, "--database="+n.location)
	}
	n.Server = program.Serve(t, append(args, n.store...)...)
	out, errs, status := program.Run(t, append([]string{"operator", "add", "test"},
		n.store...)...)
	if status != 0 {
		t.Fatalf("make an operator: %s", errs)
	}
	n.operator = api{t, n.BaseURL, strings.TrimSpace(out)}
	return n
}

// open opens the network's store beside it, for reading.
func (n *network) open() *db.DB {
	n.t.Helper()
	d, err := db.Open(n.t.Context(), n.location, db.Options{ReadOnly: true})
	if err != nil {
		n.t.Fatalf("open the store of %s: %v", n.BaseURL, err)
	}
	return d
}

func (n *network) close(d *db.DB) {
	n.t.Helper()
	if err := d.Close(); err != nil {
		n.t.Errorf("close the store of %s: %v", n.BaseURL, err)
	}
}

// read reads the network's store.
func (n *network) read(fn func(ctx context.Context, tx *db.Tx) error) {
	n.t.Helper()
	d := n.open()
	defer n.close(d)
	if err := d.View(n.t.Context(), fn); err != nil {
		n.t.Fatalf("read the store of %s: %v", n.BaseURL, err)
	}
}

// books adds up some accounts of the network's own book, in yen: credits less debits.
func (n *network) books(kinds ...ledger.Kind) (sum int64) {
	n.t.Helper()
	d := n.open()
	defer n.close(d)
	all, err := ledger.NewChart(d).Balances(n.t.Context(), 0)
	if err != nil {
		n.t.Fatalf("read balances: %v", err)
	}
	for _, b := range all {
		if b.Currency == "JPY" && slices.Contains(kinds, b.Kind) {
			sum += b.Credits - b.Debits
		}
	}
	return sum
}

// told counts the notices that acquirers have taken, and those that still wait.
func (n *network) told() (taken, waiting int) {
	n.t.Helper()
	n.read(func(ctx context.Context, tx *db.Tx) error {
		states, err := db.All(ctx, tx, func(r db.Row) (s string, err error) {
			return s, r.Scan(&s)
		}, `select state from aps_notice order by acquirer_no, payment_id`)
		for _, s := range states {
			if s == "taken" {
				taken++
			} else {
				waiting++
			}
		}
		return err
	})
	return taken, waiting
}

// participant lets somebody join a network.
func (n *network) participant(who, terms object) {
	n.t.Helper()
	n.operator.must(http.MethodPost, "/v1/participants", who, nil)
	n.operator.must(http.MethodPost, fmt.Sprintf("/v1/participants/%s/agreements", who["id"]),
		terms, nil)
}

// secret makes an API key of an acquirer.
func (n *network) secret(id string) api {
	n.t.Helper()
	var made struct {
		APIKey string `json:"api_key"`
	}
	n.operator.must(http.MethodPost, "/v1/participants/"+id+"/api-keys",
		object{"label": "test"}, &made)
	return api{n.t, n.BaseURL, made.APIKey}
}

func join(t *testing.T, engine db.Engine) *federation {
	t.Helper()
	f := &federation{t: t, a: start(t, engine, "--sandbox"), b: start(t, engine)}
	for _, w := range f.a.Sandbox(t).Wallets {
		if w.Protocol == "alipayplus" {
			f.wallet = w
		}
	}
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatalf("make a key: %v", err)
	}
	public, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil {
		t.Fatalf("write a key: %v", err)
	}

	f.a.participant(object{"id": shops, "name": "Network B", "client_id": client,
		"on_sight": true}, object{"role": "acquirer", "currency": "JPY", "zone": "Asia/Tokyo"})
	f.a.operator.must(http.MethodPost, "/v1/participants/"+shops+"/keys",
		object{"version": 1, "public_key": public}, nil)
	f.a.bank = f.a.secret(shops)

	f.b.participant(object{"id": wallets, "name": "Network A", "base_url": f.a.BaseURL,
		"connector": "alipayplus_upstream", "code_group": "alipay"},
		object{"role": "issuer", "currency": "JPY", "zone": "Asia/Tokyo"})
	f.b.participant(object{"id": bank, "name": "Noto Bank", "client_id": "NOTO"},
		object{"role": "acquirer", "currency": "JPY", "zone": "Asia/Tokyo"})
	f.b.bank = f.b.secret(bank)
	f.credentials(private)
	f.shop()
	return f
}

// credentials writes what A gave B into B's folder.
func (f *federation) credentials(private *rsa.PrivateKey) {
	f.t.Helper()
	var told struct {
		Keys []struct {
			Version   int    `json:"version"`
			PublicKey []byte `json:"public_key"`
		} `json:"keys"`
	}
	f.a.operator.must(http.MethodGet, "/v1/network", nil, &told)
	keys := object{}
	for _, k := range told.Keys {
		keys[fmt.Sprint(k.Version)] = k.PublicKey
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		f.t.Fatalf("write a key: %v", err)
	}
	text, err := json.Marshal(object{"client_id": client, "acquirer_id": shops,
		"key_version": 1, "private_key": der, "network_keys": keys})
	if err != nil {
		f.t.Fatalf("write credentials: %v", err)
	}
	folder := filepath.Join(f.b.Data, "wallets")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		f.t.Fatalf("make a folder: %v", err)
	}
	if err := os.WriteFile(filepath.Join(folder, wallets+".json"), text, 0o600); err != nil {
		f.t.Fatalf("write credentials: %v", err)
	}
}

// shop signs a shop with a till at B's bank.
func (f *federation) shop() {
	f.t.Helper()
	f.b.bank.must(http.MethodPost, "/v1/merchants", object{"id": "M-1",
		"name": "Wajima Lacquer KK", "name_ja": "輪島漆器", "mcc": "5947", "mdr_ppm": 19_800}, nil)
	f.b.bank.must(http.MethodPost, "/v1/stores", object{"id": "S-1", "merchant_id": "M-1",
		"name": "Wajima Lacquer", "prefecture": "17", "mcc": "5947"}, nil)
	f.b.bank.must(http.MethodPost, "/v1/stores/S-1/terminals", object{"id": "T-1",
		"label": "Till 1", "can_refund": true}, nil)
}

// api asks a network with a key.
type api struct {
	t    *testing.T
	base string
	key  string
}

// patience is longer than any answer takes on a busy machine.
const patience = 30 * time.Second

// do sends one request and returns status and body.
func (a api) do(method, path, idempotency string, in any) (int, []byte, error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return 0, nil, err
		}
		body = bytes.NewReader(text)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, a.base+path, body)
	if err != nil {
		return 0, nil, err
	}
	if a.key != "" {
		r.Header.Set("Authorization", "Bearer "+a.key)
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if idempotency != "" {
		r.Header.Set("Idempotency-Key", idempotency)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, text, err
}

// must sends one request that has to succeed.
func (a api) must(method, path string, in, out any) {
	a.t.Helper()
	a.keyed(method, path, "", in, out)
}

// keyed is must with an Idempotency-Key.
func (a api) keyed(method, path, key string, in, out any) {
	a.t.Helper()
	status, text, err := a.do(method, path, key, in)
	if err == nil && (status < 200 || status > 299) {
		err = fmt.Errorf("HTTP %d", status)
	}
	if err == nil && out != nil {
		err = json.Unmarshal(text, out)
	}
	if err != nil {
		a.t.Fatalf("%s %s: %v: %s", method, path, err, text)
	}
}

// amount is an amount in minor units.
type amount struct {
	Currency string `json:"currency"`
	Value    int64  `json:"value"`
}

// payment is a payment as /v1 shows it, as far as these tests look.
type payment struct {
	ID        string `json:"id"`
	RequestID string `json:"request_id"`
	State     string `json:"state"`
	Reason    string `json:"reason"`
	Amount    amount `json:"amount"`
	PayTo     amount `json:"pay_to"`
	Captured  int64  `json:"captured_minor"`
	Refunded  int64  `json:"refunded_minor"`
	WalletID  string `json:"wallet_payment_id"`
	CodeText  string `json:"code_text"`
}

// read reads a payment again.
func (a api) payment(id string) (p payment) {
	a.t.Helper()
	a.must(http.MethodGet, "/v1/payments/"+id, nil, &p)
	return p
}

// payments lists all payments of the caller.
func (a api) payments() []payment {
	a.t.Helper()
	var page struct {
		Items []payment `json:"items"`
	}
	a.must(http.MethodGet, "/v1/payments?limit=200", nil, &page)
	return page.Items
}

// control asks the wallet's control interface.
func (f *federation) control() api { return api{f.t, f.wallet.ControlURL, ""} }

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() error) {
	t.Helper()
	end := clock.Now().Add(time.Minute)
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		err := holds()
		if err == nil {
			return
		}
		if clock.Now().After(end) {
			t.Fatalf("%s: %v", what, err)
		}
		time.Sleep(pause)
	}
}

// errNotYet says that something may still come.
var errNotYet = errors.New("not yet")
