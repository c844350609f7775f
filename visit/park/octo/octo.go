package octo

import (
	"context"
	"strings"
	"time"

	"watari/kit/access"
	"watari/kit/check"
	"watari/kit/clock"
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

// Config is what a Service is made of. All but Now are required.
type Config struct {
	Parks   *park.Service
	Orders  Orders
	Tickets Tickets
	Keys    Keys
	Public  string           // where resellers reach this network, without a trailing slash
	Now     func() time.Time // nil is clock.Now
}

// Service answers resellers. It is safe for concurrent use.
type Service struct{ cfg Config }

// New makes a Service. It panics when a required field is missing.
func New(c Config) *Service {
	check.That(c.Parks != nil && c.Orders != nil && c.Tickets != nil && c.Keys != nil,
		"octo: a part of the configuration is missing")
	if c.Now == nil {
		c.Now = clock.Now
	}
	return &Service{cfg: c}
}

// LabelPrefix begins the label of the key of a reseller.
const LabelPrefix = "reseller:"

// seller is who calls, and whose parks it sells.
type seller struct {
	account string
	parks   []park.Park
	pricing bool // it asked for octo/pricing
}

// sellerOf finds the parks of a caller; false when it is no reseller.
func (s *Service) sellerOf(ctx context.Context, c access.Caller) (seller, bool, error) {
	if c.Role != access.MerchantOwner || !strings.HasPrefix(c.Label, LabelPrefix) ||
		len(c.Label) > 64 {
		return seller{}, false, nil
	}
	parks, err := s.cfg.Parks.ParksOf(ctx, c.ParticipantNo, c.MerchantNo)
	return seller{account: c.Label, parks: parks}, true, err
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
		if !x.VoucherOnly && (len(x.Channels) == 0 || contains(x.Channels, park.ByOCTO)) {
			out = append(out, x)
		}
	}
	return out, err
}

func contains(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
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
