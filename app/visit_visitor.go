package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"sync"
	"time"

	alipaysignin "watari/connect/alipayplus/signin"
	linesignin "watari/connect/linepay/signin"
	"watari/connect/paypay"
	paypaysignin "watari/connect/paypay/signin"
	wechatsignin "watari/connect/wechatpay/signin"
	"watari/kit/clock"
	"watari/kit/money"
	"watari/kit/web"
	"watari/pay/fx"
	"watari/pay/link"
	"watari/pay/party"
	visitorui "watari/ui/visitor"
	"watari/visit/visitor"
)

// signInFolder is where the network's applications for sign-in are, in the data folder: a file
// <issuer id>.json for each wallet whose users can be let in, readable by nobody else.
const signInFolder = "signin"

// newVisitors returns who knows the visitors. walletHost is the host under which browsers find
// wallets that are called by loopback, "" for loopback itself.
func (n *node) newVisitors(data, walletHost string) *visitor.Service {
	folder := filepath.Join(data, signInFolder)
	n.ownMoney = openVault[ownMoney](folder)
	n.payPaySignIn = paypaysignin.New(paypaysignin.Config{
		Credentials: openVault[paypay.Credentials](folder).of})
	return visitor.New(visitor.Config{DB: n.db, Log: n.log, Lane: n.lane, Ring: n.ring,
		Directory: n.directory, Counts: n.parks, Logger: n.logger, PageURL: atHost(walletHost),
		SignIns: map[string]link.SignIn{
			"alipayplus": alipaysignin.New(alipaysignin.Config{
				Credentials: openVault[alipaysignin.Credentials](folder).of}),
			"wechatpay": wechatsignin.New(wechatsignin.Config{
				Credentials: openVault[wechatsignin.Credentials](folder).of}),
			"linepay": linesignin.New(linesignin.Config{
				Credentials: openVault[linesignin.Credentials](folder).of}),
			"paypay": n.payPaySignIn,
		}})
}

// atHost names the host of an address anew, and leaves its port.
func atHost(host string) func(string) string {
	return func(base string) string {
		u, err := url.Parse(base)
		if err != nil || host == "" {
			return base
		}
		u.Host = host + ":" + u.Port()
		return u.String()
	}
}

// registerVisitor mounts the visitor's app. Services add their pages and their parts of the first
// page here.
func registerVisitor(w *web.Server, n *node, done <-chan struct{}) {
	pages := visitorui.New(visitorui.Config{Visitors: n.visitors, Receipts: n.visitors,
		Rates:     &visitorRates{board: n.board, directory: n.directory, own: n.ownMoney},
		PublicURL: n.public, Sandbox: n.sandbox, Done: done, Logger: n.logger})
	pages.Park(visitorui.ParkConfig{Parks: n.parks, Orders: n.orders, Tickets: n.gates,
		Queues: n.queues, Maps: n.grounds, Takes: n.takes, Wallet: n.walletName})
	pages.Mount(w)
}

// takes are the ids of the wallets that a store takes: those whose agreements are in force, unless
// the store does not take payments now.
func (n *node) takes(ctx context.Context, storeNo int64) []string {
	at, err := n.directory.Store(ctx, storeNo)
	if err != nil || at.Usable() != nil {
		return nil
	}
	wallets, err := n.directory.Wallets(ctx)
	if err != nil {
		return nil
	}
	var ids []string
	for _, w := range wallets {
		ids = append(ids, w.Issuer.ID)
	}
	return ids
}

// walletName is what people call a wallet, "" for an unknown one.
func (n *node) walletName(ctx context.Context, issuerID string) string {
	p, err := n.directory.ByID(ctx, issuerID)
	if err != nil {
		return ""
	}
	return p.Name
}

// ownMoney is the part of an application for sign-in that says in which money prices are shown
// beside yen: that of the wallet's users, which is not always what the wallet settles in.
type ownMoney struct {
	Currency money.Currency `json:"currency"`
}

// Validate refuses what is no currency.
func (o ownMoney) Validate() error {
	if _, ok := o.Currency.Digits(); o.Currency != "" && !ok {
		return fmt.Errorf("currency is none")
	}
	return nil
}

// ratesFor is how long reference rates are shown without looking for newer ones.
const ratesFor = time.Minute

// visitorRates say about how much an amount is in the money of the users of a wallet, by reference
// rates. It is safe for concurrent use.
type visitorRates struct {
	board     *fx.Board
	directory *party.Directory
	own       *vault[ownMoney]

	mu     sync.Mutex
	newest map[money.Currency]fx.Day
	asked  time.Time
}

// About is part of visitorui.Rates.
func (r *visitorRates) About(
	ctx context.Context, issuerNo int64, a money.Amount,
) (money.Amount, bool) {
	w, err := r.directory.Wallet(ctx, issuerNo)
	if err != nil {
		return money.Amount{}, false
	}
	to := w.Agreement.Currency
	if said, err := r.own.of(w.Issuer.ID); err == nil && said.Currency != "" {
		to = said.Currency
	}
	if to == a.Currency() {
		return money.Amount{}, false
	}
	rate, err := r.rate(ctx, a.Currency(), to)
	if err != nil {
		return money.Amount{}, false
	}
	about, err := a.Convert(rate, money.HalfUp)
	return about, err == nil
}

// errNoRate says that there is no reference rate of a currency.
var errNoRate = errors.New("no reference rate")

// rate is the newest one between two currencies, without spread.
func (r *visitorRates) rate(ctx context.Context, from, to money.Currency) (money.Rate, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := clock.Now(); now.Sub(r.asked) > ratesFor {
		newest, err := r.board.Newest(ctx)
		if err != nil {
			return money.Rate{}, err
		}
		r.newest, r.asked = newest, now
	}
	one := func(c money.Currency) (money.Decimal, error) {
		if c == "EUR" {
			return money.One(), nil
		}
		day, ok := r.newest[c]
		if !ok || len(day.Rates) == 0 {
			return money.Decimal{}, errNoRate
		}
		return day.Rates[0].Rate, nil
	}
	base, err := one(from)
	if err != nil {
		return money.Rate{}, err
	}
	quote, err := one(to)
	if err != nil {
		return money.Rate{}, err
	}
	return money.Cross(from, to, base, quote, 0)
}
