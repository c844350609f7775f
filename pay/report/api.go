package report

import (
	"context"
	"net/http"
	"time"

	"watari/kit/access"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/fault"
	"watari/kit/money"
	"watari/kit/web"
	"watari/pay/party"
)

// Register adds the operations of this package.
func (r *Reports) Register(w *web.Server) {
	web.Register(w, web.Op{ID: "read-takings", Method: http.MethodGet, Path: "/v1/takings",
		Summary: "Add up what was sold and refunded", Tags: []string{"Reports"},
		Roles: []access.Role{access.Operator, access.Acquirer, access.AcquirerClerk,
			access.AcquirerViewer, access.MerchantOwner, access.MerchantManager},
		Faults: []*fault.Problem{ErrPeriod, party.ErrStoreUnknown},
		Description: "Days and hours are Japan's. A sale and a refund count when they were " +
			"begun, so a day that is over is not changed by a refund given later. Payments " +
			"that were cancelled count nothing. Only what you may see is added up."}, r.apiTakings)
}

type takingsInput struct {
	By         Dimension      `query:"by" enum:"day,hour,store,terminal,wallet,merchant,acquirer,prefecture,category" default:"day"`
	From       string         `query:"from" format:"date" doc:"First day; 30 days before the last when absent."`
	To         string         `query:"to" format:"date" doc:"Last day, included; today when absent."`
	StoreID    string         `query:"store_id" maxLength:"64"`
	MerchantID string         `query:"merchant_id" maxLength:"64" doc:"For banks: one merchant's."`
	Currency   money.Currency `query:"currency" pattern:"^[A-Z]{3}$" default:"JPY"`
}

type takingsOutput struct{ Body takingsBody }

type takingsBody struct {
	From     string         `json:"from"`
	To       string         `json:"to" doc:"Included."`
	Currency money.Currency `json:"currency"`
	Total    Figures        `json:"total"`
	Items    []takingsItem  `json:"items" nullable:"false" doc:"Values without a sale, a refund or an attempt are not there."`
}

type takingsItem struct {
	Key    string `json:"key" doc:"The day, the hour 0 to 23, the id of the party, the two digits of the prefecture or the category's four. Empty for what belongs to none."`
	Name   string `json:"name,omitempty"`
	NameJA string `json:"name_ja,omitempty"`
	Figures
}

// Figures are takings as /v1 shows them.
type Figures struct {
	Sales     int64 `json:"sales" doc:"Payments that were captured and not cancelled."`
	Sold      int64 `json:"sold_minor"`
	Refunds   int64 `json:"refunds"`
	Refunded  int64 `json:"refunded_minor"`
	Net       int64 `json:"net_minor" doc:"Sold less refunded."`
	Fees      int64 `json:"fees_minor" doc:"What the merchants pay their bank, less what refunds gave back."`
	Due       int64 `json:"due_minor" doc:"Net less fees."`
	Declined  int64 `json:"declined"`
	Cancelled int64 `json:"cancelled"`
	Open      int64 `json:"open" doc:"Payments whose outcome is not known."`
	Promised  int64 `json:"promised" doc:"Payments that wait to be captured."`
}

func (t Takings) figures() Figures {
	return Figures{t.Sales, t.SoldMinor, t.Refunds, t.RefundedMinor, t.NetMinor(), t.FeesMinor,
		t.DueMinor(), t.Declined, t.Cancelled, t.Open, t.Promised}
}

// ScopeOf is what a caller may see. A terminal sees its store.
func ScopeOf(c access.Caller) Scope {
	return Scope{AcquirerNo: c.ParticipantNo, MerchantNo: c.MerchantNo, StoreNo: c.StoreNo}
}

func (r *Reports) apiTakings(ctx context.Context, in *takingsInput) (*takingsOutput, error) {
	c, ok := access.FromContext(ctx)
	check.That(ok, "report: an operation without a caller")
	p, err := in.period(clock.Now())
	if err != nil {
		return nil, err
	}
	scope, stores, err := r.narrow(ctx, ScopeOf(c), in)
	if err != nil {
		return nil, err
	}
	rows, err := r.By(ctx, scope, p, in.Currency, in.By)
	if err != nil {
		return nil, err
	}
	named, err := r.named(ctx, in.By, scope, stores)
	if err != nil {
		return nil, err
	}
	out := takingsBody{From: p.From.Format(time.DateOnly), Currency: in.Currency,
		To: p.Until.AddDate(0, 0, -1).Format(time.DateOnly), Items: []takingsItem{}}
	var total Takings
	for _, row := range rows {
		total = total.Plus(row.Takings)
		item := takingsItem{Key: row.Keys[0], Figures: row.Takings.figures()}
		if named != nil {
			n := named[row.No(0)]
			item.Key, item.Name, item.NameJA = n.ID, n.Name, n.NameJA
		}
		out.Items = append(out.Items, item)
	}
	out.Total = total.figures()
	return &takingsOutput{out}, nil
}

// yearDays is the longest period of one report.
const yearDays = 366

// period reads the days of a request.
func (in *takingsInput) period(now time.Time) (Period, error) {
	p := Days(now, 31)
	day := func(text string, into *time.Time, pointer string) error {
		if text == "" {
			return nil
		}
		t, err := time.ParseInLocation(time.DateOnly, text, clock.JST)
		if err != nil {
			return ErrPeriod.Newf("a day is written YYYY-MM-DD").At(pointer, "is no day")
		}
		*into = t
		return nil
	}
	last := p.Until.AddDate(0, 0, -1)
	if err := day(in.To, &last, "query:to"); err != nil {
		return p, err
	}
	p = Days(last, 31)
	if err := day(in.From, &p.From, "query:from"); err != nil {
		return p, err
	}
	switch {
	case !p.From.Before(p.Until):
		return p, ErrPeriod.Newf("it ends before it begins").At("query:to", "is before from")
	case p.Until.Sub(p.From) > yearDays*24*time.Hour:
		return p, ErrPeriod.Newf("it has at most %d days", yearDays).
			At("query:from", "is too long ago")
	}
	return p, nil
}

// narrow finds the store or merchant that a request names, in what the caller may see.
func (r *Reports) narrow(
	ctx context.Context, s Scope, in *takingsInput,
) (Scope, []Store, error) {
	stores, err := r.Stores(ctx, s)
	if err != nil || in.StoreID == "" && in.MerchantID == "" {
		return s, stores, err
	}
	for _, st := range stores {
		if in.MerchantID != "" && st.Merchant.ID != in.MerchantID ||
			in.StoreID != "" && st.ID != in.StoreID {
			continue
		}
		s.MerchantNo = st.Merchant.No
		if in.StoreID != "" {
			s.StoreNo = st.No
		}
		return s, stores, nil
	}
	return s, nil, party.ErrStoreUnknown.Newf("you have no such store")
}

// named finds what the keys of a dimension are called; nil when they are called what they are.
func (r *Reports) named(
	ctx context.Context, d Dimension, s Scope, stores []Store,
) (map[int64]Name, error) {
	found := map[int64]Name{}
	switch d {
	case ByStore:
		for _, st := range stores {
			found[st.No] = st.Name
		}
		return found, nil
	case ByMerchant:
		for _, st := range stores {
			found[st.Merchant.No] = st.Merchant
		}
		return found, nil
	case ByWallet, ByAcquirer, ByTerminal:
		return r.Names(ctx, d, s.AcquirerNo)
	}
	return nil, nil
}
