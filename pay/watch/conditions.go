package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/foureyes"
	"watari/kit/money"
	"watari/pay/fx"
	"watari/pay/link/guard"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/risk"
)

// checks are the check of the wallets and those of the configuration.
func (w *Watch) checks() []Check {
	return append([]Check{{[]Kind{WalletDown, WalletFailing}, w.lookAtWallets}},
		w.cfg.Checks...)
}

// How many minutes are looked at to say that a wallet is down, or failing.
const (
	circuitMinutes = 2
	downMinutes    = 3
	failingMinutes = 5
)

// walletFacts is the data of alerts about a wallet.
type walletFacts struct {
	Wallet  string      `json:"wallet"`
	Name    string      `json:"name"`
	Calls   int64       `json:"calls"`
	Silent  int64       `json:"silent"`
	Circuit guard.State `json:"circuit"`
}

// lookAtWallets finds wallets that do not answer, from what all nodes have seen.
func (w *Watch) lookAtWallets(ctx context.Context) ([]Condition, error) {
	now, err := w.Recent(ctx, circuitMinutes)
	if err != nil {
		return nil, err
	}
	short, err := w.Recent(ctx, downMinutes)
	if err != nil {
		return nil, err
	}
	long, err := w.Recent(ctx, failingMinutes)
	if err != nil {
		return nil, err
	}
	wallets, err := w.cfg.Directory.Wallets(ctx)
	if err != nil {
		return nil, err
	}
	var found []Condition
	for _, wa := range wallets {
		no := wa.Issuer.No
		facts := walletFacts{Wallet: wa.Issuer.ID, Name: wa.Issuer.Name,
			Circuit: circuitOf(max(rank(now[no].AskCircuit), rank(now[no].FollowCircuit)))}
		s, l := short[no], long[no]
		// A circuit that opened some minutes ago and is closed again is no outage any more.
		s.AskCircuit, s.FollowCircuit = now[no].AskCircuit, now[no].FollowCircuit
		l.AskCircuit, l.FollowCircuit = now[no].AskCircuit, now[no].FollowCircuit
		facts.Calls, facts.Silent = l.Calls(), l.Silent()
		switch {
		case s.Down():
			facts.Calls, facts.Silent = s.Calls(), s.Silent()
			found = append(found, Condition{Kind: WalletDown, Subject: wa.Issuer.ID,
				Severity: Urgent, Data: facts})
		case l.Down():
			found = append(found, Condition{Kind: WalletDown, Subject: wa.Issuer.ID,
				Severity: Urgent, Data: facts})
		case l.Failing():
			found = append(found, Condition{Kind: WalletFailing, Subject: wa.Issuer.ID,
				Severity: Warning, Data: facts})
		case wa.Issuer.Status == party.Open:
			found = append(found, wavering(wa.Issuer.ID, s, l)...)
		}
	}
	return found, nil
}

// wavering holds the alerts about a wallet that is neither down nor failing now, and is not well
// either: until something proves that it is back, and until it leaves few calls without an answer
// (W8).
func wavering(wallet string, short, long Health) (held []Condition) {
	if short.Calls() == short.Silent() {
		held = append(held, Condition{Kind: WalletDown, Subject: wallet, Holds: Urgent})
	}
	if long.Silent() > 0 && long.Silent()*1000 >= long.Calls()*failingShare/2 {
		held = append(held, Condition{Kind: WalletFailing, Subject: wallet, Holds: Warning})
	}
	return held
}

// Ledger looks whether the ledger is closed for writes.
func Ledger(d *party.Directory) Check {
	return Check{[]Kind{LedgerClosed}, func(ctx context.Context) ([]Condition, error) {
		ref, err := d.Reference(ctx)
		if err != nil || !ref.LedgerClosed {
			return nil, err
		}
		return []Condition{{Kind: LedgerClosed, Subject: "ledger", Severity: Urgent,
			Data: struct{}{}}}, nil
	}}
}

// Stuck is who lists stuck legs; *payment.Settler does.
type Stuck interface {
	Stuck(ctx context.Context) ([]payment.StuckLeg, error)
}

// legFacts is the data of an alert about a leg.
type legFacts struct {
	Payment string       `json:"payment"`
	Wallet  string       `json:"wallet"`
	Amount  money.Amount `json:"amount"`
	PayTo   money.Amount `json:"pay_to"`
	Because string       `json:"because"`
}

// StuckLegs looks for legs that wait for an operator.
func StuckLegs(s Stuck, d *party.Directory) Check {
	return Check{[]Kind{LegStuck}, func(ctx context.Context) ([]Condition, error) {
		legs, err := s.Stuck(ctx)
		if err != nil {
			return nil, err
		}
		found := make([]Condition, len(legs))
		for i, l := range legs {
			issuer, err := d.Participant(ctx, l.IssuerNo)
			if err != nil {
				return nil, err
			}
			found[i] = Condition{Kind: LegStuck, Subject: l.ID, Severity: Urgent,
				Data: legFacts{l.PaymentID, issuer.ID, l.Payment.Order, l.Amount, l.Note}}
		}
		return found, nil
	}}
}

// When a cap or a limit is near, in thousandths of it, and how far below that it still counts as
// near when it was (W8).
const (
	nearShare   = 800
	urgentShare = 950
	nearSlack   = 50
	urgentSlack = 30
)

// severity says how grave a share is, and which severity a live alert keeps at it.
func (s Stand) severity() (now, holds Severity) {
	switch share := s.Share(); {
	case share >= urgentShare:
		return Urgent, ""
	case share >= urgentShare-urgentSlack:
		return Warning, Urgent
	case share >= nearShare:
		return Warning, ""
	case share >= nearShare-nearSlack:
		return "", Warning
	}
	return "", ""
}

// CapFacts is the data of an alert about a cap or a limit of a day.
type CapFacts struct {
	Participant string     `json:"participant"`
	Name        string     `json:"name"`
	Role        party.Role `json:"role"`
	Currency    string     `json:"currency"`
	UsedMinor   int64      `json:"used_minor"`
	MaxMinor    int64      `json:"max_minor"`
	Percent     int64      `json:"percent"`
}

// Stand is how much of a cap or a limit of a day is used.
type Stand struct {
	Agreement party.Agreement
	Daily     bool // it is the limit of a day, in yen; else the cap, in the agreement's currency
	UsedMinor int64
	MaxMinor  int64
}

// Share is how much is used, in thousandths; never more than all.
func (s Stand) Share() int64 {
	if s.UsedMinor >= s.MaxMinor {
		return 1000
	}
	return money.Share(1000, max(s.UsedMinor, 0), s.MaxMinor, money.Down)
}

// Stands returns how much of every cap, and of every wallet's limit of a day, is used now.
func Stands(ctx context.Context, d *db.DB, dir *party.Directory) ([]Stand, error) {
	terms, err := dir.InForce(ctx)
	if err != nil {
		return nil, err
	}
	var all []Stand
	var keys []risk.Key
	now := clock.Now()
	for _, a := range terms {
		if a.CapMinor != nil {
			k := risk.NetKey(a.ParticipantNo, a.Currency)
			if a.Role == party.Issuer {
				k = risk.OwedKey(a.ParticipantNo, a.Currency)
			}
			all, keys = append(all, Stand{Agreement: a, MaxMinor: *a.CapMinor}), append(keys, k)
		}
		if a.Role == party.Issuer && a.PerDayMaxMinor != nil {
			all = append(all, Stand{Agreement: a, Daily: true, MaxMinor: *a.PerDayMaxMinor})
			keys = append(keys, risk.IssuerDayKey(a.ParticipantNo, now))
		}
	}
	err = d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		used, err := risk.Standings(ctx, tx, keys)
		for i := range all {
			all[i].UsedMinor = used[keys[i]]
		}
		return err
	})
	return all, err
}

// Caps looks for caps and limits of a day that are nearly used up.
func Caps(d *db.DB, dir *party.Directory) Check {
	return Check{[]Kind{CapNear, DayNear}, func(ctx context.Context) ([]Condition, error) {
		all, err := Stands(ctx, d, dir)
		if err != nil {
			return nil, err
		}
		var found []Condition
		for _, s := range all {
			now, holds := s.severity()
			if now == "" && holds == "" {
				continue
			}
			p, err := dir.Participant(ctx, s.Agreement.ParticipantNo)
			if err != nil {
				return nil, err
			}
			c := Condition{Kind: CapNear, Severity: now, Holds: holds,
				Subject: fmt.Sprintf("%s/%s/%s", p.ID, s.Agreement.Role, s.Agreement.Currency),
				Data: CapFacts{p.ID, p.Name, s.Agreement.Role, string(s.Agreement.Currency),
					s.UsedMinor, s.MaxMinor, s.Share() / 10}}
			if s.Daily {
				c.Kind, c.Subject = DayNear, p.ID
			}
			found = append(found, c)
		}
		return found, nil
	}}
}

// orderCurrency is what shops ask in.
const orderCurrency money.Currency = "JPY"

// ratesSoon is how long before rates are too old somebody is told.
const ratesSoon = 6 * time.Hour

// rateFacts is the data of an alert about rates.
type rateFacts struct {
	Currency string     `json:"currency"`
	Day      string     `json:"day,omitempty"`
	Until    *time.Time `json:"until,omitempty"`
}

// Rates looks for currencies of wallets whose rates are too old, or will be soon.
func Rates(b *fx.Board, dir *party.Directory) Check {
	return Check{[]Kind{RatesStale}, func(ctx context.Context) ([]Condition, error) {
		wallets, err := dir.Wallets(ctx)
		if err != nil {
			return nil, err
		}
		var found []Condition
		seen := map[money.Currency]bool{orderCurrency: true, "": true}
		for _, w := range wallets {
			cur := w.Agreement.Currency
			if seen[cur] || w.Issuer.Status == party.Closed {
				continue
			}
			seen[cur] = true
			c, bad, err := staleness(ctx, b, cur)
			if err != nil {
				return nil, err
			}
			if bad {
				found = append(found, c)
			}
		}
		return found, nil
	}}
}

func staleness(ctx context.Context, b *fx.Board, cur money.Currency) (Condition, bool, error) {
	now := clock.Now()
	c := Condition{Kind: RatesStale, Subject: string(cur), Severity: Urgent}
	f, err := b.Fresh(ctx, orderCurrency, cur, now)
	facts := rateFacts{Currency: string(cur), Day: f.Day}
	if !f.Until.IsZero() {
		facts.Until = &f.Until
	}
	c.Data = facts
	switch {
	case errors.Is(err, fx.ErrStale), errors.Is(err, fx.ErrMissing):
		return c, true, nil
	case err != nil:
		return c, false, err
	}
	c.Severity = Warning
	return c, !f.Until.IsZero() && f.Until.Sub(now) < ratesSoon, nil
}

// keySoon is how long before a key ends somebody is told.
const keySoon = 14 * 24 * time.Hour

// keyFacts is the data of an alert about a key.
type keyFacts struct {
	Participant string    `json:"participant"`
	Version     int       `json:"version"`
	Until       time.Time `json:"until"`
}

// Keys looks for participants whose last good key ends soon, or has ended.
func Keys(dir *party.Directory) Check {
	return Check{[]Kind{KeyEnding}, func(ctx context.Context) ([]Condition, error) {
		all, err := dir.Participants(ctx)
		if err != nil {
			return nil, err
		}
		var found []Condition
		now := clock.Now()
		for _, p := range all {
			keys, err := dir.KeysOf(ctx, p.No)
			if err != nil {
				return nil, err
			}
			last, ok := lastKey(keys, now)
			if !ok || p.Status == party.Closed || last.Until.Sub(now) > keySoon {
				continue
			}
			c := Condition{Kind: KeyEnding, Severity: Warning,
				Subject: fmt.Sprintf("%s/%d", p.ID, last.Version),
				Data:    keyFacts{p.ID, last.Version, last.Until}}
			if last.Until.Sub(now) < 24*time.Hour {
				c.Severity = Urgent
			}
			found = append(found, c)
		}
		return found, nil
	}}
}

// lastKey returns the key after whose end none is good: of those that are good now and those that
// follow them without a gap, the last; when none is good, the one that ended last. It is false when
// one has no end, and when there is none.
func lastKey(keys []party.Key, now time.Time) (last party.Key, ok bool) {
	for more := true; more; {
		more = false
		for _, k := range keys {
			good := !k.From.After(now) && (k.Until.IsZero() || k.Until.After(now))
			follows := ok && !k.From.After(last.Until)
			switch {
			case !k.Retired.IsZero() || !good && !follows:
			case k.Until.IsZero():
				return k, false
			case !ok || k.Until.After(last.Until):
				last, ok, more = k, true, true
			}
		}
	}
	if ok {
		return last, true
	}
	for _, k := range keys {
		over := k.Retired.IsZero() && !k.Until.IsZero() && !k.Until.After(now)
		if over && (!ok || k.Until.After(last.Until)) {
			last, ok = k, true
		}
	}
	return last, ok
}

// changeLong is how long a change may wait before somebody is told.
const changeLong = 24 * time.Hour

// changeFacts is the data of an alert about a change.
type changeFacts struct {
	Kind  string    `json:"change_kind"`
	Maker string    `json:"maker"`
	Made  time.Time `json:"made_at"`
}

// Changes looks for changes that wait long for a second person.
func Changes(desk *foureyes.Desk) Check {
	return Check{[]Kind{ChangeWaiting}, func(ctx context.Context) ([]Condition, error) {
		open, err := desk.List(ctx, foureyes.Filter{State: foureyes.Open, Limit: 200})
		if err != nil {
			return nil, err
		}
		var found []Condition
		for _, r := range open {
			if clock.Now().Sub(r.Made) >= changeLong {
				found = append(found, Condition{Kind: ChangeWaiting, Subject: r.ID,
					Severity: Notice, Data: changeFacts{r.Kind, r.Maker, r.Made}})
			}
		}
		return found, nil
	}}
}
