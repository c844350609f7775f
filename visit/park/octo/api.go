package octo

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"watari/kit/access"
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
)

// handler recognises the reseller, and writes the answer or the refusal as OCTO does.
func (s *Service) handler(
	fn func(ctx context.Context, who seller, r *http.Request) (any, error),
) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secret, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		c, err := s.cfg.Keys.Authenticate(r.Context(), strings.TrimSpace(secret))
		if err != nil {
			answer(w, http.StatusUnauthorized, &problem{Code: "UNAUTHORIZED",
				Message: "The API key is missing or not known"})
			return
		}
		who, ok, err := s.sellerOf(r.Context(), c)
		if err != nil {
			web.Fail(w, r, err)
			return
		}
		if !ok || c.Standing != access.Open && r.Method != http.MethodGet {
			answer(w, http.StatusForbidden, &problem{Code: "FORBIDDEN",
				Message: "The API key is not that of a reseller who may do this"})
			return
		}
		if strings.Contains(r.Header.Get(capabilities), octoPricing) {
			who.pricing = true
			w.Header().Set(capabilities, octoPricing)
		}
		out, err := fn(r.Context(), who, r)
		if err == nil {
			answer(w, http.StatusOK, out)
			return
		}
		p := refusal(err)
		if p == nil {
			web.Fail(w, r, err)
			return
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

// read reads the body of a request; members that are not known are left alone, as OCTO wants.
func read(r *http.Request, v any) error {
	if err := json.NewDecoder(r.Body).Decode(v); err != nil {
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

// apiBookings lists the newest 200 bookings of the reseller that fit.
func (s *Service) apiBookings(ctx context.Context, who seller, r *http.Request) (any, error) {
	reference, supplier := r.FormValue("resellerReference"), r.FormValue("supplierReference")
	out := []booking{}
	for _, p := range who.parks {
		f := order.Filter{Seller: park.SellerKind, Place: p.ID, Account: who.account, Limit: 200}
		if day := r.FormValue("localDate"); day != "" {
			f.Day = day
		}
		found, _, err := s.cfg.Orders.List(ctx, f)
		if err != nil {
			return nil, err
		}
		for i := range found {
			o := &found[i]
			if reference != "" && o.Reference != reference || supplier != "" && o.ID != supplier {
				continue
			}
			b, err := s.show(ctx, who, o)
			if err != nil {
				return nil, err
			}
			out = append(out, b)
		}
	}
	return out, nil
}

// onBooking finds the booking of an address, which must be the reseller's own (R2).
func (s *Service) onBooking(fn func(ctx context.Context, who seller, o *order.Order,
	r *http.Request) (*order.Order, error),
) func(ctx context.Context, who seller, r *http.Request) (any, error) {
	return func(ctx context.Context, who seller, r *http.Request) (any, error) {
		uuid := r.PathValue("uuid")
		o, err := s.cfg.Orders.ByRequest(ctx, who.account, uuid)
		if errors.Is(err, order.ErrNotFound) {
			return nil, &problem{Code: "INVALID_BOOKING_UUID", UUID: uuid,
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

func (s *Service) apiConfirm(
	ctx context.Context, who seller, o *order.Order, r *http.Request,
) (*order.Order, error) {
	var body struct {
		ResellerReference string          `json:"resellerReference"`
		Contact           json.RawMessage `json:"contact"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
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
	if minutes <= 0 || minutes > 24*60 {
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
