package risk_test

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/fault"
	"watari/kit/money"
	"watari/pay/party"
	"watari/pay/risk"
)

func jpy(v int64) money.Amount { return money.MustNew(v, "JPY") }
func cny(v int64) money.Amount { return money.MustNew(v, "CNY") }
func ptr(v int64) *int64       { return &v }

// noon is a fixed instant: 21:04 on 22 November in Japan.
var noon = time.Date(2026, 11, 22, 12, 4, 5, 0, time.UTC)

// place is a store and terminal without limits.
func place() party.Point {
	return party.Point{
		Acquirer:  party.Participant{No: 1, Status: party.Open},
		Agreement: party.Agreement{Currency: "JPY", Version: 1},
		Merchant:  party.Merchant{No: 2},
		Store:     party.Store{No: 3},
		Terminal:  &party.Terminal{No: 4},
	}
}

// purse is an issuer without limits.
func purse() party.Wallet {
	return party.Wallet{
		Issuer:    party.Participant{No: 5, Status: party.Open},
		Agreement: party.Agreement{Currency: "CNY", Version: 1},
	}
}

// book is a UsedFunc over a map of amounts, or of counts for failures.
type book map[risk.Key]int64

func (b book) used(k risk.Key) (minor, count int64) {
	if k.Kind == risk.TerminalFail {
		return 0, b[k]
	}
	return b[k], 0
}

// Goal: each limit lets its maximum through and refuses one more, with its own fault and name.
// Method: one limit at a time, at its edge.
func TestEachLimitHoldsAtItsEdge(t *testing.T) {
	t.Parallel()
	day := func(kind risk.Kind, subject int64) risk.Key {
		return risk.Key{Kind: kind, Subject: subject, Day: "2026-11-22"}
	}
	for _, c := range []struct {
		limit   string
		set     func(*party.Point, *party.Wallet)
		key     risk.Key
		fits    int64 // used before, with which ¥1,980 or CNY 84.64 still fits
		problem *fault.Problem
		tells   bool
	}{
		{"store_day", func(p *party.Point, _ *party.Wallet) { p.Store.PerDayMaxMinor = ptr(100_000) },
			day(risk.StoreDay, 3), 98_020, risk.ErrLimitDay, true},
		{"wallet_day", func(_ *party.Point, w *party.Wallet) {
			w.Agreement.PerDayMaxMinor = ptr(100_000)
		}, day(risk.IssuerDay, 5), 98_020, risk.ErrLimitDay, false},
		{"wallet_exposure", func(_ *party.Point, w *party.Wallet) {
			w.Agreement.CapMinor = ptr(100_000)
		}, risk.OwedKey(5, "CNY"), 91_536, risk.ErrLimitExposure, false},
		{"terminal_failures", func(p *party.Point, _ *party.Wallet) { p.Terminal.FailuresMax = 7 },
			risk.FailKey(4, noon), 6, risk.ErrLimitVelocity, true},
	} {
		p, w := place(), purse()
		c.set(&p, &w)
		rules := risk.Rules{}
		check := func(used int64) *fault.Error {
			return rules.Check(p, w, jpy(1_980), cny(8_464), book{c.key: used}.used, noon)
		}

		if got := rules.Keys(p, w, noon); !slices.Equal(got, []risk.Key{c.key}) {
			t.Errorf("%s: keys %v", c.limit, got)
		}
		if e := check(c.fits); e != nil {
			t.Errorf("%s: at the edge: %v", c.limit, e)
		}
		e := check(c.fits + 1)
		if e == nil || e.Problem != c.problem || e.Members["limit"] != c.limit {
			t.Errorf("%s: over the edge: %v", c.limit, e)
			continue
		}
		if told := strings.Contains(fault.Encode(e), `"used"`); told != c.tells {
			t.Errorf("%s: told %v: %s", c.limit, told, fault.Encode(e))
		}
	}
}

// Goal: one payment may be as large as its store and its wallet allow. Method: both limits, at
// and over their edges; no counter is needed for them.
func TestPaymentLimitsNeedNoCounter(t *testing.T) {
	t.Parallel()
	p, w := place(), purse()
	p.Store.PerPaymentMaxMinor, w.Agreement.PerPaymentMaxMinor = ptr(30_000), ptr(20_000)
	rules := risk.Rules{}
	never := func(k risk.Key) (int64, int64) {
		t.Errorf("asked for %v", k)
		return 0, 0
	}

	for amount, limit := range map[int64]string{
		20_000: "", 20_001: "wallet_payment", 30_000: "wallet_payment", 30_001: "store_payment",
	} {
		e := rules.Check(p, w, jpy(amount), cny(1), never, noon)
		switch {
		case limit == "" && e != nil:
			t.Errorf("%d: %v", amount, e)
		case limit != "" && (e == nil || e.Problem != risk.ErrLimitPayment ||
			e.Members["limit"] != limit):
			t.Errorf("%d: got %v, want %s", amount, e, limit)
		}
	}
	if keys := rules.Keys(p, w, noon); len(keys) != 0 {
		t.Errorf("keys %v", keys)
	}
}

// Goal: without limits nothing is loaded (K4), with or without a terminal. Method: no limit
// but the default velocity.
func TestWithoutLimitsNothingIsLoaded(t *testing.T) {
	t.Parallel()
	p, w := place(), purse()

	if keys := (risk.Rules{}).Keys(p, w, noon); len(keys) != 0 {
		t.Errorf("no rules: %v", keys)
	}
	if keys := risk.Default().Keys(p, w, noon); !slices.Equal(keys,
		[]risk.Key{risk.FailKey(4, noon)}) {
		t.Errorf("default rules: %v", keys)
	}
	p.Terminal = nil
	if keys := risk.Default().Keys(p, w, noon); len(keys) != 0 {
		t.Errorf("no terminal: %v", keys)
	}
	if keys := risk.Default().RefundKeys(p, true, noon); len(keys) != 0 {
		t.Errorf("refund: %v", keys)
	}
}

// Goal: a refusal never tells an acquirer what an issuer owes or has used (K7). Method: the
// figures must not stand in the public form; the private cause has them.
func TestRefusalTellsNoFiguresOfOthers(t *testing.T) {
	t.Parallel()
	for _, set := range []func(*party.Wallet){
		func(w *party.Wallet) { w.Agreement.CapMinor = ptr(777_777) },
		func(w *party.Wallet) { w.Agreement.PerDayMaxMinor = ptr(777_777) },
	} {
		w := purse()
		set(&w)
		used := book{risk.OwedKey(5, "CNY"): 666_666 + 111_111,
			{Kind: risk.IssuerDay, Subject: 5, Day: "2026-11-22"}: 777_777}

		e := risk.Rules{}.Check(place(), w, jpy(1), cny(1), used.used, noon)

		if e == nil {
			t.Fatal("no refusal")
		}
		public := fault.Encode(e)
		if strings.Contains(public, "777777") || !strings.Contains(e.Error(), "777777") {
			t.Errorf("public %s, private %v", public, e)
		}
	}
}

// Goal: own figures are told as amounts, velocity with the time to wait. Method: the stored
// form of both.
func TestRefusalTellsOwnFigures(t *testing.T) {
	t.Parallel()
	p, w := place(), purse()
	p.Store.PerDayMaxMinor = ptr(5_000)
	used := book{{Kind: risk.StoreDay, Subject: 3, Day: "2026-11-22"}: 4_000,
		risk.FailKey(4, noon): 100}

	velocity := risk.Default().Check(p, w, jpy(1_980), cny(1), used.used, noon)
	day := risk.Rules{}.Check(p, w, jpy(1_980), cny(1), used.used, noon)

	for e, members := range map[*fault.Error]string{
		day: `{"limit":"store_day","max":{"currency":"JPY","value":5000},` +
			`"used":{"currency":"JPY","value":4000}}`,
		velocity: `{"limit":"terminal_failures","max":100,"retry_after_s":56,"used":100}`,
	} {
		got, err := json.Marshal(e.Members)
		if err != nil || string(got) != members {
			t.Errorf("got %s, want %s, %v", got, members, err)
		}
	}
}

// Goal: refunds keep the caps of terminal and store at a till, and the acquirer's exposure
// everywhere. Method: each at its edge; an acquirer that has sold enough has a cushion.
func TestRefundCaps(t *testing.T) {
	t.Parallel()
	p := place()
	p.Terminal.RefundDayMaxMinor, p.Store.RefundDayMaxMinor = ptr(10_000), ptr(30_000)
	p.Agreement.CapMinor = ptr(50_000)
	terminal := risk.Key{Kind: risk.TerminalRefundDay, Subject: 4, Day: "2026-11-22"}
	store := risk.Key{Kind: risk.StoreRefundDay, Subject: 3, Day: "2026-11-22"}
	net := risk.NetKey(1, "JPY")

	for _, c := range []struct {
		till  bool
		used  book
		limit string
	}{
		{true, book{terminal: 9_000, store: 29_000, net: 49_000}, ""},
		{true, book{terminal: 9_001}, "terminal_refund_day"},
		{true, book{store: 29_001}, "store_refund_day"},
		{true, book{net: 49_001}, "acquirer_exposure"},
		{false, book{terminal: 10_000, store: 30_000}, ""},
		{false, book{net: 49_001}, "acquirer_exposure"},
		{false, book{net: -1_000_000}, ""},
	} {
		e := risk.Rules{}.CheckRefund(p, c.till, jpy(1_000), jpy(1_000), c.used.used, noon)
		if c.limit == "" && e != nil || c.limit != "" && (e == nil || e.Members["limit"] != c.limit) {
			t.Errorf("till %v, %v: got %v, want %q", c.till, c.used, e, c.limit)
		}
	}
	if keys := (risk.Rules{}).RefundKeys(p, false, noon); !slices.Equal(keys, []risk.Key{net}) {
		t.Errorf("keys by system: %v", keys)
	}
}

// Goal: a day is Japan's. Method: the two sides of midnight.
func TestDayIsJapans(t *testing.T) {
	t.Parallel()
	before := time.Date(2026, 11, 22, 23, 59, 59, 0, clock.JST)

	if a, b := risk.Day(before.UTC()), risk.Day(before.Add(time.Second)); a != "2026-11-22" ||
		b != "2026-11-23" {
		t.Errorf("got %s, %s", a, b)
	}
}

// Goal: the schema lists the kinds. Method: compare its CHECK with the constants.
func TestSchemaListsTheKinds(t *testing.T) {
	t.Parallel()
	text, err := risk.Migrations.ReadFile("sql/202611220320_risk.sql")
	if err != nil {
		t.Fatal(err)
	}
	list := regexp.MustCompile(`risk_counter_kind check \(kind in \(([^)]*)\)`).
		FindStringSubmatch(string(text))
	if list == nil {
		t.Fatal("no list of kinds")
	}
	var got []risk.Kind
	for s := range strings.SplitSeq(list[1], ",") {
		got = append(got, risk.Kind(strings.Trim(s, " '\n\t")))
	}

	if !slices.Equal(got, risk.Kinds()) {
		t.Errorf("schema %v, constants %v", got, risk.Kinds())
	}
}

// Goal: amounts of other currencies are a defect, not a limit. Method: the wrong currency each.
func TestWrongCurrencyIsADefect(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]money.Amount{{cny(1), cny(1)}, {jpy(1), jpy(1)}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v was taken", c)
				}
			}()
			if e := (risk.Rules{}).Check(place(), purse(), c[0], c[1], book{}.used, noon); e != nil &&
				errors.Is(e, risk.ErrLimitDay) {
				t.Error("a limit")
			}
		}()
	}
}
