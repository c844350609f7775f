package octo

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"watari/kit/access"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
)

// Keys recognise who calls. *access.Keys does.
type Keys interface {
	Authenticate(ctx context.Context, secret string) (access.Caller, error)
}

// Orders are what this package needs of *order.Service.
type Orders interface {
	Hold(ctx context.Context, q order.Request) (*order.Order, error)
	Find(ctx context.Context, orderID string) (*order.Order, error)
	ByRequest(ctx context.Context, owner, requestID string) (*order.Order, error)
	List(ctx context.Context, f order.Filter) ([]order.Order, string, error)
	Extend(ctx context.Context, orderID string, until time.Time, actor string) (
		*order.Order, error)
	Confirm(ctx context.Context, orderID, reference, account string) (*order.Order, error)
	Abandon(ctx context.Context, orderID, actor string) error
	QuoteCancel(ctx context.Context, orderID string, c order.Cut) (order.Requoted, error)
	Cancel(ctx context.Context, orderID string, c order.Cut, expectRefund int64,
		requestID, actor string) (*order.Order, error)
}

// Tickets tell the tickets of an order. *gate.Service does.
type Tickets interface {
	TicketsOf(ctx context.Context, orderID string) ([]gate.Ticket, error)
}

// Config is what a Service is made of. All but Logger and Now are required.
type Config struct {
	DB      *db.DB
	Parks   *park.Service
	Orders  Orders
	Tickets Tickets
	Keys    Keys
	Public  string           // where resellers reach this network, without a trailing slash
	Logger  *slog.Logger     // nil is slog.Default
	Now     func() time.Time // nil is clock.Now
}

// Service answers resellers. It is safe for concurrent use.
type Service struct{ cfg Config }

// New makes a Service. It panics when a required field is missing.
func New(c Config) *Service {
	check.That(c.DB != nil && c.Parks != nil && c.Orders != nil && c.Tickets != nil && c.Keys != nil,
		"octo: a part of the configuration is missing")
	if c.Now == nil {
		c.Now = clock.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return &Service{cfg: c}
}

// LabelPrefix begins the label of the key of a reseller.
const LabelPrefix = access.ResellerLabel

// labelMax is how long the label is at most: it is the account on which the reseller buys.
const labelMax = 64

// seller is who calls, and whose parks it sells. What it sells is read once in a request.
type seller struct {
	account string
	parks   []park.Park
	pricing bool // it asked for octo/pricing
	prices  map[string][]park.Price
	days    map[string]park.Day
}

// sellerOf finds the parks of a caller; false when it is no reseller.
func (s *Service) sellerOf(ctx context.Context, c access.Caller) (seller, bool, error) {
	if c.Role != access.MerchantOwner || !c.Reseller() || len(c.Label) > labelMax {
		return seller{}, false, nil
	}
	parks, err := s.cfg.Parks.ParksOf(ctx, c.ParticipantNo, c.MerchantNo)
	return seller{account: c.Label, parks: parks, prices: map[string][]park.Price{},
		days: map[string]park.Day{}}, true, err
}

// park returns one of the parks that the reseller sells, by its id.
func (w *seller) park(id string) (park.Park, bool) {
	i := slices.IndexFunc(w.parks, func(p park.Park) bool { return p.ID == id })
	if i < 0 {
		return park.Park{}, false
	}
	return w.parks[i], true
}

// owns says whether an order is a booking of the reseller at a park that it sells (R2). The account
// alone does not say it: a reseller of another merchant may be called the same.
func (w *seller) owns(o *order.Order) bool {
	_, sold := w.park(o.Place)
	return sold && o.Seller == park.SellerKind && o.Channel == park.ByOCTO && o.Account == w.account
}

// pricesOf are the prices of a park.
func (s *Service) pricesOf(ctx context.Context, who seller, p park.Park) ([]park.Price, error) {
	if known, ok := who.prices[p.ID]; ok {
		return known, nil
	}
	all, err := s.cfg.Parks.Prices(ctx, p.ID)
	if err == nil {
		who.prices[p.ID] = all
	}
	return all, err
}

// productID names a product of a park to resellers, for example "fuji-kogen.day".
func productID(p park.Park, code string) string { return p.Slug + "." + code }

// product finds a product that resellers may sell.
func (s *Service) product(ctx context.Context, who seller, id string) (
	park.Park, park.Product, error,
) {
	slug, code, _ := strings.Cut(id, ".")
	for _, p := range who.parks {
		if p.Slug != slug {
			continue
		}
		all, err := s.products(ctx, p)
		if err != nil {
			return p, park.Product{}, err
		}
		for _, x := range all {
			if x.Code == code {
				return p, x, nil
			}
		}
	}
	return park.Park{}, park.Product{}, &problem{Code: "INVALID_PRODUCT_ID",
		Message: "The productId was missing or invalid", ProductID: id}
}

// products are those of a park that are sold through resellers.
func (s *Service) products(ctx context.Context, p park.Park) ([]park.Product, error) {
	all, err := s.cfg.Parks.Products(ctx, p.ID)
	var out []park.Product
	for _, x := range all {
		if !x.VoucherOnly && (len(x.Channels) == 0 || slices.Contains(x.Channels, park.ByOCTO)) {
			out = append(out, x)
		}
	}
	return out, err
}

// optionID is the one option of every product.
const optionID = "DEFAULT"

// problem is a refusal as OCTO writes it.
type problem struct {
	Status         int    `json:"-"` // 0 is 400
	Code           string `json:"error"`
	Message        string `json:"errorMessage"`
	ProductID      string `json:"productId,omitempty"`
	OptionID       string `json:"optionId,omitempty"`
	AvailabilityID string `json:"availabilityId,omitempty"`
	UnitID         string `json:"unitId,omitempty"`
	UUID           string `json:"uuid,omitempty"`
}

// Error is part of error.
func (p *problem) Error() string { return p.Code + ": " + p.Message }

func badRequest(text string) *problem {
	return &problem{Code: "BAD_REQUEST", Message: text}
}

func unprocessable(text string) *problem {
	return &problem{Code: "UNPROCESSABLE_ENTITY", Message: text}
}
