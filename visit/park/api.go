package park

import (
	"context"
	"net/http"
	"time"

	"watari/kit/access"
	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/web"
)

// Who may do what with a park and what it sells.
var (
	readers = []access.Role{access.MerchantOwner, access.MerchantManager, access.Acquirer,
		access.AcquirerClerk, access.AcquirerViewer, access.Operator}
	runners = []access.Role{access.MerchantOwner, access.MerchantManager}
)

var tagged = []string{"Parks"}

// Register adds the operations on parks.
func (s *Service) Register(w *web.Server) {
	web.Register(w, web.Op{ID: "list-parks", Method: http.MethodGet, Path: "/v1/parks",
		Summary: "List parks", Tags: tagged, Roles: readers}, s.apiList)
	web.Register(w, web.Op{ID: "create-park", Method: http.MethodPost, Path: "/v1/parks",
		Summary: "Make a park of a store", Tags: tagged, Roles: runners,
		Status: http.StatusCreated, Faults: problems(ErrInvalid, ErrTaken)}, s.apiCreate)
	web.Register(w, web.Op{ID: "read-park", Method: http.MethodGet, Path: "/v1/parks/{park_id}",
		Summary: "Read a park", Tags: tagged, Roles: readers, Faults: problems()}, s.apiRead)
	web.Register(w, web.Op{ID: "change-park", Method: http.MethodPut, Path: "/v1/parks/{park_id}",
		Summary: "Write a park anew", Tags: tagged, Roles: runners,
		Faults: problems(ErrInvalid, ErrTaken, ErrChanged)}, s.apiChange)
	s.registerCatalogue(w)
	s.registerStock(w)
	s.registerDiscounts(w)
	s.registerSales(w)
}

// allowed finds a park that the caller may see; another party's is answered like none.
//
// Errors: ErrUnknown.
func (s *Service) allowed(ctx context.Context, parkID string) (Park, access.Caller, error) {
	c, _ := access.FromContext(ctx)
	p, err := s.Find(ctx, parkID)
	if err == nil && !sees(c, &p) {
		return Park{}, c, unknownPark(parkID)
	}
	return p, c, err
}

// sees says whether a caller may know of a park.
func sees(c access.Caller, p *Park) bool {
	switch c.Role {
	case access.Operator:
		return true
	case access.Acquirer, access.AcquirerClerk, access.AcquirerViewer:
		return c.ParticipantNo == p.AcquirerNo
	case access.MerchantOwner, access.MerchantManager:
		return c.ParticipantNo == p.AcquirerNo && c.MerchantNo == p.MerchantNo &&
			(c.StoreNo == 0 || c.StoreNo == p.StoreNo)
	case access.MerchantCashier, access.Terminal:
	}
	return false
}

// ParkInput names a park in an address.
type ParkInput struct {
	ParkID string `path:"park_id" maxLength:"64" doc:"The park's id, or its name in addresses."`
}

// ParkBody is a park as the API writes it.
type ParkBody struct {
	Slug       string     `json:"slug" maxLength:"40" doc:"Its name in addresses: a to z, digits, hyphens."`
	Name       i18n.Text  `json:"name" doc:"By language: zh-Hans, zh-Hant, ja, en, ko."`
	About      i18n.Text  `json:"about,omitempty"`
	Prefecture string     `json:"prefecture" maxLength:"2" doc:"01 to 47."`
	Latitude   int64      `json:"latitude_e6,omitempty" doc:"Millionths of degrees."`
	Longitude  int64      `json:"longitude_e6,omitempty" doc:"Millionths of degrees."`
	Ages       []Ages     `json:"ages,omitempty" maxItems:"5" doc:"Which ages an age class has."`
	Policy     policyBody `json:"policy" doc:"When something is given back. It holds for what is bought from now on."`
	Hold       int64      `json:"hold_seconds,omitempty" doc:"How long an order is held; 0 is 600."`
	PerOrder   int64      `json:"per_order,omitempty" doc:"Pieces of one order; 0 is 200."`
	PerVisitor int64      `json:"per_visitor,omitempty" doc:"Pieces of one visitor for one day; 0 is no limit."`
	OnSale     bool       `json:"on_sale,omitempty"`
}

type policyBody struct {
	Steps   []stepBody `json:"steps,omitempty" maxItems:"10" doc:"The longest before the visit first. After the last nothing is returned."`
	Changes int64      `json:"changes,omitempty" doc:"How often the day may be changed without a fee."`
}

type stepBody struct {
	Before int64 `json:"before_hours" doc:"Until so many hours before midnight, in Japan, of the day; below 0 is after it."`
	FeePPM int64 `json:"fee_ppm" doc:"Millionths of the price that are kept."`
}

func (b policyBody) policy() Policy {
	p := Policy{Changes: b.Changes}
	for _, s := range b.Steps {
		hours := min(max(s.Before, -10_000), 100_000)
		p.Steps = append(p.Steps, PolicyStep{Before: time.Duration(hours) * time.Hour,
			FeePPM: s.FeePPM})
	}
	return p
}

func policyBodyOf(p Policy) policyBody {
	b := policyBody{Changes: p.Changes}
	for _, s := range p.Steps {
		b.Steps = append(b.Steps, stepBody{int64(s.Before / time.Hour), s.FeePPM})
	}
	return b
}

func (b ParkBody) park() Park {
	return Park{Slug: b.Slug, Name: b.Name, About: b.About, Prefecture: b.Prefecture,
		Latitude: b.Latitude, Longitude: b.Longitude, Ages: b.Ages, Policy: b.Policy.policy(),
		Hold: time.Duration(min(max(b.Hold, -1), 1<<31)) * time.Second, PerOrder: b.PerOrder,
		PerVisitor: b.PerVisitor, OnSale: b.OnSale}
}

// parkItem is a park as it is read.
type parkItem struct {
	ID         string `json:"id"`
	MerchantID string `json:"merchant_id" doc:"The acquirer's own reference."`
	StoreID    string `json:"store_id" doc:"The store that sells its tickets."`
	Version    int64  `json:"version" doc:"Grows with every change of the park and of what it sells."`
	ParkBody
}

func itemOf(p Park) parkItem {
	return parkItem{ID: p.ID, MerchantID: p.MerchantID, StoreID: p.StoreID, Version: p.Version,
		ParkBody: ParkBody{Slug: p.Slug, Name: p.Name, About: p.About, Prefecture: p.Prefecture,
			Latitude: p.Latitude, Longitude: p.Longitude, Ages: p.Ages,
			Policy: policyBodyOf(p.Policy), Hold: int64(p.Hold / time.Second),
			PerOrder: p.PerOrder, PerVisitor: p.PerVisitor, OnSale: p.OnSale}}
}

type parksOutput struct{ Body web.List[parkItem] }

type parkOutput struct{ Body parkItem }

func (s *Service) apiList(ctx context.Context, _ *struct{}) (*parksOutput, error) {
	c, _ := access.FromContext(ctx)
	all, err := s.ParksOf(ctx, c.ParticipantNo, c.MerchantNo)
	if err != nil {
		return nil, err
	}
	var items []parkItem
	for _, p := range all {
		if sees(c, &p) {
			items = append(items, itemOf(p))
		}
	}
	return &parksOutput{web.ListOf(items, "")}, nil
}

type createParkInput struct {
	Body struct {
		StoreID string `json:"store_id" maxLength:"64" doc:"The store that sells its tickets, by the acquirer's own reference."`
		ParkBody
	}
}

func (s *Service) apiCreate(ctx context.Context, in *createParkInput) (*parkOutput, error) {
	c, _ := access.FromContext(ctx)
	m, err := s.cfg.Directory.Merchant(ctx, c.MerchantNo)
	if err != nil {
		return nil, err
	}
	point, err := s.cfg.Directory.Point(ctx, m.AcquirerNo, m.ID, in.Body.StoreID, "")
	if err != nil || c.StoreNo != 0 && c.StoreNo != point.Store.No {
		return nil, ErrUnknown.Newf("the merchant has no store %q", in.Body.StoreID).
			At("/store_id", "is unknown").Because(err)
	}
	p := in.Body.park()
	p.AcquirerNo, p.MerchantNo, p.StoreNo = m.AcquirerNo, m.No, point.Store.No
	if p, err = s.AddPark(ctx, p, c.Actor); err != nil {
		return nil, err
	}
	return &parkOutput{itemOf(p)}, nil
}

func (s *Service) apiRead(ctx context.Context, in *ParkInput) (*parkOutput, error) {
	p, _, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	return &parkOutput{itemOf(p)}, nil
}

type changeParkInput struct {
	ParkInput
	Body struct {
		Version int64 `json:"version,omitempty" doc:"As it was read; 0 is any."`
		ParkBody
	}
}

func (s *Service) apiChange(ctx context.Context, in *changeParkInput) (*parkOutput, error) {
	was, c, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	p := in.Body.park()
	p.ID, p.Version = was.ID, in.Body.Version
	if p, err = s.ChangePark(ctx, p, c.Actor); err != nil {
		return nil, err
	}
	return &parkOutput{itemOf(p)}, nil
}

// problems are what an operation may answer with, besides that there is no such thing.
func problems(ps ...*fault.Problem) []*fault.Problem { return append(ps, ErrUnknown) }
