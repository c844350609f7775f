package payment

import (
	"context"
	"errors"
	"time"

	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/id"
	"watari/pay/link"
	"watari/pay/party"
)

// opConsent is the operation part of a claim's scope.
const opConsent = "consent"

// ConsentState is the life of a consent.
type ConsentState string

// The states of a consent. Declined and Revoked are final.
const (
	ConsentAsked    ConsentState = "asked"
	ConsentActive   ConsentState = "active"
	ConsentDeclined ConsentState = "declined" // or never answered
	ConsentRevoked  ConsentState = "revoked"  // by the shop, the payer or the wallet
)

// ConsentEvent is what happens to a consent.
type ConsentEvent string

// The events of a consent.
const (
	ConsentOnYes    ConsentEvent = "yes"
	ConsentOnNo     ConsentEvent = "no"
	ConsentOnRevoke ConsentEvent = "revoke"
)

// consentLife is how long a payer may take to answer.
const consentLife = 30 * time.Minute

// Consent is a payer's standing permission to be charged without being asked each time.
type Consent struct {
	ID          string
	AcquirerNo  int64
	RequestID   string
	State       ConsentState
	MerchantNo  int64
	StoreNo     int64
	IssuerNo    int64
	TheirID     string
	Token       string // sealed
	Customer    string // sealed
	Description string
	ReturnURL   string
	Form        *link.Form
	Created     time.Time
	Concluded   time.Time // zero while it is asked
	Expires     time.Time // of the question, then of the consent; zero is never
	Actor       string
}

// NewConsent asks for a consent.
type NewConsent struct {
	Origin
	MerchantID, StoreID, WalletID string
	Description, ReturnURL        string
	UserAgent                     string
}

// AskConsent asks a payer, in a wallet that the shop names, to allow later charges. The consent is
// kept before the wallet is asked; its Form is how the payer gets to the question.
//
// Errors: ErrRequestID, ErrInconsistent, ErrWay, ErrWalletClosed, ErrDeclined, ErrBusy, those of
// party.Directory.Point and party.Point.Usable.
func (s *Service) AskConsent(ctx context.Context, n NewConsent) (*Consent, error) {
	if err := checkRequestID(n.RequestID); err != nil {
		return nil, err
	}
	ctx, end := context.WithDeadline(ctx, n.Began.Add(AnswerEnd))
	defer end()
	f, err := s.consentFrame(ctx, n)
	if err != nil {
		return nil, err
	}
	now := s.now()
	c := &Consent{ID: id.New("con", int(n.AcquirerNo)), AcquirerNo: n.AcquirerNo,
		RequestID: n.RequestID, State: ConsentAsked, MerchantNo: f.point.Merchant.No,
		StoreNo: f.point.Store.No, IssuerNo: f.wallet.Issuer.No, Description: n.Description,
		ReturnURL: n.ReturnURL, Created: now, Expires: now.Add(consentLife), Actor: n.Actor}
	was, err := s.keepConsent(ctx, c, n)
	if err != nil || was != "" {
		if err != nil {
			return nil, err
		}
		return s.loadConsent(ctx, pk{n.AcquirerNo, was})
	}
	callCtx, cancel := context.WithDeadline(ctx, n.Began.Add(min(CallEnd, f.caps.CallMax)))
	defer cancel()
	ask := f.consent(c, s.public+consentPath+token(c.ID))
	ask.UserAgent = n.UserAgent
	form, answer := f.connector.(link.Agreer).AskConsent(callCtx, f.endpoint(), ask)
	c.TheirID, c.Form = answer.TheirID, &form
	switch {
	case answer.Outcome == link.Declined:
		if err := s.turnConsent(ctx, c, ConsentOnNo, "wallet:"+f.wallet.Issuer.ID); err != nil {
			return nil, err
		}
		return nil, ErrDeclined.Newf("%s does not ask its user", f.wallet.Issuer.Name).
			Set("reason", string(answer.Reason))
	case !answer.UserActing:
		return nil, ErrBusy.Newf("%s does not answer; ask again under a new id",
			f.wallet.Issuer.Name).Because(answer.Cause)
	}
	return c, s.keepForm(ctx, c)
}

// keepForm keeps what a wallet made of a question, unless the consent was revoked, or answered,
// while it was asked.
func (s *Service) keepForm(ctx context.Context, c *Consent) error {
	return s.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		now, err := lockConsent(ctx, tx, pk{c.AcquirerNo, c.ID})
		if err != nil {
			return err
		}
		if now.State != ConsentAsked {
			*c = *now
			return nil
		}
		return updateConsent(ctx, tx, c)
	})
}

// token is how an id is named in the addresses that payers open.
func token(id string) string { return id[4:] }

// consentFrame finds the parties of a consent.
func (s *Service) consentFrame(ctx context.Context, n NewConsent) (*frame, error) {
	point, err := s.place(ctx, Sale{Origin: n.Origin, MerchantID: n.MerchantID,
		StoreID: n.StoreID})
	if err != nil {
		return nil, err
	}
	w, err := s.walletCalled(ctx, n.WalletID)
	if err != nil {
		return nil, err
	}
	return s.agreer(point, w)
}

// agreer is the frame of a wallet that keeps consents.
func (s *Service) agreer(point party.Point, w party.Wallet) (*frame, error) {
	f := &frame{point: point, wallet: w, acquirerTerms: point.Agreement,
		issuerTerms: w.Agreement}
	if !w.InService() {
		return nil, ErrWalletClosed.Newf("%s does not take payments now", w.Issuer.Name)
	}
	if err := f.connect(s); err != nil {
		return nil, err
	}
	if _, ok := f.connector.(link.Agreer); !ok || !f.caps.Can(link.WayAgreement) {
		return nil, ErrWay.Newf("%s keeps no consents", w.Issuer.Name)
	}
	return f, nil
}

// consent names a consent to its wallet.
func (f *frame) consent(c *Consent, returnURL string) link.Consent {
	return link.Consent{OurConsentID: c.ID, AcquirerID: f.point.Acquirer.ID,
		IssuerID: f.wallet.Issuer.ID, Description: c.Description, ReturnURL: returnURL,
		TheirID: c.TheirID, Shop: f.shop()}
}

// keepConsent writes a new consent, or returns the id of the one that this request made before.
func (s *Service) keepConsent(
	ctx context.Context, c *Consent, n NewConsent,
) (was string, err error) {
	own := &claim{key: claimKey{c.AcquirerNo, string(n.Channel) + "." + opConsent, n.RequestID},
		subject: c.ID, compared: compareText(n.Compare)}
	err = s.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		won := false
		err := insertClaims(ctx, tx, []*claim{own}, func(claimKey) { won = true })
		if err != nil {
			return err
		}
		if won {
			if err := insertConsent(ctx, tx, c); err != nil {
				return err
			}
			return s.tellConsent(ctx, tx, c, n.Actor)
		}
		var before *claim
		err = readClaims(ctx, tx, []claimKey{own.key}, func(f *claim) { before = f })
		if err != nil {
			return err
		}
		if r := repeated(before, n.Compare); r.err != nil {
			return r.err
		}
		was = before.subject
		return nil
	})
	s.log.Wake()
	return was, err
}

func (s *Service) tellConsent(ctx context.Context, tx *db.Tx, c *Consent, actor string) error {
	return s.log.Append(ctx, tx, s.lane, []event.Event{{At: s.now(),
		Kind: "consent." + string(c.State), Subject: c.ID, AcquirerNo: c.AcquirerNo,
		StoreNo: c.StoreNo, Actor: actor, Data: object(number("issuer", c.IssuerNo))}})
}

// turnConsent moves a consent one step; losing a race to another step is no error.
func (s *Service) turnConsent(
	ctx context.Context, c *Consent, e ConsentEvent, actor string,
) error {
	err := s.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		now, err := lockConsent(ctx, tx, pk{c.AcquirerNo, c.ID})
		if err != nil {
			return err
		}
		to, ok := ConsentSteps.Next(now.State, e)
		if !ok {
			*c = *now
			return nil
		}
		if e == ConsentOnRevoke {
			*c = *now // its token may have come since it was read; the wallet is told by it
		}
		c.State = to
		if c.Concluded.IsZero() {
			c.Concluded = s.now()
		}
		if err := updateConsent(ctx, tx, c); err != nil {
			return err
		}
		return s.tellConsent(ctx, tx, c, actor)
	})
	s.log.Wake()
	return err
}

// Consent returns a consent; one that is asked is asked for at its wallet first. returned are the
// parameters that the payer's browser brought back from the wallet, or nil.
//
// Errors: ErrConsentUnknown.
func (s *Service) Consent(
	ctx context.Context, acquirerNo int64, consentID string, returned map[string]string,
) (*Consent, error) {
	c, err := s.loadConsent(ctx, pk{acquirerNo, consentID})
	if err != nil || c.State != ConsentAsked {
		return c, err
	}
	f, err := s.frameOfConsent(ctx, c)
	if err != nil {
		return nil, err
	}
	callCtx, cancel := context.WithTimeout(ctx, f.caps.InquiryMax)
	defer cancel()
	a := f.connector.(link.Agreer).ConsentState(callCtx, f.endpoint(),
		f.consent(c, s.public+consentPath+token(c.ID)), returned)
	actor := "wallet:" + f.wallet.Issuer.ID
	switch {
	case a.Outcome == link.Approved && a.Token != "":
		c.Token, c.Expires = s.seal.Seal(a.Token), a.Expires
		if a.TheirID != "" {
			c.TheirID = a.TheirID
		}
		if a.Customer != "" {
			c.Customer = s.seal.Seal(a.Customer)
		}
		return c, s.turnConsent(ctx, c, ConsentOnYes, actor)
	case a.Outcome == link.Declined:
		return c, s.turnConsent(ctx, c, ConsentOnNo, actor)
	case !s.now().Before(c.Expires):
		return c, s.turnConsent(ctx, c, ConsentOnNo, "system:expiry")
	}
	return c, nil
}

// ConsentByToken is Consent for the payer's browser.
//
// Errors: ErrConsentUnknown.
func (s *Service) ConsentByToken(
	ctx context.Context, token string, returned map[string]string,
) (*Consent, error) {
	cid := "con_" + token
	acquirer, ok := id.Shard(cid)
	if !ok || len(cid) != id.Len {
		return nil, ErrConsentUnknown.Newf("no such consent")
	}
	return s.Consent(ctx, int64(acquirer), cid, returned)
}

func (s *Service) frameOfConsent(ctx context.Context, c *Consent) (*frame, error) {
	point, err := s.directory.Store(ctx, c.StoreNo)
	if err != nil {
		return nil, err
	}
	w, err := s.directory.Wallet(ctx, c.IssuerNo)
	if err != nil {
		return nil, err
	}
	return s.agreer(point, w)
}

// RevokeConsent ends a consent: nothing is charged by it any more, whether the wallet was told or
// not. Revoking twice is the same as once.
//
// Errors: ErrConsentUnknown, ErrBusy when the wallet could not be told; send it again.
func (s *Service) RevokeConsent(
	ctx context.Context, o Origin, consentID string,
) (*Consent, error) {
	c, err := s.loadConsent(ctx, pk{o.AcquirerNo, consentID})
	if err != nil {
		return nil, err
	}
	if err := s.turnConsent(ctx, c, ConsentOnRevoke, o.Actor); err != nil {
		return nil, err
	}
	sealed := c.Token
	if sealed == "" {
		return c, nil
	}
	f, err := s.frameOfConsent(ctx, c)
	if err != nil {
		return nil, err
	}
	plain, err := s.seal.Unseal(sealed)
	if err != nil {
		return nil, err
	}
	callCtx, cancel := context.WithTimeout(ctx, f.caps.CallMax)
	defer cancel()
	a := f.connector.(link.Agreer).Revoke(callCtx, f.endpoint(), f.consent(c, ""), plain)
	if a.Outcome == link.Unknown {
		return nil, ErrBusy.Newf("it is revoked here; %s could not be told, send it again",
			f.wallet.Issuer.Name).Because(a.Cause)
	}
	return c, nil
}

// stands refuses what a consent does not allow, or not any more.
func (c *Consent) stands(now time.Time) *fault.Error {
	if c.State != ConsentActive || !c.Expires.IsZero() && !now.Before(c.Expires) {
		return ErrConsent.Newf("it is %s", c.State).Set("state", string(c.State))
	}
	return nil
}

// consented finds the wallet and the token of a sale by consent.
func (s *Service) consented(
	ctx context.Context, sale Sale, point party.Point,
) (*Consent, party.Wallet, string, error) {
	c, err := s.loadConsent(ctx, pk{sale.AcquirerNo, sale.ConsentID})
	if err != nil {
		return nil, party.Wallet{}, "", err
	}
	if c.MerchantNo != point.Merchant.No {
		return nil, party.Wallet{}, "", ErrConsentUnknown.Newf("no consent %s", sale.ConsentID)
	}
	if err := c.stands(s.now()); err != nil {
		return nil, party.Wallet{}, "", err
	}
	w, err := s.directory.Wallet(ctx, c.IssuerNo)
	if err != nil {
		return nil, w, "", err
	}
	plain, err := s.seal.Unseal(c.Token)
	return c, w, plain, err
}

func (s *Service) loadConsent(ctx context.Context, key pk) (*Consent, error) {
	var c *Consent
	err := s.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		c, err = readConsent(ctx, tx, key)
		return err
	})
	if errors.Is(err, db.ErrNoRows) {
		return nil, ErrConsentUnknown.Newf("no consent %s", key.id)
	}
	return c, err
}
