package park

import (
	"context"
	"net/http"
	"time"

	"watari/kit/web"
	"watari/visit/order"
)

func (s *Service) registerSales(w *web.Server) {
	const root = "/v1/parks/{park_id}"
	web.Register(w, web.Op{ID: "list-park-offers", Method: http.MethodGet, Path: root + "/offers",
		Summary: "List what a park sells for a day, with what is left and what it costs",
		Tags:    tagged, Roles: readers, Faults: problems(ErrDay)}, s.apiOffers)
	web.Register(w, web.Op{ID: "read-park-calendar", Method: http.MethodGet,
		Path: root + "/calendar", Summary: "Read on which days something is sold, and from what",
		Tags: tagged, Roles: readers, Faults: problems(ErrDay, ErrLimit)}, s.apiCalendar)
	web.Register(w, web.Op{ID: "read-park-sales", Method: http.MethodGet, Path: root + "/sales",
		Summary: "Report what was sold for the days of a period", Tags: tagged, Roles: readers,
		Description: "By day of the visit, slot, product, channel and age class. Sums are yen.",
		Faults:      problems(ErrDay)}, s.apiSales)
}

// offerItem is an offer as /v1 shows it.
type offerItem struct {
	Product   string            `json:"product"`
	Kind      Kind              `json:"kind"`
	Name      map[string]string `json:"name"`
	State     Availability      `json:"state" enum:"available,few,sold_out,closed,not_yet,over,not_sold"`
	Remaining int64             `json:"remaining" doc:"-1 is without limit; with slots the most in one."`
	Slots     []slotOfferItem   `json:"slots,omitempty"`
	Units     []unitOfferItem   `json:"units" nullable:"false"`
}

type slotOfferItem struct {
	Slot      string       `json:"slot"`
	Starts    time.Time    `json:"starts_at"`
	Ends      time.Time    `json:"ends_at"`
	State     Availability `json:"state" enum:"available,few,sold_out,closed,not_yet,over,not_sold"`
	Remaining int64        `json:"remaining"`
}

type unitOfferItem struct {
	Unit  Unit        `json:"unit" enum:"adult,junior,child,senior,infant"`
	List  int64       `json:"list_yen"`
	Price int64       `json:"price_yen"`
	Given []givenItem `json:"given,omitempty" doc:"Who gives what lies between list and price."`
}

type givenItem struct {
	By       string `json:"by" enum:"wallet,park"`
	Discount string `json:"discount"`
	Yen      int64  `json:"yen"`
}

type offersInput struct {
	ParkInput
	Day      string `query:"day" required:"true" maxLength:"10"`
	Channel  string `query:"channel" enum:"visitor,octo,counter" default:"visitor"`
	WalletID string `query:"wallet_id" maxLength:"64" doc:"The buyer's wallet."`
}

type offersOutput struct{ Body web.List[offerItem] }

func (s *Service) apiOffers(ctx context.Context, in *offersInput) (*offersOutput, error) {
	p, _, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	all, err := s.Offers(ctx, OfferQuery{ParkID: p.ID, Day: in.Day, Channel: in.Channel,
		IssuerID: in.WalletID})
	items := make([]offerItem, len(all))
	for i, o := range all {
		items[i] = offerItemOf(o)
	}
	return &offersOutput{web.ListOf(items, "")}, err
}

func offerItemOf(o Offer) offerItem {
	item := offerItem{Product: o.Product.Code, Kind: o.Product.Kind, Name: byTag(o.Product.Name),
		State: o.State, Remaining: o.Remaining}
	for _, s := range o.Slots {
		item.Slots = append(item.Slots, slotOfferItem{s.Code, s.Starts, s.Ends, s.State,
			s.Remaining})
	}
	for _, u := range o.Units {
		unit := unitOfferItem{Unit: u.Unit, List: u.List, Price: u.Price}
		for _, g := range u.Given {
			unit.Given = append(unit.Given, givenItem{g.Funding.Kind, g.Funding.Rule,
				g.Funding.Minor})
		}
		item.Units = append(item.Units, unit)
	}
	return item
}

type calendarInput struct {
	PeriodInput
	Product  string `query:"product" maxLength:"40" doc:"Absent: whatever lets in."`
	Adults   int64  `query:"adults" minimum:"0" maximum:"200"`
	Juniors  int64  `query:"juniors" minimum:"0" maximum:"200"`
	Children int64  `query:"children" minimum:"0" maximum:"200"`
	Seniors  int64  `query:"seniors" minimum:"0" maximum:"200"`
	Infants  int64  `query:"infants" minimum:"0" maximum:"200"`
	Channel  string `query:"channel" enum:"visitor,octo,counter" default:"visitor"`
	WalletID string `query:"wallet_id" maxLength:"64" doc:"The buyer's wallet."`
}

// calendarItem is a day of the calendar of sales.
type calendarItem struct {
	Day       string       `json:"day"`
	Type      string       `json:"type,omitempty"`
	State     Availability `json:"state" enum:"available,few,sold_out,closed,not_yet,over,not_sold"`
	Remaining int64        `json:"remaining" doc:"-1 is without limit."`
	Opens     *time.Time   `json:"opens_at,omitempty"`
	Closes    *time.Time   `json:"closes_at,omitempty"`
	Product   string       `json:"product,omitempty" doc:"The cheapest with room for all."`
	List      int64        `json:"list_yen" doc:"For all together; -1 when nothing is sold."`
	Price     int64        `json:"price_yen"`
}

type calendarOutput struct{ Body web.List[calendarItem] }

func (s *Service) apiCalendar(ctx context.Context, in *calendarInput) (*calendarOutput, error) {
	p, _, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	all, err := s.Calendar(ctx, CalendarQuery{ParkID: p.ID, From: in.From, To: in.To,
		Product: in.Product, Channel: in.Channel, IssuerID: in.WalletID,
		Units: map[Unit]int64{Adult: in.Adults, Junior: in.Juniors, Child: in.Children,
			Senior: in.Seniors, Infant: in.Infants}})
	items := make([]calendarItem, len(all))
	for i, d := range all {
		items[i] = calendarItem{d.Day, d.Type, d.State, d.Remaining, moment(d.Open),
			moment(d.Close), d.Product, d.List, d.Price}
	}
	return &calendarOutput{web.ListOf(items, "")}, err
}

// salesItem is a row of the report.
type salesItem struct {
	Day      string `json:"day"`
	Slot     string `json:"slot,omitempty"`
	Product  string `json:"product"`
	Channel  string `json:"channel"`
	Unit     Unit   `json:"unit" enum:"adult,junior,child,senior,infant"`
	Sold     int64  `json:"sold"`
	Redeemed int64  `json:"redeemed"`
	NoShow   int64  `json:"no_show"`
	Refunded int64  `json:"refunded"`
	List     int64  `json:"list_yen"`
	Paid     int64  `json:"paid_yen"`
	Wallet   int64  `json:"wallet_yen" doc:"Paid by wallets as their part of discounts."`
	Place    int64  `json:"park_yen" doc:"Given by the park."`
	Returned int64  `json:"returned_yen"`
	Fees     int64  `json:"fees_yen" doc:"Kept at cancellations."`
	Net      int64  `json:"net_yen" doc:"Paid, the wallets' part and fees, before the bank's."`
}

// funderItem is what somebody gives of one discount.
type funderItem struct {
	By       string `json:"by" enum:"wallet,park"`
	WalletNo int64  `json:"wallet_no,omitempty"`
	Discount string `json:"discount"`
	Yen      int64  `json:"yen"`
	Lines    int64  `json:"lines"`
}

type salesOutput struct {
	Body struct {
		Rows    []salesItem  `json:"rows" nullable:"false"`
		Funders []funderItem `json:"funders" nullable:"false"`
		Total   salesItem    `json:"total"`
	}
}

func salesItemOf(r SalesRow) salesItem {
	return salesItem{r.Day, r.Slot, r.Product, r.Channel, r.Unit, r.Sold, r.Redeemed, r.NoShow,
		r.Refunded, r.List, r.Paid, r.Wallet, r.Place, r.Returned, r.Fees, r.Net()}
}

func (s *Service) apiSales(ctx context.Context, in *PeriodInput) (*salesOutput, error) {
	p, _, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	r, err := s.Sales(ctx, SalesQuery{ParkID: p.ID, From: in.From, To: in.To})
	if err != nil {
		return nil, err
	}
	out := &salesOutput{}
	out.Body.Rows, out.Body.Funders = []salesItem{}, []funderItem{}
	total := SalesRow{Unit: Adult}
	for _, row := range r.Rows {
		total.Add(row)
		out.Body.Rows = append(out.Body.Rows, salesItemOf(row))
	}
	for _, f := range r.Funders {
		by := "park"
		if f.Kind == order.FundedByWallet {
			by = "wallet"
		}
		out.Body.Funders = append(out.Body.Funders, funderItem{by, f.IssuerNo, f.Rule, f.Minor,
			f.Lines})
	}
	out.Body.Total = salesItemOf(total)
	return out, nil
}
