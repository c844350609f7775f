package app

import (
	"context"
	"net/http"
	"time"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/money"
	"watari/kit/web"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/party"
)

// ErrCursor says that a cursor of the event feed is not one that it gave out.
var ErrCursor = fault.Define("event-cursor-invalid", fault.Invalid, "The cursor is not valid")

// registerAPI adds the operations that no single domain owns: the event feed, balances, the
// wallets that are accepted, rates.
func registerAPI(w *web.Server, n *node) {
	bank := []access.Role{access.Acquirer}
	web.Register(w, web.Op{ID: "list-events", Method: http.MethodGet, Path: "/v1/events",
		Summary: "Follow what happens, oldest first", Tags: []string{"Events"},
		Roles:  []access.Role{access.Acquirer, access.Terminal},
		Faults: []*fault.Problem{ErrCursor},
		Description: "Give the next_cursor of a page to get what happened since. No event " +
			"is ever missed by a cursor, whatever commits late. Without a cursor the feed " +
			"begins with the first event."}, n.apiEvents)
	web.Register(w, web.Op{ID: "list-balances", Method: http.MethodGet, Path: "/v1/balances",
		Summary: "Read the balances of your book", Tags: []string{"Ledger"}, Roles: bank},
		n.apiBalances)
	web.Register(w, web.Op{ID: "read-trial-balance", Method: http.MethodGet,
		Path: "/v1/trial-balance", Summary: "Compare all debits with all credits",
		Tags: []string{"Ledger"}, Roles: []access.Role{access.Operator}}, n.apiTrial)
	web.Register(w, web.Op{ID: "read-rate", Method: http.MethodGet, Path: "/v1/rates/{wallet}",
		Summary: "Read what a wallet's payments are converted at now",
		Tags:    []string{"Directory"},
		Roles:   []access.Role{access.Acquirer, access.Terminal, access.Operator},
		Faults: []*fault.Problem{party.ErrParticipantUnknown, party.ErrWalletUnknown,
			fx.ErrStale, fx.ErrMissing}}, n.apiRate)
}

type eventsInput struct {
	Cursor string `query:"cursor" maxLength:"500" doc:"The next_cursor of the page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

type eventsOutput struct{ Body eventPage }

type eventPage struct {
	Items []eventItem `json:"items" nullable:"false"`
	Next  string      `json:"next_cursor" doc:"For what happens after these."`
}

type eventItem struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	Subject string    `json:"subject" doc:"The id of the payment, or what the event is about."`
	Actor   string    `json:"actor"`
	Data    any       `json:"data"`
}

func (n *node) apiEvents(ctx context.Context, in *eventsInput) (*eventsOutput, error) {
	c, _ := access.FromContext(ctx)
	cursor, err := event.ParseCursor(in.Cursor)
	if err != nil {
		return nil, ErrCursor.Newf("use a next_cursor as it was given").Because(err)
	}
	found, next, err := n.log.Read(ctx, cursor, event.Filter{AcquirerNo: c.ParticipantNo,
		StoreNo: c.StoreNo}, in.Limit)
	if err != nil {
		return nil, err
	}
	page := eventPage{Items: []eventItem{}, Next: next.String()}
	for _, e := range found {
		page.Items = append(page.Items, eventItem{e.At, e.Kind, e.Subject, e.Actor, e.Data})
	}
	return &eventsOutput{page}, nil
}

type balancesOutput struct{ Body web.List[balanceItem] }

type balanceItem struct {
	Account  ledger.Kind    `json:"account"`
	Merchant string         `json:"merchant_no,omitempty" doc:"For accounts of one merchant."`
	Currency money.Currency `json:"currency"`
	Debits   int64          `json:"debits_minor"`
	Credits  int64          `json:"credits_minor"`
	Net      int64          `json:"net_minor" doc:"On the account's own side."`
}

func (n *node) apiBalances(ctx context.Context, _ *struct{}) (*balancesOutput, error) {
	c, _ := access.FromContext(ctx)
	all, err := n.chart.Balances(ctx, c.ParticipantNo)
	if err != nil {
		return nil, err
	}
	items := []balanceItem{}
	for _, b := range all {
		item := balanceItem{Account: b.Kind, Currency: b.Currency, Debits: b.Debits,
			Credits: b.Credits, Net: b.Net()}
		if b.Kind == ledger.MerchantPayable {
			item.Merchant = party.Subject(party.KindMerchant, b.Owner)
		}
		items = append(items, item)
	}
	return &balancesOutput{web.ListOf(items, "")}, nil
}

type trialOutput struct{ Body web.List[trialLine] }

func (n *node) apiTrial(ctx context.Context, _ *struct{}) (*trialOutput, error) {
	var lines []ledger.TrialLine
	err := n.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		lines, err = ledger.Trial(ctx, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	items := []trialLine{}
	for _, l := range lines {
		items = append(items, trialLine{l.Book, string(l.Currency), l.Debits, l.Credits})
	}
	return &trialOutput{web.ListOf(items, "")}, nil
}

type rateInput struct {
	Wallet string `path:"wallet" maxLength:"64" doc:"The id of the wallet."`
}

type rateOutput struct{ Body rateItem }

type rateItem struct {
	Base  money.Currency `json:"base"`
	Quote money.Currency `json:"quote"`
	Value string         `json:"value" doc:"1 base in quote, in major units, with the spread."`
	Day   string         `json:"reference_day" doc:"Of the European Central Bank's rates."`
	Until time.Time      `json:"until" doc:"Until when new payments use it."`
}

func (n *node) apiRate(ctx context.Context, in *rateInput) (*rateOutput, error) {
	p, err := n.directory.ByID(ctx, in.Wallet)
	if err != nil {
		return nil, err
	}
	w, err := n.directory.Wallet(ctx, p.No)
	if err != nil {
		return nil, err
	}
	q, err := n.board.Live(ctx, p.No, "JPY", w.Agreement.Currency, w.Agreement.SpreadPPM,
		clock.Now())
	if err != nil {
		return nil, err
	}
	return &rateOutput{rateItem{q.Rate.Base(), q.Rate.Quote(), q.Rate.String(), q.Day,
		q.Until}}, nil
}

// amountForm is how an amount looks in JSON, for the API's document.
type amountForm struct {
	Currency string `json:"currency" pattern:"^[A-Z]{3}$" doc:"ISO 4217, for example JPY."`
	Value    int64  `json:"value" minimum:"0" maximum:"9007199254740991" doc:"In minor units: yen, fen."`
}

// amountAlias tells the API's document how an amount looks.
func amountAlias() []web.Alias { return []web.Alias{web.As[money.Amount, amountForm]()} }
