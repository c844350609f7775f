package octo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/i18n"
	"watari/kit/seal"
	"watari/kit/web"
	"watari/kit/web/webtest"
	"watari/pay/code"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/risk"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
	"watari/visit/park/octo"
)

func sets() []fs.FS {
	return []fs.FS{access.Migrations, event.Migrations(), party.Migrations, code.Migrations,
		fx.Migrations, ledger.Migrations, risk.Migrations, payment.Migrations, order.Migrations,
		park.Migrations(), gate.Migrations(), octo.Migrations()}
}

// day is the day that is booked; the clock stands at noon two days before.
const (
	day  = "2026-12-24"
	next = "2026-12-25"
)

// each runs a test on both engines.
func each(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) { fn(t, newRig(t, d)) })
}

// rig is a network that serves resellers of two parks of two merchants.
type rig struct {
	t      testing.TB
	db     *db.DB
	keys   *access.Keys
	parks  *park.Service
	orders *order.Service
	gate   *gate.Service
	park   park.Park // "fuji-kogen"
	sea    park.Park // "umi", of another merchant
	base   string
	shift  *atomic.Int64
}

func newRig(t testing.TB, d *db.DB) *rig {
	t.Helper()
	r := &rig{t: t, db: d, keys: access.New(d), shift: &atomic.Int64{}}
	r.shift.Store(int64(park.At(day, -36*60).Sub(clock.Now())))
	log, dir, chart := event.NewLog(d), party.NewDirectory(d), ledger.NewChart(d)
	reg := party.NewRegistry(d, dir, log, event.FirstLane, party.DefaultSight())
	ring, err := seal.New(map[int][]byte{1: make([]byte, seal.KeyBytes)})
	r.do("make a ring", err)
	table, err := code.New([]code.Entry{{Prefix: "251001", Min: 24, Max: 24, Wallet: "alipay"}})
	r.do("make a table", err)
	pay := payment.New(payment.Config{DB: d, Log: log, Lane: event.FirstLane, Directory: dir,
		Registry: reg, Board: fx.New(d, fx.Config{}), Codes: table, Chart: chart, Seal: ring,
		Rules: risk.Default(), Now: r.now, PublicURL: "https://pay.example"})
	r.orders = order.New(order.Config{DB: d, Log: log, Lane: event.FirstLane, Payments: pay,
		Directory: dir, Chart: chart, Now: r.now})
	r.parks = park.New(park.Config{DB: d, Log: log, Lane: event.FirstLane, Directory: dir,
		Orders: r.orders, Now: r.now})
	r.gate = gate.New(gate.Config{DB: d, Log: log, Lane: event.FirstLane, Ring: ring,
		Parks: r.parks, Now: r.now})
	r.parks.Use(nil, r.gate)
	r.orders.Add(r.parks)
	t.Cleanup(func() { r.orders.Close(); pay.Close() })
	r.seed(reg)
	w := web.New(web.Config{Keys: r.keys, Log: slog.New(slog.DiscardHandler)})
	octo.New(octo.Config{DB: d, Parks: r.parks, Orders: r.orders, Tickets: r.gate, Keys: r.keys,
		Public: "https://pay.example", Logger: slog.New(slog.DiscardHandler), Now: r.now}).
		Register(w)
	r.parks.Register(w)
	r.base = webtest.Start(t, w)
	return r
}

func (r *rig) now() time.Time          { return clock.Now().Add(time.Duration(r.shift.Load())) }
func (r *rig) forward(d time.Duration) { r.shift.Add(int64(d)) }

func (r *rig) do(what string, err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("%s: %v", what, err)
	}
}

func name(s string) i18n.Text { return i18n.Text{i18n.English: s, i18n.Japanese: s + "（日）"} }

func (r *rig) seed(reg *party.Registry) {
	r.t.Helper()
	ctx := context.Background()
	stores := map[string]party.Store{}
	r.do("seed", r.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		bank, err := reg.AddParticipant(ctx, tx, "test", party.Participant{ID: "ACQ_YAMA",
			Name: "Yamanashi Bank", ClientID: "YAMA"})
		if err != nil {
			return err
		}
		if _, err = reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: bank.No,
			Role: party.Acquirer, Currency: "JPY", Zone: "Asia/Tokyo"}); err != nil {
			return err
		}
		for _, id := range []string{"FUJI", "UMI"} {
			m, err := reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: bank.No, ID: id,
				Name: id, MCC: "7996", MDRPPM: 19_800})
			if err != nil {
				return err
			}
			if stores[id], err = reg.AddStore(ctx, tx, "test", party.Store{AcquirerNo: bank.No,
				MerchantNo: m.No, ID: "GATE", Name: id, Prefecture: "19",
				MCC: "7996"}); err != nil {
				return err
			}
		}
		return nil
	}))
	r.park = r.open("fuji-kogen", stores["FUJI"])
	r.sea = r.open("umi", stores["UMI"])
}

// open makes a park that sells days, slots, nights by the counter only, and groups.
func (r *rig) open(slug string, st party.Store) park.Park {
	r.t.Helper()
	ctx := context.Background()
	p, err := r.parks.AddPark(ctx, park.Park{Slug: slug, AcquirerNo: st.AcquirerNo,
		MerchantNo: st.MerchantNo, StoreNo: st.No, Name: name(slug), Prefecture: "19",
		OnSale: true, Ages: []park.Ages{{Unit: park.Child, From: 3, To: 11}},
		Policy: park.Policy{Steps: []park.PolicyStep{{Before: 24 * time.Hour},
			{FeePPM: 500_000}}}}, "test")
	r.do("add a park", err)
	r.do("pools", r.parks.PutPools(ctx, p.ID, []park.Pool{{Code: "gate", Name: name("Gate")},
		{Code: "raijin", Name: name("Raijin"), Slotted: true}}, "test"))
	for _, x := range []park.Product{
		{Code: "day", Kind: park.DayTicket, Pools: []string{"gate"}, Rotating: true},
		{Code: "raijin", Kind: park.Timed, Pools: []string{"gate", "raijin"},
			Slots: []park.Slot{{Code: "10:00", From: 600, Until: 660}, {Code: "11:00",
				From: 660, Until: 720}}},
		{Code: "night", Kind: park.Night, From: 17 * 60, Channels: []string{park.ByCounter}},
		{Code: "group", Kind: park.Group, Pools: []string{"gate"}, MinCount: 3, MaxCount: 8},
	} {
		x.ParkID, x.Name = p.ID, name(x.Code)
		_, err := r.parks.PutProduct(ctx, x, "test")
		r.do("put a product", err)
		r.do("prices", r.parks.PutPrices(ctx, p.ID, []park.Price{
			{Product: x.Code, Unit: park.Adult, Yen: 6800},
			{Product: x.Code, Unit: park.Child, Yen: 5000},
			{Product: x.Code, Unit: park.Adult, DayType: "D", Yen: 7800}}, "test"))
	}
	r.do("days", r.parks.PutDays(ctx, p.ID, []park.Day{{Day: day, Type: "B", Open: 540,
		Close: 1200}, {Day: next, Type: "D", Open: 540, Close: 1200}}, "test"))
	r.quotas(p, park.Quota{Pool: "gate", Day: day, Size: 10},
		park.Quota{Pool: "gate", Day: next, Size: 10},
		park.Quota{Pool: "raijin", Day: day, Slot: "10:00", Size: 2},
		park.Quota{Pool: "raijin", Day: day, Slot: "11:00", Size: 3})
	p, err = r.parks.Find(ctx, slug)
	r.do("find", err)
	return p
}

func (r *rig) quotas(p park.Park, qs ...park.Quota) {
	r.t.Helper()
	r.do("put quotas", r.parks.PutQuotas(context.Background(), p.ID, qs, "test"))
}

// taken is how many of a quota of the park are taken.
func (r *rig) taken(pool, slot string) int64 {
	r.t.Helper()
	qs, err := r.parks.Quotas(context.Background(), r.park.ID, day, day)
	r.do("read quotas", err)
	for _, q := range qs {
		if q.Pool == pool && q.Slot == slot && q.Channel == "" {
			return q.Taken
		}
	}
	r.t.Fatalf("there is no quota %s %s", pool, slot)
	return 0
}

// verify compares quotas, orders and the ledger.
func (r *rig) verify() {
	r.t.Helper()
	r.do("verify", r.db.View(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		accounts, err := ledger.Accounts(ctx, tx)
		if err != nil {
			return err
		}
		sold, err := order.Verify(ctx, tx, accounts, park.Check)
		for _, f := range sold.Findings {
			r.t.Errorf("%s %s: %s", f.Rule, f.What, f.Text)
		}
		return err
	}))
}

// reseller makes a key of a park's merchant with a label.
func (r *rig) reseller(p park.Park, label string) *caller {
	r.t.Helper()
	c := &caller{r: r, header: http.Header{}}
	r.do("make a key", r.db.Update(context.Background(), func(
		ctx context.Context, tx *db.Tx,
	) error {
		key, err := r.keys.Create(ctx, tx, access.Grant{Role: access.MerchantOwner,
			ParticipantNo: p.AcquirerNo, MerchantNo: p.MerchantNo, Label: label})
		c.header.Set("Authorization", "Bearer "+key)
		return err
	}))
	return c
}

// caller speaks to the API with a key.
type caller struct {
	r      *rig
	header http.Header
}

// with is the caller with another header.
func (c *caller) with(name, value string) *caller {
	h := c.header.Clone()
	h.Set(name, value)
	return &caller{r: c.r, header: h}
}

type j = map[string]any

// ask sends a request and returns the status, the answer and its header. A body that is a string is
// sent as it is.
func (c *caller) ask(method, path string, body any) (int, []byte, http.Header) {
	c.r.t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = bytes.NewReader([]byte(b))
	default:
		text, err := json.Marshal(b)
		c.r.do("marshal", err)
		in = bytes.NewReader(text)
	}
	q, err := http.NewRequest(method, c.r.base+path, in)
	c.r.do("make a request", err)
	q.Header = c.header.Clone()
	q.Header.Set("Content-Type", "application/json")
	a, err := http.DefaultClient.Do(q)
	c.r.do("ask", err)
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	c.r.do("read", err)
	return a.StatusCode, text, a.Header
}

// unmarshal reads JSON with its numbers as they are written.
func unmarshal(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(v)
}

// is says whether a member is a whole number.
func is(v any, n int64) bool { return v == json.Number(strconv.FormatInt(n, 10)) }

// want sends a request and wants a status.
func (c *caller) want(status int, method, path string, body any) j {
	c.r.t.Helper()
	got, text, _ := c.ask(method, path, body)
	out := j{}
	if len(text) > 0 {
		c.r.do("unmarshal "+string(text), unmarshal(text, &out))
	}
	if got != status {
		c.r.t.Errorf("%s %s: %d, want %d: %v", method, path, got, status, out)
	}
	return out
}

// list sends a request whose answer is a list.
func (c *caller) list(method, path string, body any) (out []j) {
	c.r.t.Helper()
	status, text, _ := c.ask(method, path, body)
	if status != http.StatusOK {
		c.r.t.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	c.r.do("unmarshal "+string(text), unmarshal(text, &out))
	return out
}

// refused wants a refusal in OCTO's shape, with a code and a member that names what is wrong.
func (c *caller) refused(status int, code, member, method, path string, body any) {
	c.r.t.Helper()
	got, text, h := c.ask(method, path, body)
	out := j{}
	if err := unmarshal(text, &out); err != nil || got != status || out["error"] != code ||
		out["errorMessage"] == "" || member != "" && out[member] == nil ||
		h.Get("Content-Type") != "application/json" {
		c.r.t.Errorf("%s %s %v: %d %s, want %d %s with %q", method, path, body, got, text, status,
			code, member)
	}
}
