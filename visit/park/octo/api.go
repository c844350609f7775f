package octo

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"watari/kit/access"
	"watari/kit/fault"
	"watari/kit/web"
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
	on("GET /octo/capabilities", func(context.Context, seller, *http.Request) (any, error) {
		return []capability{{ID: octoPricing, Revision: 1, Dependencies: []string{},
			Docs: "https://docs.octo.travel"}}, nil
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
		b *record, _ *http.Request) (*record, error) {
		return b, nil
	}))
	on("PATCH /octo/bookings/{uuid}", s.onBooking(s.apiUpdate))
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

// capability is what is understood beyond the core, as OCTO writes it.
type capability struct {
	ID           string   `json:"id"`
	Revision     int64    `json:"revision"`
	Required     bool     `json:"required"`
	Dependencies []string `json:"dependencies"`
	Docs         string   `json:"docs"`
}

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
