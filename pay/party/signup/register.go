package signup

import (
	"context"
	"errors"
	"fmt"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/foureyes"
	"watari/pay/party"
	"watari/pay/party/prefecture"
)

// Registration is a merchant, and perhaps one of its stores, as an acquirer's system registers it
// by protocol. The acquirer has looked at the merchant, pays it itself, and answers for it.
type Registration struct {
	AcquirerNo int64
	Actor      string // for events
	RequestID  string // the acquirer's, at most 64 characters: names the registration for ever
	NotifyURL  string // where its end is told; "" is nowhere
	MerchantID string // the acquirer's own reference
	Name       string // as customers know it
	LegalName  string
	RegisterNo string // of the register of companies; kept when it is a corporate number
	MCC        string
	Website    string
	Address    Address
	StoreID    string // "" when only the merchant is registered
	StoreName  string
	StoreMCC   string
	StorePlace Address
	TerminalID string // "" is none
}

// Enrol takes a registration by protocol. Its outcome is told by the application's state: live
// (or suspended, when the merchant is), refused, or in review when the category needs a licence
// that somebody has to see. A repeat with the same RequestID changes nothing and returns what is
// there; one with another id and the ids of a merchant that is there is a change of its names.
//
// Errors: ErrInvalid; ErrUnderReview.
func (s *Service) Enrol(ctx context.Context, r Registration) (Application, error) {
	asked, err := s.registration(r)
	if err != nil {
		return Application{}, err
	}
	by := foureyes.Person{Actor: r.Actor}
	var a row
	err = s.Registry.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
		a = asked // it may be run again
		old, err := applicationByRequest(ctx, tx, r.AcquirerNo, r.RequestID)
		if err == nil {
			a = old
			return s.open(&a)
		}
		if !errors.Is(err, ErrUnknown) {
			return err
		}
		waiting, err := listApplications(ctx, tx, Filter{AcquirerNo: r.AcquirerNo,
			States: []State{InReview}, Text: inSearch(r.MerchantID), origin: ByProtocol,
			Limit: pageMost})
		if err != nil {
			return err
		}
		for i := range waiting {
			if err := s.open(&waiting[i]); err != nil {
				return err
			}
			if waiting[i].Form.MerchantID == r.MerchantID {
				return ErrUnderReview.Newf("wait until it is decided")
			}
		}
		return s.decideAtOnce(ctx, tx, by, &a)
	})
	if db.IsUnique(err) {
		return Application{}, ErrUnderReview.Newf("the same registration is being made").
			Because(err)
	}
	return a.Application, err
}

// registration is an application as a message describes it.
func (s *Service) registration(r Registration) (row, error) {
	f := Form{Kind: SoleTrader, LegalName: r.LegalName, TradeName: r.Name, MCC: r.MCC,
		Website: r.Website, Address: r.Address, MerchantID: r.MerchantID,
		MDRPPM: party.DefaultSight().MDRPPM,
		Store: Store{ID: r.StoreID, Name: r.StoreName, MCC: r.StoreMCC,
			Address: r.StorePlace}, Terminal: Terminal{ID: r.TerminalID}}
	if len(r.RegisterNo) == corporateDigits && isDigits(r.RegisterNo) &&
		corporateNumber(r.RegisterNo) {
		f.Kind, f.CorporateNumber = Corporation, r.RegisterNo
	}
	f, err := sketch(f, clock.Now())
	if err != nil {
		return row{}, err
	}
	if f.Store.Address != (Address{}) && f.Store.Address.Prefecture == "" {
		f.Store.Address.Prefecture = f.Address.Prefecture
	}
	for _, a := range []*Address{&f.Address, &f.Store.Address} {
		var city sheet
		if city.latin("", &a.CityLatin, nameMax, false); city.err != nil {
			a.CityLatin = "" // printed codes have no other letters
		}
	}
	var w sheet
	w.text("/trade_name", &f.TradeName, nameMax, true)
	w.digits("/mcc", &f.MCC, mccDigits, true)
	w.digits("/store/mcc", &f.Store.MCC, mccDigits, false)
	w.id("/merchant_id", f.MerchantID)
	w.id("/store/id", f.Store.ID)
	w.id("/terminal/id", f.Terminal.ID)
	if f.MerchantID == "" {
		w.bad("/merchant_id", "is needed")
	}
	if r.StoreID != "" {
		place := either(f.Store.Address.Prefecture, f.Address.Prefecture)
		if p, ok := prefecture.ByCode(place); !ok || p.Code != place {
			w.bad("/store/address/prefecture", "must be 01 to 47 (JIS X 0401)")
		}
		code := either(f.Store.Address.PostalCode, f.Address.PostalCode)
		w.digits("/store/address/postal_code", &code, postalDigits, false)
	}
	if err := w.result(); err != nil {
		return row{}, err
	}
	a := s.begin(r.AcquirerNo, ByProtocol, f)
	a.RequestID, a.NotifyURL, a.Submitted = r.RequestID, r.NotifyURL, a.Created
	return a, nil
}

// decideAtOnce keeps a registration and decides what needs nobody.
func (s *Service) decideAtOnce(
	ctx context.Context, tx *db.Tx, by foureyes.Person, a *row,
) error {
	f := facts{}
	kind := "application.registered"
	for _, mcc := range []string{a.Form.MCC, a.Form.Store.MCC} {
		if rule, ok := categories[mcc]; ok && rule.Banned {
			a.State, a.Reason, kind = Refused, rule.Why, "application.refused"
		} else if ok && a.State == Draft {
			a.State, kind = InReview, "application.submitted"
		}
	}
	if a.State == Draft {
		a.Screening = Screening{Outcome: Clear, By: "the acquirer", At: a.Created}
		if err := s.enrol(ctx, tx, by, a); err != nil {
			return err
		}
		f.MerchantNo, f.StoreNo, f.TerminalNo = a.MerchantNo, a.StoreNo, a.TerminalNo
	}
	if a.State != InReview {
		a.Decided = a.Created
	}
	f.To = a.State
	if err := s.close(a); err != nil {
		return err
	}
	if err := insertApplications(ctx, tx, []row{*a}); err != nil {
		return err
	}
	return s.tell(ctx, tx, a, by, kind, f)
}

// enrol makes, or changes, what a registration names, and moves the application to where its
// merchant stands.
func (s *Service) enrol(ctx context.Context, tx *db.Tx, by foureyes.Person, a *row) error {
	m, err := s.enrolMerchant(ctx, tx, actorOf(by), a)
	if err != nil {
		return err
	}
	a.MerchantNo = m.No
	switch m.Status {
	case party.Open:
		a.State = Live
	case party.Suspended:
		a.State = Suspended
	default:
		a.State = Closed
	}
	if a.Form.Store.ID == "" || m.Status == party.Closed {
		return nil
	}
	return s.enrolStore(ctx, tx, actorOf(by), a, m)
}

func (s *Service) enrolMerchant(
	ctx context.Context, tx *db.Tx, actor string, a *row,
) (party.Merchant, error) {
	f := &a.Form
	m, err := s.Registry.MerchantByID(ctx, tx, a.AcquirerNo, f.MerchantID)
	if errors.Is(err, party.ErrMerchantUnknown) {
		m = f.shop(party.Open).Merchant
		m.AcquirerNo = a.AcquirerNo
		return s.Registry.AddMerchant(ctx, tx, actor, m)
	}
	if err != nil || m.Status == party.Closed {
		return m, err
	}
	err = s.Registry.SetMerchant(ctx, tx, actor, m.No, party.MerchantTerms{Name: f.TradeName,
		NameJA: either(m.NameJA, f.LegalName), MCC: f.MCC, MDRPPM: m.MDRPPM})
	return m, err
}

func (s *Service) enrolStore(
	ctx context.Context, tx *db.Tx, actor string, a *row, m party.Merchant,
) error {
	b := a.Form.branch()
	b.Store.MerchantNo = m.No
	store, err := s.Registry.StoreOf(ctx, tx, m.No, b.Store.ID)
	switch {
	case errors.Is(err, party.ErrStoreUnknown):
		store, err = s.Registry.AddStore(ctx, tx, actor, b.Store)
	case err == nil:
		limits := store
		if store.Unverified { // the low limits of what nobody had registered end
			limits.PerPaymentMaxMinor, limits.PerDayMaxMinor = nil, nil
		}
		err = s.Registry.SetStore(ctx, tx, actor, store.No, party.StoreTerms{
			Name: b.Store.Name, NameJA: either(store.NameJA, b.Store.NameJA),
			Prefecture: b.Store.Prefecture, MCC: b.Store.MCC,
			PerPaymentMaxMinor: limits.PerPaymentMaxMinor,
			PerDayMaxMinor:     limits.PerDayMaxMinor,
			RefundDayMaxMinor:  store.RefundDayMaxMinor,
			ManagerPINHash:     store.ManagerPINHash, PINAboveMinor: store.PINAboveMinor})
	}
	if err != nil {
		return fmt.Errorf("enrol store: %w", err)
	}
	a.StoreNo = store.No
	t := b.Terminals[0]
	if t.ID == "" {
		return nil
	}
	old, err := s.Registry.TerminalOf(ctx, tx, store.No, t.ID)
	if errors.Is(err, party.ErrTerminalUnknown) {
		t.StoreNo = store.No
		old, err = s.Registry.AddTerminal(ctx, tx, actor, t)
	}
	a.TerminalNo = old.No
	return err
}

// Registered returns the newest registration of an acquirer by its request id, or by merchant and,
// when it is given, store. Errors: ErrRegistration.
func (s *Service) Registered(
	ctx context.Context, acquirerNo int64, requestID, merchantID, storeID string,
) (Application, error) {
	var found []row
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		if requestID != "" {
			a, err := applicationByRequest(ctx, tx, acquirerNo, requestID)
			found = append(found, a)
			return err
		}
		ids := []string{merchantID}
		if storeID != "" {
			ids = append(ids, storeID)
		}
		var err error
		found, err = listApplications(ctx, tx, Filter{AcquirerNo: acquirerNo,
			Text: inSearch(ids...), origin: ByProtocol, Limit: pageMost})
		return err
	})
	if errors.Is(err, ErrUnknown) {
		return Application{}, ErrRegistration.Newf("")
	}
	if err != nil {
		return Application{}, err
	}
	for i := range found {
		a := &found[i]
		if err := s.open(a); err != nil {
			return Application{}, err
		}
		same := a.Form.MerchantID == merchantID && (storeID == "" || a.Form.Store.ID == storeID)
		if requestID != "" || same {
			return a.Application, nil
		}
	}
	return Application{}, ErrRegistration.Newf("")
}
