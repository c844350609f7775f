package gate

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/i18n"
	"watari/kit/id"
)

// Gate is a place where people are let in: an entrance, a ride.
type Gate struct {
	ID       string // "gat_…"
	ParkID   string
	Code     string    // unique in the park: a to z, 0 to 9 and hyphens, 1 to 40
	Name     i18n.Text // at most 80 characters
	Products []string  // codes that it takes, at most 100; none is all that let into the park
	Ended    bool
	Version  int64
}

// Limits of a park's gates.
const (
	gatesMax    = 100
	nameMax     = 80
	productsMax = 100
)

// Gates lists the gates of a park that have not ended.
//
// Errors: park.ErrUnknown.
func (s *Service) Gates(ctx context.Context, parkID string) (gs []Gate, err error) {
	p, err := s.cfg.Parks.Find(ctx, parkID)
	if err != nil {
		return nil, err
	}
	err = s.view(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		gs, err = gatesOf(ctx, tx, p.ID)
		return err
	})
	return gs, err
}

// AddGate makes a gate of the park g.ParkID. ID and Version are set here.
//
// Errors: park.ErrUnknown, ErrInvalid, ErrCodeTaken, ErrTooMany.
func (s *Service) AddGate(ctx context.Context, g Gate, actor string) (Gate, error) {
	p, err := s.cfg.Parks.Find(ctx, g.ParkID)
	if err != nil {
		return Gate{}, err
	}
	g.ParkID, g.ID, g.Version, g.Ended = p.ID, id.New("gat", shard(p.ID)), 1, false
	if err := s.checkGate(ctx, g); err != nil {
		return Gate{}, err
	}
	if err := s.ensureKeys(ctx, p.ID); err != nil {
		return Gate{}, err
	}
	err = s.update(ctx, p, func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
		all, err := gatesOf(ctx, tx, p.ID)
		if err != nil {
			return nil, err
		}
		if len(all) >= gatesMax {
			return nil, ErrTooMany.Newf("a park has at most %d gates", gatesMax)
		}
		return noted("gate.added", g, actor), insertGate(ctx, tx, g)
	})
	return g, err
}

// ChangeGate writes a gate anew: ID, ParkID and Version say which, as it was read.
//
// Errors: park.ErrUnknown, ErrUnknown, ErrInvalid, ErrCodeTaken, ErrChanged.
func (s *Service) ChangeGate(ctx context.Context, g Gate, actor string) (Gate, error) {
	p, err := s.cfg.Parks.Find(ctx, g.ParkID)
	if err != nil {
		return Gate{}, err
	}
	g.ParkID, g.Ended = p.ID, false
	if err := s.checkGate(ctx, g); err != nil {
		return Gate{}, err
	}
	err = s.update(ctx, p, func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
		if _, err := gateOf(ctx, tx, p.ID, g.ID); err != nil {
			return nil, err
		}
		return noted("gate.changed", g, actor), updateGate(ctx, tx, g)
	})
	g.Version++
	return g, err
}

// EndGate closes a gate for good, and its devices with it. Its scans stay, its code is free.
//
// Errors: park.ErrUnknown, ErrUnknown.
func (s *Service) EndGate(ctx context.Context, parkID, gateID, actor string) error {
	p, err := s.cfg.Parks.Find(ctx, parkID)
	if err != nil {
		return err
	}
	return s.update(ctx, p, func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
		g, err := gateOf(ctx, tx, p.ID, gateID)
		if err != nil {
			return nil, err
		}
		return noted("gate.ended", g, actor), endGate(ctx, tx, g.ID, clock.Micros(s.now()))
	})
}

func noted(kind string, g Gate, actor string) []event.Event {
	return []event.Event{{Kind: kind, Subject: g.ID, Actor: actor,
		Data: said(map[string]any{"park_id": g.ParkID, "code": g.Code, "products": g.Products})}}
}

// checkGate refuses what a gate cannot be.
//
// Errors: ErrInvalid.
func (s *Service) checkGate(ctx context.Context, g Gate) error {
	e := ErrInvalid.Newf("see the fields")
	if !id.IsCode(g.Code) {
		e = e.At("/code", "has 1 to 40 letters a to z, digits and single hyphens inside")
	}
	if err := g.Name.Validate(nameMax); err != nil {
		e = e.At("/name", err.Error())
	}
	if len(g.Products) > productsMax {
		e = e.At("/products", fmt.Sprintf("are at most %d", productsMax))
	}
	sold, err := s.selling(ctx, g.ParkID)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, code := range g.Products {
		if _, ok := sold.products[code]; !ok || seen[code] {
			e = e.At("/products", "are codes of the park's products, each once")
			break
		}
		seen[code] = true
	}
	if len(e.Fields) > 0 {
		return e
	}
	return nil
}

// word says whether a text is one printable line of 1 to max characters.
func word(t string, max int) bool {
	return t != "" && utf8.ValidString(t) && utf8.RuneCountInString(t) <= max &&
		strings.TrimSpace(t) == t && !strings.ContainsFunc(t, func(r rune) bool {
		return r < ' ' || r == 0x7f
	})
}

// Device is a browser of the staff at a gate.
type Device struct {
	ID       string // "gdv_…"
	ParkID   string
	GateID   string
	Label    string // 1 to 40 characters
	LinkOpen time.Time
	// Activated is when it became one; zero when its link was not used.
	Activated time.Time
	Ended     bool
	// Overrides tells that its staff may let somebody in against a refusal. A new one may.
	Overrides bool
	// Seen is when it spoke with the network last; Offset is how far its clock was behind ours
	// then, in milliseconds; Waiting is how many scans it kept.
	Seen    time.Time
	Offset  int64
	Waiting int64
}
