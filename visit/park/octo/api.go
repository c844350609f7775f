package octo

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"watari/kit/access"
	"watari/kit/fault"
	"watari/kit/web"
	"watari/visit/order"
	"watari/visit/park"
)

// Register adds the addresses of OCTO below /octo.
func (s *Service) Register(w *web.Server) {
	on := func(pattern string, fn func(ctx context.Context, who seller, r *http.Request) (
		any, error)) {
		w.Handle(pattern, s.handler(fn))
	}
	on("GET /octo/supplier", func(_ context.Context, who seller, _ *http.Request) (any, error) {
		return s.supplier(who), nil
	})
	on("GET /octo/products", s.apiProducts)
	on("GET /octo/products/{id}", func(ctx context.Context, who seller, r *http.Request) (
		any, error) {
		p, x, err := s.product(ctx, who, r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return s.write(ctx, who, p, x)
	})
	on("POST /octo/availability/calendar", func(ctx context.Context, who seller,
		r *http.Request) (any, error) {
		var a asked
		if err := read(r, &a); err != nil {
			return nil, err
		}
		return s.calendar(ctx, who, a)
	})
	on("POST /octo/availability", func(ctx context.Context, who seller, r *http.Request) (
		any, error) {
		var a asked
		if err := read(r, &a); err != nil {
			return nil, err
		}
		return s.check(ctx, who, a)
	})
	on("POST /octo/bookings", s.apiBook)
	on("GET /octo/bookings", s.apiBookings)
	on("GET /octo/bookings/{uuid}", s.onBooking(func(_ context.Context, _ seller,
		o *order.Order, _ *http.Request) (*order.Order, error) {
		return o, nil
	}))
	on("POST /octo/bookings/{uuid}/confirm", s.onBooking(s.apiConfirm))
	on("POST /octo/bookings/{uuid}/extend", s.onBooking(s.apiExtend))
	on("POST /octo/bookings/{uuid}/cancel", s.onBooking(s.apiCancel))
	on("DELETE /octo/bookings/{uuid}", s.onBooking(s.apiCancel))
}

// capabilities is the header by which both sides say what they understand beyond the core.
const (
	capabilities = "Octo-Capabilities"
	octoPricing  = "octo/pricing"
	internal     = "INTERNAL_SERVER_ERROR"
)

// asks says whether a request asks for a capability.
func asks(h http.Header, capability string) bool {
	for _, line := range h.Values(capabilities) {
		for _, one := range strings.Split(line, ",") {
			if strings.EqualFold(strings.TrimSpace(one), capability) {
				return true
			}
		}
	}
	return false
}

// recognise finds out who calls.
func (s *Service) recognise(r *http.Request) (seller, error) {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		secret = ""
	}
	c, err := s.cfg.Keys.Authenticate(r.Context(), strings.TrimSpace(secret))
	if errors.Is(err, access.ErrUnauthenticated) {
		return seller{}, &problem{Status: http.StatusUnauthorized, Code: "UNAUTHORIZED",
			Message: "The API key is missing or not known"}
	}
	forbidden := &problem{Status: http.StatusForbidden, Code: "FORBIDDEN",
		Message: "The API key is not that of a reseller who may do this"}
	switch {
	case errors.Is(err, access.ErrClosed):
		return seller{}, forbidden
	case err != nil:
		return seller{}, err
	}
	who, ok, err := s.sellerOf(r.Context(), c)
	if err == nil && (!ok || c.Standing != access.Open && r.Method != http.MethodGet) {
		return who, forbidden
	}
	who.pricing = asks(r.Header, octoPricing)
	return who, err
}

// handler recognises the reseller, and writes the answer or the refusal as OCTO does.
func (s *Service) handler(
	fn func(ctx context.Context, who seller, r *http.Request) (any, error),
) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, err := s.recognise(r)
		var out any
		if err == nil {
			active := ""
			if who.pricing {
				active = octoPricing
			}
			w.Header().Set(capabilities, active)
			out, err = fn(r.Context(), who, r)
		}
		if err == nil {
			answer(w, http.StatusOK, out)
			return
		}
		p := refusal(err)
		if p == nil {
			if r.Context().Err() != nil {
				web.Fail(w, r, err) // nobody hears
				return
			}
			s.cfg.Logger.Error("a reseller's request failed", "request",
				web.RequestID(r.Context()), "error", err)
			p = &problem{Status: http.StatusInternalServerError, Code: internal,
				Message: "Something went wrong here; try again"}
		}
		if p.Status == 0 {
			p.Status = http.StatusBadRequest
		}
		answer(w, p.Status, p)
	})
}

// answer writes JSON. A reseller that is gone does not read it.
func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// read reads the body of a request; members that are not known are left alone, as OCTO wants, and
// an empty body has none.
func read(r *http.Request, v any) error {
	d := json.NewDecoder(r.Body)
	err := d.Decode(v)
	var kind *json.UnmarshalTypeError
	var large *http.MaxBytesError
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.As(err, &kind) && kind.Field != "":
		return badRequest(kind.Field + " is of another type")
	case errors.As(err, &large):
		return badRequest("The body is too large")
	case err != nil || d.More():
		return badRequest("The body is not the JSON that is wanted")
	}
	return nil
}

func (s *Service) apiProducts(ctx context.Context, who seller, _ *http.Request) (any, error) {
	out := []product{}
	for _, p := range who.parks {
		all, err := s.products(ctx, p)
		if err != nil {
			return nil, err
		}
		for _, x := range all {
			w, err := s.write(ctx, who, p, x)
			if err != nil {
				return nil, err
			}
			out = append(out, w)
		}
	}
	return out, nil
}

func (s *Service) apiBook(ctx context.Context, who seller, r *http.Request) (any, error) {
	var w wanted
	if err := read(r, &w); err != nil {
		return nil, err
	}
	o, err := s.book(ctx, who, w)
	if err != nil {
		return nil, err
	}
	return s.show(ctx, who, o)
}

// bookingsMax is how many bookings are listed at once.
const bookingsMax = 200

// apiBookings lists the newest 200 bookings of the reseller that fit.
func (s *Service) apiBookings(ctx context.Context, who seller, r *http.Request) (any, error) {
	f, err := sought(r)
	if err != nil {
		return nil, err
	}
	var found []*order.Order
	if f.supplier != "" {
		o, err := s.cfg.Orders.Find(ctx, f.supplier)
		if err == nil && who.owns(o) {
			found = append(found, o)
		} else if !errors.Is(err, order.ErrNotFound) && err != nil {
			return nil, err
		}
	} else if found, err = s.search(ctx, who, f); err != nil {
		return nil, err
	}
	out := []booking{}
	for _, o := range found {
		b, err := s.show(ctx, who, o)
		if err != nil {
			return nil, err
		}
		if f.fits(o, &b) && len(out) < bookingsMax {
			out = append(out, b)
		}
	}
	return out, nil
}

// seek is what bookings are looked for by; empty is any.
type seek struct {
	reference, supplier, product, option string
	days                                 []string
}

// sought reads what bookings are looked for by.
func sought(r *http.Request) (seek, error) {
	q := r.URL.Query()
	f := seek{reference: q.Get("resellerReference"), supplier: q.Get("supplierReference"),
		product: q.Get("productId"), option: q.Get("optionId")}
	for _, x := range []struct{ name, text string }{{"resellerReference", f.reference},
		{"supplierReference", f.supplier}, {"productId", f.product}, {"optionId", f.option}} {
		if len(x.text) > referenceMax || !printable(x.text) {
			return f, badRequest(x.name + " has at most 128 characters that can be printed")
		}
	}
	a := asked{Date: q.Get("localDate"), Start: q.Get("localDateStart"), End: q.Get("localDateEnd")}
	var err error
	if a.Date != "" || a.Start != "" || a.End != "" {
		f.days, err = a.days()
	}
	return f, err
}

// fits says whether a booking is what is looked for, as far as its order was not found by it.
func (f *seek) fits(o *order.Order, b *booking) bool {
	day := len(f.days) == 0
	for _, l := range o.Lines {
		day = day || slices.Contains(f.days, l.Day)
	}
	return day && (f.reference == "" || o.Reference == f.reference) &&
		(f.product == "" || b.ProductID == f.product) && (f.option == "" || b.OptionID == f.option)
}

// search finds orders of the reseller, of each park the newest first.
func (s *Service) search(ctx context.Context, who seller, f seek) ([]*order.Order, error) {
	days := f.days
	if len(days) == 0 {
		days = []string{""}
	}
	var out []*order.Order
	for _, p := range who.parks {
		for _, day := range days {
			found, _, err := s.cfg.Orders.List(ctx, order.Filter{Seller: park.SellerKind,
				Place: p.ID, Account: who.account, Reference: f.reference, Day: day,
				Limit: bookingsMax})
			if err != nil {
				return nil, err
			}
			for i := range found {
				if who.owns(&found[i]) && len(out) < bookingsMax {
					out = append(out, &found[i])
				}
			}
		}
	}
	return out, nil
}

// onBooking finds the booking of an address, which must be the reseller's own (R2).
func (s *Service) onBooking(fn func(ctx context.Context, who seller, o *order.Order,
	r *http.Request) (*order.Order, error),
) func(ctx context.Context, who seller, r *http.Request) (any, error) {
	return func(ctx context.Context, who seller, r *http.Request) (any, error) {
		uuid := strings.ToLower(r.PathValue("uuid"))
		o, err := s.booked(ctx, who, uuid)
		if err == nil && o == nil {
			err = &problem{Code: "INVALID_BOOKING_UUID", UUID: uuid,
				Message: "The uuid was missing or invalid"}
		}
		if err != nil {
			return nil, err
		}
		if o, err = fn(ctx, who, o, r); err != nil {
			return nil, err
		}
		return s.show(ctx, who, o)
	}
}

// booked finds a booking of the reseller (R2); nil when it has none of the uuid.
func (s *Service) booked(ctx context.Context, who seller, uuid string) (*order.Order, error) {
	if !uuidForm.MatchString(uuid) {
		return nil, nil
	}
	o, err := s.cfg.Orders.ByRequest(ctx, who.account, uuid)
	if errors.Is(err, order.ErrNotFound) || err == nil && !who.owns(o) {
		return nil, nil
	}
	return o, err
}

func (s *Service) apiConfirm(
	ctx context.Context, who seller, o *order.Order, r *http.Request,
) (*order.Order, error) {
	var body struct {
		ResellerReference string `json:"resellerReference"`
		Contact           person `json:"contact"` // its form is looked at, see R4
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if len(body.ResellerReference) > referenceMax || !printable(body.ResellerReference) {
		return nil, badRequest("resellerReference has at most 128 characters that can be printed")
	}
	if o.State == order.StatePaid {
		return o, nil // a repeat
	}
	return s.cfg.Orders.Confirm(ctx, o.ID, body.ResellerReference, who.account)
}

func (s *Service) apiExtend(
	ctx context.Context, who seller, o *order.Order, r *http.Request,
) (*order.Order, error) {
	var body struct {
		Minutes int64 `json:"expirationMinutes"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	minutes := body.Minutes
	switch {
	case minutes < 0 || minutes > holdMost:
		return nil, badRequest("expirationMinutes is 1 to 1440")
	case minutes == 0:
		minutes = holdMinutes
	}
	return s.cfg.Orders.Extend(ctx, o.ID, s.cfg.Now().Add(time.Duration(minutes)*time.Minute),
		who.account)
}

func (s *Service) apiCancel(
	ctx context.Context, who seller, o *order.Order, _ *http.Request,
) (*order.Order, error) {
	return s.cancel(ctx, who, o)
}

// refusal is an error as OCTO writes it; nil when it is none that a reseller may be told.
func refusal(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	var f *fault.Error
	if !errors.As(err, &f) {
		return nil
	}
	text := f.Problem.Title
	if f.Detail != "" {
		text += ": " + f.Detail
	}
	switch f.Problem.Kind {
	case fault.Unavailable, fault.TooMany:
		return &problem{Status: http.StatusServiceUnavailable, Code: internal, Message: text}
	case fault.Invalid, fault.TooLarge:
		return badRequest(text)
	case fault.NotFound, fault.Unauthenticated, fault.Forbidden, fault.Conflict,
		fault.Unprocessable:
	}
	return unprocessable(text)
}
