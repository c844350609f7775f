package signup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/fault"
	"watari/kit/foureyes"
	"watari/kit/id"
	"watari/pay/party"
)

// Invitation is a link by which merchants fill a form in.
type Invitation struct {
	ID          string // "inv_…"
	AcquirerNo  int64
	Application string        // the one application that it shows; "" for an open link
	Open        bool          // whoever has the link begins an application of their own
	Label       string        // at most 100 characters, for the bank's people: who it is for
	Lang        string        // the language to begin with; "" is the browser's
	TTL         time.Duration // of a new one: an hour to 366 days; 0 is 14 days, 366 when Open
	By          string
	Made, Until time.Time
	Revoked     time.Time // zero while it works
}

// How long links work.
const (
	linkMin     = time.Hour
	linkDefault = 14 * 24 * time.Hour
	linkMax     = 366 * 24 * time.Hour
	guestFor    = 60 * 24 * time.Hour // the link that an open one gives out
	begunMost   = 200                 // applications that an open link begins in a day
	secretBytes = 20
	labelMax    = 100
	langMax     = 8
)

// Invite makes a link: the network's address, "/apply/" and the secret. With inv.Application the
// link shows that application of the bank's, which is a draft or was returned; with Open everybody
// begins their own; with neither an empty application is made. The secret is returned once.
//
// Errors: ErrUnknown, ErrState, ErrInvalid.
func (s *Service) Invite(
	ctx context.Context, by foureyes.Person, inv Invitation,
) (Invitation, string, error) {
	whoever(by)
	if err := inv.clean(); err != nil {
		return inv, "", err
	}
	inv.ID, inv.By, inv.Made = id.New("inv", int(inv.AcquirerNo)), by.Name, now()
	inv.Until = inv.Made.Add(inv.TTL)
	secret, asked := id.Secret(secretBytes), inv
	err := s.Registry.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
		inv = asked // it may be run again
		switch {
		case inv.Open:
		case inv.Application == "":
			a := s.begin(inv.AcquirerNo, ByMerchant, Form{})
			inv.Application = a.ID
			if err := s.add(ctx, tx, &a, by); err != nil {
				return err
			}
		default:
			a, err := s.lock(ctx, tx, inv.AcquirerNo, inv.Application)
			if err != nil {
				return err
			}
			if err := a.in(Draft, Returned); err != nil {
				return err
			}
		}
		if err := insertLink(ctx, tx, inv, hashOf(secret)); err != nil {
			return err
		}
		return s.tellAny(ctx, tx, inv.subject(), inv.AcquirerNo, by, "invitation.made",
			linkFacts{by.Name, inv.ID, inv.Until.Format(time.RFC3339)})
	})
	return inv, secret, err
}

// linkFacts are what an event of an invitation says.
type linkFacts struct {
	By         string `json:"by,omitempty"`
	Invitation string `json:"invitation"`
	Until      string `json:"until,omitempty"`
}

func (inv Invitation) subject() string { return either(inv.Application, inv.ID) }

// clean looks at what was asked for.
func (inv *Invitation) clean() error {
	var f sheet
	f.text("/label", &inv.Label, labelMax, false)
	f.text("/lang", &inv.Lang, langMax, false)
	if inv.TTL == 0 {
		inv.TTL = linkDefault
		if inv.Open {
			inv.TTL = linkMax
		}
	}
	if inv.TTL < linkMin || inv.TTL > linkMax {
		f.bad("/ttl_hours", "must be 1 hour to 366 days")
	}
	if inv.Open && inv.Application != "" {
		f.bad("/open", "an open link shows no application")
	}
	return f.result()
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Invitations lists the links of an acquirer that work, newest first, at most 500.
func (s *Service) Invitations(ctx context.Context, acquirerNo int64) ([]Invitation, error) {
	var all []link
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		all, err = linksOf(ctx, tx, acquirerNo, clock.Now())
		return err
	})
	list := make([]Invitation, len(all))
	for i, l := range all {
		list[i] = l.Invitation
	}
	return list, err
}

// Revoke ends a link. Errors: ErrInvitation.
func (s *Service) Revoke(
	ctx context.Context, by foureyes.Person, acquirerNo int64, invitationID string,
) error {
	return s.Registry.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := revokeLink(ctx, tx, acquirerNo, invitationID, clock.Now())
		if err == nil && n == 0 {
			err = ErrInvitation.Newf("")
		}
		if err != nil {
			return err
		}
		return s.tellAny(ctx, tx, invitationID, acquirerNo, by, "invitation.revoked",
			linkFacts{By: by.Name, Invitation: invitationID})
	})
}

// Guest is an invitation with what its holder may see: nothing of notes, screening and who decided.
type Guest struct {
	Invitation  Invitation
	Acquirer    party.Participant
	Application Application // zero for an open link before Begin
	Documents   []Document
}

// Visit returns what a link shows. Errors: ErrInvitation.
func (s *Service) Visit(ctx context.Context, secret string) (Guest, error) {
	var g Guest
	l, err := s.linked(ctx, secret)
	if err != nil {
		return g, err
	}
	g.Invitation = l.Invitation
	if g.Acquirer, err = s.Directory.Participant(ctx, l.AcquirerNo); err != nil || l.Open {
		return g, err
	}
	a, err := s.Find(ctx, l.AcquirerNo, l.Application)
	if err != nil {
		return g, err
	}
	g.Application = forGuest(a)
	g.Documents, err = s.Documents(ctx, l.AcquirerNo, l.Application)
	return g, err
}

// forGuest leaves out what is the bank's.
func forGuest(a Application) Application {
	a.Screening, a.Makers, a.Reviewer, a.Decider = Screening{}, nil, "", ""
	a.Form = a.Form.withoutBank()
	return a
}

// withoutBank is a form without the fields of the bank.
func (f Form) withoutBank() Form {
	f.MerchantID, f.MDRPPM = "", 0
	f.Store.ID, f.Store.PerPaymentMaxMinor, f.Store.PerDayMaxMinor = "", nil, nil
	f.Store.UnifiedID = ""
	f.Terminal.ID, f.Terminal.CanRefund = "", false
	return f
}

// withBank is a form with the fields of the bank as another has them.
func (f Form) withBank(of Form) Form {
	f.MerchantID, f.MDRPPM = of.MerchantID, of.MDRPPM
	f.Store.ID, f.Store.UnifiedID = of.Store.ID, of.Store.UnifiedID
	f.Store.PerPaymentMaxMinor = of.Store.PerPaymentMaxMinor
	f.Store.PerDayMaxMinor = of.Store.PerDayMaxMinor
	f.Terminal.ID, f.Terminal.CanRefund = of.Terminal.ID, of.Terminal.CanRefund
	return f
}

// linked finds the link of a secret.
func (s *Service) linked(ctx context.Context, secret string) (l link, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		l, err = linkByHash(ctx, tx, hashOf(secret), clock.Now())
		return err
	})
	return l, err
}

// guest is who acts over a link, in events.
func (l link) guest() foureyes.Person {
	return foureyes.Person{Name: "the merchant", Actor: "invitation:" + l.ID}
}

// Begin begins an application over an open link and returns the secret of the link that shows it
// from now on; over any other link it returns that link's own.
//
// Errors: ErrInvitation, ErrBusy.
func (s *Service) Begin(ctx context.Context, secret string) (string, error) {
	l, err := s.linked(ctx, secret)
	if err != nil || !l.Open {
		return secret, err
	}
	own := id.Secret(secretBytes)
	err = s.Registry.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
		at := now()
		day := at.In(clock.JST).Format(time.DateOnly)
		if room, err := countBegun(ctx, tx, l.ID, day, begunMost); err != nil {
			return err
		} else if !room {
			return ErrBusy.Newf("ask the bank, or try again tomorrow")
		}
		a := s.begin(l.AcquirerNo, ByMerchant, Form{})
		if err := s.add(ctx, tx, &a, l.guest()); err != nil {
			return err
		}
		return insertLink(ctx, tx, Invitation{ID: id.New("inv", int(l.AcquirerNo)),
			AcquirerNo: l.AcquirerNo, Application: a.ID, Label: l.Label, Lang: l.Lang,
			By: l.By, Made: at, Until: at.Add(guestFor)}, hashOf(own))
	})
	return own, err
}

// GuestSave keeps what a merchant filled in; the bank's fields stay as they are. Whoever made the
// link counts as a maker, because they know its secret (U2).
//
// Errors: ErrInvitation, ErrState, ErrStale, ErrInvalid.
func (s *Service) GuestSave(
	ctx context.Context, secret string, version int64, f Form,
) (Application, error) {
	l, err := s.guestLink(ctx, secret)
	if err != nil {
		return Application{}, err
	}
	a, err := s.do(ctx, change{acquirerNo: l.AcquirerNo, id: l.Application, by: l.guest(),
		version: version, kind: "application.saved",
		do: func(_ context.Context, _ *db.Tx, a *row, _ *facts) (err error) {
			if err := a.in(Draft, Returned); err != nil {
				return err
			}
			a.Form, err = sketch(f.withBank(a.Form), clock.Now())
			a.addMaker(l.By)
			return err
		}})
	return forGuest(a), err
}

// GuestSubmit hands the merchant's application in.
//
// Errors: ErrInvitation, ErrState, ErrStale, ErrInvalid, ErrCategory.
func (s *Service) GuestSubmit(
	ctx context.Context, secret string, version int64,
) (Application, error) {
	l, err := s.guestLink(ctx, secret)
	if err != nil {
		return Application{}, err
	}
	a, err := s.do(ctx, change{acquirerNo: l.AcquirerNo, id: l.Application, by: l.guest(),
		version: version, kind: "application.submitted", do: submit})
	return forGuest(a), err
}

// guestLink finds the link of a secret that shows an application.
func (s *Service) guestLink(ctx context.Context, secret string) (link, error) {
	l, err := s.linked(ctx, secret)
	if err == nil && l.Open {
		err = ErrInvitation.Newf("begin an application first")
	}
	return l, err
}

// GuestDocument keeps a merchant's paper, while the form is with the merchant.
//
// Errors: ErrInvitation, ErrState, ErrDocumentInvalid.
func (s *Service) GuestDocument(
	ctx context.Context, secret string, p Paper, name string, data []byte,
) (Document, error) {
	l, err := s.guestLink(ctx, secret)
	if err != nil {
		return Document{}, err
	}
	return s.addDocument(ctx, l.guest(), l.AcquirerNo, l.Application, p, name, data,
		Draft, Returned)
}

// GuestRemove forgets a merchant's paper. Errors: ErrInvitation, ErrDocument, ErrState.
func (s *Service) GuestRemove(ctx context.Context, secret, documentID string) error {
	l, err := s.guestLink(ctx, secret)
	if err != nil {
		return err
	}
	return s.removeDocument(ctx, l.guest(), l.AcquirerNo, l.Application, documentID,
		Draft, Returned)
}

// GuestFaults are the problems that the form of a merchant meets.
func GuestFaults() []*fault.Problem {
	return []*fault.Problem{ErrInvitation, ErrBusy, ErrState, ErrStale, ErrInvalid, ErrCategory,
		ErrDocument, ErrDocumentInvalid}
}
