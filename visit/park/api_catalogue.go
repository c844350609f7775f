package park

import (
	"context"
	"net/http"

	"watari/kit/web"
)

func (s *Service) registerCatalogue(w *web.Server) {
	const root = "/v1/parks/{park_id}"
	web.Register(w, web.Op{ID: "list-park-products", Method: http.MethodGet,
		Path: root + "/products", Summary: "List what a park sells", Tags: tagged,
		Roles: readers, Faults: problems()}, s.apiProducts)
	web.Register(w, web.Op{ID: "put-park-product", Method: http.MethodPut,
		Path: root + "/products/{code}", Summary: "Make a product, or write it anew",
		Tags: tagged, Roles: runners, Description: "Without a version it is made. The code, and " +
			"the number in the text of tickets, never change.",
		Faults: problems(ErrInvalid, ErrTaken, ErrChanged)}, s.apiPutProduct)
	web.Register(w, web.Op{ID: "end-park-product", Method: http.MethodDelete,
		Path: root + "/products/{code}", Summary: "Stop the sale of a product for good",
		Tags: tagged, Roles: runners, Faults: problems()}, s.apiEndProduct)
	web.Register(w, web.Op{ID: "list-park-prices", Method: http.MethodGet, Path: root + "/prices",
		Summary: "List prices", Tags: tagged, Roles: readers, Faults: problems()}, s.apiPrices)
	web.Register(w, web.Op{ID: "put-park-prices", Method: http.MethodPut, Path: root + "/prices",
		Summary: "Replace every price of the products that are named", Tags: tagged,
		Roles: runners, MaxBody: 1 << 20, Faults: problems(ErrInvalid)}, s.apiPutPrices)
	web.Register(w, web.Op{ID: "list-park-days", Method: http.MethodGet, Path: root + "/days",
		Summary: "List the calendar", Tags: tagged, Roles: readers, Faults: problems(ErrDay)},
		s.apiDays)
	web.Register(w, web.Op{ID: "put-park-days", Method: http.MethodPut, Path: root + "/days",
		Summary: "Write days of the calendar", Tags: tagged, Roles: runners,
		Description: "Whether a day is closed is not changed: see closures.",
		MaxBody:     1 << 20, Faults: problems(ErrInvalid)}, s.apiPutDays)
}

// productItem is a product as /v1 shows it.
type productItem struct {
	Code    string `json:"code,omitempty" maxLength:"40"`
	No      int64  `json:"no,omitempty" doc:"Its number in the text of tickets."`
	Version int64  `json:"version,omitempty" doc:"As it was read; absent to make it."`
	Product
}

func productItemOf(p Product) productItem { return productItem{p.Code, p.No, p.Version, p} }

type productsOutput struct{ Body web.List[productItem] }

func (s *Service) apiProducts(ctx context.Context, in *ParkInput) (*productsOutput, error) {
	p, _, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	all, err := s.Products(ctx, p.ID)
	items := make([]productItem, len(all))
	for i, x := range all {
		items[i] = productItemOf(x)
	}
	return &productsOutput{web.ListOf(items, "")}, err
}

// ProductInput names a product in an address.
type ProductInput struct {
	ParkInput
	Code string `path:"code" maxLength:"40"`
}

type putProductInput struct {
	ProductInput
	Body productItem
}

type productOutput struct{ Body productItem }

func (s *Service) apiPutProduct(ctx context.Context, in *putProductInput) (*productOutput, error) {
	park, c, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	p := in.Body.Product
	p.ParkID, p.Code, p.Version = park.ID, in.Code, in.Body.Version
	if p, err = s.PutProduct(ctx, p, c.Actor); err != nil {
		return nil, err
	}
	return &productOutput{productItemOf(p)}, nil
}

func (s *Service) apiEndProduct(ctx context.Context, in *ProductInput) (*struct{}, error) {
	p, c, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	return nil, s.EndProduct(ctx, p.ID, in.Code, c.Actor)
}

// priceItem is a price as /v1 shows it.
type priceItem struct {
	Product string `json:"product" maxLength:"40"`
	Unit    Unit   `json:"unit" enum:"adult,junior,child,senior,infant"`
	DayType string `json:"day_type,omitempty" maxLength:"8" doc:"Absent: every type without a price of its own."`
	Yen     int64  `json:"yen" doc:"Tax included."`
}

type pricesOutput struct{ Body web.List[priceItem] }

func (s *Service) apiPrices(ctx context.Context, in *ParkInput) (*pricesOutput, error) {
	p, _, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	all, err := s.Prices(ctx, p.ID)
	items := make([]priceItem, len(all))
	for i, x := range all {
		items[i] = priceItem(x)
	}
	return &pricesOutput{web.ListOf(items, "")}, err
}

type putPricesInput struct {
	ParkInput
	Body struct {
		Prices []priceItem `json:"prices" maxItems:"5000"`
	}
}

func (s *Service) apiPutPrices(ctx context.Context, in *putPricesInput) (*struct{}, error) {
	p, c, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	ps := make([]Price, len(in.Body.Prices))
	for i, x := range in.Body.Prices {
		ps[i] = Price(x)
	}
	return nil, s.PutPrices(ctx, p.ID, ps, c.Actor)
}

// PeriodInput names the days of a period, both included.
type PeriodInput struct {
	ParkInput
	From string `query:"from" required:"true" maxLength:"10" doc:"The first day, 2026-11-23."`
	To   string `query:"to" required:"true" maxLength:"10" doc:"The last day."`
}

// dayItem is a day of the calendar as /v1 shows it.
type dayItem struct {
	Day      string            `json:"day" maxLength:"10"`
	Type     string            `json:"type,omitempty" maxLength:"8" doc:"Prices hang on it."`
	Open     int64             `json:"open_minute" doc:"Minutes from midnight in Japan, to 1740."`
	Close    int64             `json:"close_minute"`
	Closed   bool              `json:"closed,omitempty" doc:"Of a day that is written first only; else see closures."`
	Products []string          `json:"closed_products,omitempty" maxItems:"200" doc:"Not sold though the park is open."`
	Note     map[string]string `json:"note,omitempty" doc:"By language."`
}

type daysOutput struct{ Body web.List[dayItem] }

func (s *Service) apiDays(ctx context.Context, in *PeriodInput) (*daysOutput, error) {
	p, _, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	all, err := s.Days(ctx, p.ID, in.From, in.To)
	items := make([]dayItem, len(all))
	for i, d := range all {
		items[i] = dayItem{d.Day, d.Type, d.Open, d.Close, d.Closed, d.Products, byTag(d.Note)}
	}
	return &daysOutput{web.ListOf(items, "")}, err
}

type putDaysInput struct {
	ParkInput
	Body struct {
		Days []dayItem `json:"days" minItems:"1" maxItems:"400"`
	}
}

func (s *Service) apiPutDays(ctx context.Context, in *putDaysInput) (*struct{}, error) {
	p, c, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	ds := make([]Day, len(in.Body.Days))
	for i, d := range in.Body.Days {
		ds[i] = Day{Day: d.Day, Type: d.Type, Open: d.Open, Close: d.Close, Closed: d.Closed,
			Note: textOf(d.Note)}
	}
	return nil, s.PutDays(ctx, p.ID, ds, c.Actor)
}
