package order

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"watari/kit/access"
	"watari/kit/check"
	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/money"
	"watari/kit/web"
	"watari/pay/ledger"
	"watari/pay/promo"
)

// Who may look at orders, and who may give back: each what is sold at its own places.
var (
	readers = []access.Role{access.Acquirer, access.AcquirerClerk, access.AcquirerViewer,
		access.MerchantOwner, access.MerchantManager}
	givers = []access.Role{access.Acquirer, access.AcquirerClerk, access.MerchantOwner,
		access.MerchantManager}
)

// Resource is an order as /v1 shows it.
type Resource struct {
	ID          string           `json:"id"`
	Seller      string           `json:"seller"`
	Place       string           `json:"place"`
	Channel     string           `json:"channel"`
	Account     string           `json:"account,omitempty" doc:"Of a sale on account, which no wallet pays."`
	Reference   string           `json:"reference,omitempty" doc:"The account's own number of the sale."`
	WalletID    string           `json:"wallet_id,omitempty"`
	State       State            `json:"state" enum:"held,paying,paid,expired,refunding_late,cancelled"`
	List        money.Amount     `json:"list" doc:"Without any discount, at the purchase."`
	Total       money.Amount     `json:"total"`
	Refunded    money.Amount     `json:"refunded"`
	Refunding   money.Amount     `json:"refunding" doc:"On its way back, or owed."`
	Fees        money.Amount     `json:"fees" doc:"Kept at cancellations."`
	PaymentID   string           `json:"payment_id,omitempty"`
	Lines       []LineResource   `json:"lines" nullable:"false"`
	Returns     []ReturnResource `json:"returns,omitempty" doc:"Only where one order is read."`
	Description string           `json:"description,omitempty"`
	Note        string           `json:"note,omitempty"`
	Honoured    bool             `json:"honoured_late,omitempty" doc:"It was paid after its hold had ended, and there was room."`
	CreatedAt   time.Time        `json:"created_at"`
	ExpiresAt   time.Time        `json:"expires_at" doc:"End of the hold."`
	PaidAt      *time.Time       `json:"paid_at,omitempty"`
	ClosedAt    *time.Time       `json:"closed_at,omitempty"`
}

// LineResource is one person or thing of an order.
type LineResource struct {
	No       int64             `json:"no"`
	Product  string            `json:"product"`
	Day      string            `json:"day,omitempty"`
	Slot     string            `json:"slot,omitempty"`
	Unit     string            `json:"unit,omitempty"`
	Label    i18n.Text         `json:"label"`
	List     money.Amount      `json:"list"`
	Price    money.Amount      `json:"price"`
	Funding  []FundingResource `json:"funding" nullable:"false" doc:"Who gives what lies between list and price."`
	State    LineState         `json:"state" enum:"held,released,sold,used,cancelled"`
	Refunded money.Amount      `json:"refunded"`
}

// FundingResource is one discount on a line.
type FundingResource struct {
	By     string       `json:"by" enum:"wallet,park"`
	Rule   string       `json:"rule,omitempty"`
	Amount money.Amount `json:"amount"`
}

// ReturnResource is money that goes back.
type ReturnResource struct {
	ID        string       `json:"id"`
	OrderID   string       `json:"order_id"`
	State     ReturnState  `json:"state" enum:"due,sent,succeeded,failed"`
	Reason    Reason       `json:"reason"`
	Lines     []int64      `json:"lines" nullable:"false"`
	Amount    money.Amount `json:"amount"`
	Fee       money.Amount `json:"fee"`
	PaymentID string       `json:"payment_id,omitempty"`
	Note      string       `json:"note,omitempty" doc:"Why it failed."`
	ClosureID string       `json:"closure_id,omitempty"`
	Outside   string       `json:"outside,omitempty" doc:"How it was given back when the wallet could not."`
	CreatedAt time.Time    `json:"created_at"`
	EndedAt   *time.Time   `json:"ended_at,omitempty"`
}

// OrderPath is the address of an order.
type OrderPath struct {
	OrderID string `path:"order_id" maxLength:"64"`
}

type listInput struct {
	web.Paging
	Place string `query:"place" maxLength:"64"`
	State State  `query:"state" enum:"held,paying,paid,expired,refunding_late,cancelled"`
	Day   string `query:"day" format:"date" doc:"Orders with a line of this day."`
}

type listOutput struct{ Body web.List[Resource] }

type orderOutput struct{ Body Resource }

type quoteInput struct {
	OrderPath
	Lines string `query:"lines" maxLength:"1024" pattern:"^([0-9]+(,[0-9]+)*)?$" doc:"Numbers of lines, separated by commas; all that are sold when left out."`
	Full  bool   `query:"full" doc:"Without a fee, at the whole price."`
}

type quoteOutput struct {
	Body struct {
		Refund money.Amount   `json:"refund"`
		Fee    money.Amount   `json:"fee"`
		Keep   []LineResource `json:"keep" nullable:"false" doc:"What stays, at its price then."`
	}
}

type cancelInput struct {
	OrderPath
	web.Idempotent
	Body struct {
		Lines  []int64      `json:"lines,omitempty" maxItems:"200" doc:"Numbers of lines; all that are sold when left out."`
		Full   bool         `json:"full,omitempty" doc:"Without a fee, at the whole price: the place is the reason."`
		Refund money.Amount `json:"refund" doc:"As quote-visitor-order-cancellation told it."`
	}
}

type retryInput struct {
	OrderPath
	ReturnID string `path:"return_id" maxLength:"64"`
}

type returnOutput struct{ Body ReturnResource }

// Register adds the operations of this package.
func (s *Service) Register(w *web.Server) {
	tags := []string{"Visitors' orders"}
	const all, one = "/v1/visitor-orders", "/v1/visitor-orders/{order_id}"
	web.Register(w, web.Op{ID: "list-visitor-orders", Method: http.MethodGet, Path: all,
		Summary: "List what visitors bought, the newest first", Tags: tags, Roles: readers,
		Faults: []*fault.Problem{ErrCursor}}, s.apiList)
	web.Register(w, web.Op{ID: "read-visitor-order", Method: http.MethodGet, Path: one,
		Summary: "Read an order with what was given back of it", Tags: tags, Roles: readers,
		Faults: []*fault.Problem{ErrNotFound}}, s.apiFind)
	web.Register(w, web.Op{ID: "quote-visitor-order-cancellation", Method: http.MethodGet,
		Path: one + "/cancellation", Summary: "Say what cancelling lines would return now",
		Tags: tags, Roles: readers, Description: "By the rules of the purchase. Sellers may " +
			"refuse with problems of their own.",
		Faults: s.refusals(ErrNotFound, ErrState, ErrLine, ErrRequest)}, s.apiQuote)
	web.Register(w, web.Op{ID: "cancel-visitor-order", Method: http.MethodPost,
		Path: one + "/cancel", Summary: "Cancel lines of an order, and give back what they return",
		Tags: tags, Roles: givers, Description: "Nothing is done when the refund is not what " +
			"is named.", WhileSuspended: true, Faults: s.refusals(ErrNotFound, ErrState,
			ErrLine, ErrRequest, ErrQuote, ErrRepeated, ErrBusy, ledger.ErrClosed,
			money.ErrCurrency, money.ErrSyntax, money.ErrRange)}, s.apiCancel)
	web.Register(w, web.Op{ID: "retry-visitor-order-return", Method: http.MethodPost,
		Path:    one + "/returns/{return_id}/retry",
		Summary: "Ask the wallet again for a refund that failed", Tags: tags, Roles: givers,
		WhileSuspended: true, Faults: []*fault.Problem{ErrNotFound, ErrReturnUnknown, ErrState, ErrBusy,
			ledger.ErrClosed}}, s.apiRetry)
	s.registerOwed(w)
}

// refusals are some problems and those of the sellers that are known.
func (s *Service) refusals(some ...*fault.Problem) []*fault.Problem {
	var kinds []string
	for kind := range s.sellers {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		if r, ok := s.sellers[kind].(Refuser); ok {
			some = append(some, r.Faults()...)
		}
	}
	return some
}

// caller is who calls. Every operation here has one.
func caller(ctx context.Context) access.Caller {
	c, ok := access.FromContext(ctx)
	check.That(ok, "order: an operation without a caller")
	return c
}

// visible finds an order that the caller may see. Another's is answered like none.
func (s *Service) visible(ctx context.Context, id string) (*Order, error) {
	c := caller(ctx)
	o, err := s.Find(ctx, id)
	if err == nil && (o.Point.AcquirerNo != c.ParticipantNo ||
		c.MerchantNo != 0 && o.MerchantNo != c.MerchantNo ||
		c.StoreNo != 0 && o.StoreNo != c.StoreNo) {
		err = ErrNotFound.Newf("there is no order %q", id)
	}
	return o, err
}

func (s *Service) apiList(ctx context.Context, in *listInput) (*listOutput, error) {
	c := caller(ctx)
	f := Filter{AcquirerNo: c.ParticipantNo, MerchantNo: c.MerchantNo, StoreNo: c.StoreNo,
		Place: in.Place, Day: in.Day, After: in.Cursor, Limit: in.Limit}
	if in.State != "" {
		f.States = []State{in.State}
	}
	os, next, err := s.List(ctx, f)
	items := make([]Resource, len(os))
	for i := range os {
		items[i] = os[i].Resource()
	}
	return &listOutput{web.ListOf(items, next)}, err
}

func (s *Service) apiFind(ctx context.Context, in *OrderPath) (*orderOutput, error) {
	o, err := s.visible(ctx, in.OrderID)
	if err != nil {
		return nil, err
	}
	return s.shown(ctx, o)
}

func (s *Service) shown(ctx context.Context, o *Order) (*orderOutput, error) {
	r := o.Resource()
	returns, err := s.Returns(ctx, o.ID)
	for i := range returns {
		r.Returns = append(r.Returns, returns[i].Resource())
	}
	return &orderOutput{r}, err
}

func (s *Service) apiQuote(ctx context.Context, in *quoteInput) (*quoteOutput, error) {
	o, err := s.visible(ctx, in.OrderID)
	if err != nil {
		return nil, err
	}
	c := Cut{Reason: BySeller, Full: in.Full}
	for text := range strings.SplitSeq(in.Lines, ",") {
		if text == "" {
			continue
		}
		no, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, ErrRequest.Newf("see the fields").At("query:lines", "are numbers")
		}
		c.Lines = append(c.Lines, no)
	}
	q, err := s.QuoteCancel(ctx, o.ID, c)
	if err != nil {
		return nil, err
	}
	out := &quoteOutput{}
	out.Body.Refund, out.Body.Fee = yen(q.Refund), yen(q.Fee)
	out.Body.Keep = linesOf(q.Keep)
	return out, nil
}

func (s *Service) apiCancel(ctx context.Context, in *cancelInput) (*orderOutput, error) {
	o, err := s.visible(ctx, in.OrderID)
	if err != nil {
		return nil, err
	}
	if in.Body.Refund.Currency() != promo.Yen {
		return nil, ErrRequest.Newf("see the fields").At("/refund/currency", "is JPY")
	}
	o, err = s.Cancel(ctx, o.ID, Cut{Lines: in.Body.Lines, Reason: BySeller,
		Full: in.Body.Full}, in.Body.Refund.Minor(), in.Key(), caller(ctx).Actor)
	if err != nil {
		return nil, err
	}
	return s.shown(ctx, o)
}

func (s *Service) apiRetry(ctx context.Context, in *retryInput) (*returnOutput, error) {
	r, err := s.returnOf(ctx, in.OrderID, in.ReturnID)
	if err != nil {
		return nil, err
	}
	r, err = s.Retry(ctx, r.ID, caller(ctx).Actor)
	return &returnOutput{r.Resource()}, err
}

// Resource returns an order as /v1 shows it, without what was returned of it.
func (o *Order) Resource() Resource {
	return Resource{ID: o.ID, Seller: o.Seller, Place: o.Place, Channel: o.Channel,
		Account: o.Account, Reference: o.Reference, WalletID: o.IssuerID, State: o.State,
		List: yen(o.List), Total: yen(o.Total), Refunded: yen(o.Refunded),
		Refunding: yen(o.Refunding), Fees: yen(o.Fees), PaymentID: o.PaymentID,
		Lines: linesOf(o.Lines), Description: o.Description, Note: o.Note,
		Honoured: o.Honoured, CreatedAt: o.Created, ExpiresAt: o.Expires,
		PaidAt: orNil(o.Paid), ClosedAt: orNil(o.Closed)}
}

func linesOf(ls []Line) []LineResource {
	out := make([]LineResource, len(ls))
	for i, l := range ls {
		out[i] = LineResource{No: l.No, Product: l.Product, Day: l.Day, Slot: l.Slot,
			Unit: l.Unit, Label: l.Label, List: yen(l.List), Price: yen(l.Price),
			Funding: []FundingResource{}, State: l.State, Refunded: yen(l.Refunded)}
		for _, f := range l.Funding {
			out[i].Funding = append(out[i].Funding, FundingResource{f.Kind, f.Rule, yen(f.Minor)})
		}
	}
	return out
}

// Resource returns a return as /v1 shows it.
func (r *Return) Resource() ReturnResource {
	lines := r.Lines
	if lines == nil {
		lines = []int64{}
	}
	return ReturnResource{ID: r.ID, OrderID: r.OrderID, State: r.State, Reason: r.Reason,
		Lines: lines, Amount: yen(r.Minor), Fee: yen(r.Fee), PaymentID: r.PaymentID, Note: r.Note,
		ClosureID: r.MassID, Outside: r.Outside, CreatedAt: r.Created, EndedAt: orNil(r.Ended)}
}

func yen(minor int64) money.Amount { return money.MustNew(minor, promo.Yen) }

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
