package gate

import (
	"context"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/visit/park/ticket"
)

// withdrawPage is how many tickets are signed anew in one transaction.
const withdrawPage = 200

// WithdrawKey ends a key of a park, for example because it was stolen: from now on what it signed
// proves nothing. When it is the newest, the next is made first. Tickets that were signed with it
// and may still be used are signed anew under their numbers, and phones show the new text when they
// ask again. On the network the old text lets in all the same, when it is of a ticket that was
// sold: its number cannot be guessed. A device that decides alone refuses it as soon as it has
// another pack, at most PackFor later; there the code is typed.
//
// Withdrawing a key again signs anew what was left, when an earlier call did not end. It returns
// how many tickets were.
//
// Errors: park.ErrUnknown, ErrUnknown for a key that the park does not have, ErrTooMany.
func (s *Service) WithdrawKey(
	ctx context.Context, parkID string, no uint16, actor string,
) (signed int64, err error) {
	p, err := s.cfg.Parks.Find(ctx, parkID)
	if err != nil {
		return 0, err
	}
	err = s.update(ctx, p, func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
		ks, err := keysOf(ctx, tx, p.ID)
		if err != nil {
			return nil, err
		}
		at := -1
		for i, k := range ks {
			if k.No == no {
				at = i
			}
		}
		switch {
		case at < 0:
			return nil, ErrUnknown.Newf("the park has no key %d", no)
		case !ks[at].Withdrawn.IsZero():
			return nil, nil
		case at == len(ks)-1 && len(ks) >= keysMax:
			return nil, ErrTooMany.Newf("a park has at most %d keys", keysMax)
		case at == len(ks)-1:
			if err := s.makeKey(ctx, tx, p.ID, no+1); err != nil {
				return nil, err
			}
		}
		return []event.Event{{Kind: "gate.key_withdrawn", Subject: p.ID, Actor: actor,
				Data: said(map[string]any{"no": no})}},
			withdrawKey(ctx, tx, p.ID, no, clock.Micros(s.now()))
	})
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	delete(s.public, p.ID)
	s.mu.Unlock()
	for after := (ticketAt{}); ; {
		var n int64
		var more bool
		err := s.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			var last ticketAt
			var err error
			if n, last, more, err = s.signAnew(ctx, tx, p.ID, no, after); err == nil {
				after = last
			}
			return err
		})
		if err != nil {
			return signed, err
		}
		if signed += n; !more {
			return signed, nil
		}
	}
}

// signAnew signs a page of tickets that a key signed with the newest, after one of them. It says
// which was the last, and whether there may be more.
func (s *Service) signAnew(
	ctx context.Context, tx *db.Tx, parkID string, no uint16, after ticketAt,
) (n int64, last ticketAt, more bool, err error) {
	ts, err := ticketsAfter(ctx, tx, parkID, clock.Micros(s.now()), after, withdrawPage)
	if err != nil || len(ts) == 0 {
		return 0, after, false, err
	}
	newest, key, err := s.signer(ctx, tx, parkID)
	if err != nil {
		return 0, after, false, err
	}
	var again []Ticket
	for _, t := range ts {
		c, _, err := ticket.Parse(t.Text)
		if err != nil {
			return 0, after, false, err
		}
		if c.Key == no {
			c.Key = newest
			t.Text = ticket.Sign(key, c)
			again = append(again, t)
		}
	}
	end := ts[len(ts)-1]
	return int64(len(again)), ticketAt{clock.Micros(end.NotAfter), end.Number},
		len(ts) == withdrawPage, updateTexts(ctx, tx, again, clock.Micros(s.now()))
}

// isWithdrawn says whether a key of a park was withdrawn.
func isWithdrawn(ctx context.Context, tx *db.Tx, parkID string, no uint16) (bool, error) {
	ks, err := keysOf(ctx, tx, parkID)
	for _, k := range ks {
		if k.No == no {
			return !k.Withdrawn.IsZero(), err
		}
	}
	return false, err
}

// good are the keys that were not withdrawn.
func good(ks []Key) (out []Key) {
	for _, k := range ks {
		if k.Withdrawn.IsZero() {
			out = append(out, k)
		}
	}
	return out
}

// lookAtOld looks at a text whose key is none of the park's, or was withdrawn: then its number
// counts, and nothing else that it says.
func (s *Service) lookAtOld(
	ctx context.Context, tx *db.Tx, st Station, in ScanInput, at time.Time,
) (looked, error) {
	l := looked{facts: facts{form: Foreign, kind: in.Kind, at: at, digits: true}}
	c, digits, err := ticket.Parse(in.Text)
	if err != nil {
		return l, nil
	}
	old, err := isWithdrawn(ctx, tx, st.Device.ParkID, c.Key)
	if err != nil || !old {
		return l, err
	}
	t, err := lockTicket(ctx, tx, st.Device.ParkID, c.Ticket.String())
	if err != nil || t == nil {
		return l, err
	}
	l.facts.form, l.number, l.ticket = Admitted, t.Number, t
	return l, s.know(ctx, tx, st, &l, t.Rotating, digits)
}
