package gate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/id"
)

const (
	devicesMax  = 300 // of one park
	labelMax    = 40
	secretBytes = 32
	secretMax   = 128
)

// LinkFor is how long a link can be used that makes a browser a device.
const LinkFor = 24 * time.Hour

// hashed is the form in which a secret is kept.
func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Devices lists the devices of a park that have not ended.
//
// Errors: park.ErrUnknown.
func (s *Service) Devices(ctx context.Context, parkID string) (ds []Device, err error) {
	p, err := s.cfg.Parks.Find(ctx, parkID)
	if err != nil {
		return nil, err
	}
	err = s.view(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		ds, err = devicesOf(ctx, tx, p.ID)
		return err
	})
	return ds, err
}

// AddDevice makes a device of a gate, and the secret of a link that makes a browser this device,
// once, within LinkFor. The secret is not kept.
//
// Errors: park.ErrUnknown, ErrUnknown, ErrInvalid, ErrTooMany.
func (s *Service) AddDevice(
	ctx context.Context, parkID, gateID, label, actor string,
) (d Device, secret string, err error) {
	p, err := s.cfg.Parks.Find(ctx, parkID)
	if err != nil {
		return Device{}, "", err
	}
	if !word(label, labelMax) {
		return Device{}, "", ErrInvalid.Newf("see the fields").At("/label",
			"has 1 to 40 characters in one line")
	}
	secret = id.Secret(secretBytes)
	err = s.update(ctx, p, func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
		g, err := gateOf(ctx, tx, p.ID, gateID)
		if err != nil {
			return nil, err
		}
		all, err := devicesOf(ctx, tx, p.ID)
		if err != nil {
			return nil, err
		}
		if len(all) >= devicesMax {
			return nil, ErrTooMany.Newf("a park has at most %d devices", devicesMax)
		}
		now := s.now()
		d = Device{ID: id.New("gdv", shard(p.ID)), ParkID: p.ID, GateID: g.ID, Label: label,
			LinkOpen: now.Add(LinkFor), Overrides: true}
		return []event.Event{{Kind: "gate.device_invited", Subject: d.ID, Actor: actor,
				Data: said(map[string]any{"gate_id": g.ID, "label": label})}},
			insertDevice(ctx, tx, d, hashed(secret), clock.Micros(now))
	})
	return d, secret, err
}

// NewLink makes another link for a device: the session that it has ends when it is used, and links
// made before do not work any more.
//
// Errors: park.ErrUnknown, ErrUnknown.
func (s *Service) NewLink(
	ctx context.Context, parkID, deviceID, actor string,
) (d Device, secret string, err error) {
	p, err := s.cfg.Parks.Find(ctx, parkID)
	if err != nil {
		return Device{}, "", err
	}
	secret = id.Secret(secretBytes)
	err = s.update(ctx, p, func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
		if d, err = deviceOf(ctx, tx, p.ID, deviceID); err != nil {
			return nil, err
		}
		d.LinkOpen = s.now().Add(LinkFor)
		return []event.Event{{Kind: "gate.device_invited", Subject: d.ID, Actor: actor,
				Data: said(map[string]any{"gate_id": d.GateID, "label": d.Label})}},
			linkDevice(ctx, tx, d.ID, hashed(secret), clock.Micros(d.LinkOpen))
	})
	return d, secret, err
}

// AllowOverrides says whether staff at a device may let people in against a refusal. What a device
// without a network let in before it heard of it is kept, and told as a conflict.
//
// Errors: park.ErrUnknown, ErrUnknown.
func (s *Service) AllowOverrides(
	ctx context.Context, parkID, deviceID string, allowed bool, actor string,
) (d Device, err error) {
	p, err := s.cfg.Parks.Find(ctx, parkID)
	if err != nil {
		return Device{}, err
	}
	err = s.update(ctx, p, func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
		if d, err = deviceOf(ctx, tx, p.ID, deviceID); err != nil || d.Overrides == allowed {
			return nil, err
		}
		d.Overrides = allowed
		return []event.Event{{Kind: "gate.device_changed", Subject: d.ID, Actor: actor,
				Data: said(map[string]any{"gate_id": d.GateID, "label": d.Label,
					"overrides": allowed})}},
			updateOverrides(ctx, tx, d.ID, allowed)
	})
	return d, err
}

// EndDevice ends a device and its session: one that was lost. Its page drops what it took along as
// soon as it asks the network; one that never asks again can decide until its pack ends, and the
// keys of digits that it has are worthless after the next day. Scans that it kept are uploaded when
// its browser becomes a device of the park again.
//
// Errors: park.ErrUnknown, ErrUnknown.
func (s *Service) EndDevice(ctx context.Context, parkID, deviceID, actor string) error {
	p, err := s.cfg.Parks.Find(ctx, parkID)
	if err != nil {
		return err
	}
	return s.update(ctx, p, func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
		d, err := deviceOf(ctx, tx, p.ID, deviceID)
		if err != nil {
			return nil, err
		}
		return []event.Event{{Kind: "gate.device_ended", Subject: d.ID, Actor: actor,
				Data: said(map[string]any{"gate_id": d.GateID, "label": d.Label, "waiting": d.Waiting})}},
			endDevice(ctx, tx, d.ID, clock.Micros(s.now()))
	})
}

// Activate uses a link up and returns the secret of the session of its device.
//
// Errors: ErrLink.
func (s *Service) Activate(ctx context.Context, link string) (session string, d Device, err error) {
	if link == "" || len(link) > secretMax {
		return "", Device{}, ErrLink.Newf("")
	}
	err = s.view(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		d, err = deviceByLink(ctx, tx, hashed(link), clock.Micros(s.now()))
		return err
	})
	if err != nil {
		return "", Device{}, err
	}
	sold, err := s.selling(ctx, d.ParkID)
	if err != nil {
		return "", Device{}, err
	}
	session = id.Secret(secretBytes)
	err = s.update(ctx, sold.park, func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
		now := s.now()
		n, err := activateDevice(ctx, tx, hashed(link), hashed(session), clock.Micros(now))
		switch {
		case err != nil:
			return nil, err
		case n == 0:
			return nil, ErrLink.Newf("")
		}
		d.Activated = now
		return []event.Event{{Kind: "gate.device_activated", Subject: d.ID, Actor: d.ID,
			Data: said(map[string]any{"gate_id": d.GateID, "label": d.Label})}}, nil
	})
	if err != nil {
		return "", Device{}, err
	}
	return session, d, nil
}

// Session finds the device of a session, with its gate.
//
// Errors: ErrSession.
func (s *Service) Session(ctx context.Context, session string) (d Device, g Gate, err error) {
	if session == "" || len(session) > secretMax {
		return d, g, ErrSession.Newf("")
	}
	err = s.view(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if d, err = deviceBySession(ctx, tx, hashed(session)); err != nil {
			return err
		}
		g, err = gateByID(ctx, tx, d.GateID)
		return err
	})
	return d, g, err
}
