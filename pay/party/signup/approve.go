package signup

import (
	"context"
	"errors"
	"fmt"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/fault"
	"watari/kit/foureyes"
	"watari/kit/id"
	"watari/pay/party"
)

// Terms is what the bank adds at an approval.
type Terms struct {
	// MerchantID, StoreID and TerminalID are references of the bank's own, at most 64 characters;
	// those of the form when they are empty, and made when that has none.
	MerchantID, StoreID, TerminalID string
	MDRPPM                          *int64 // nil: the form's, which must then be above 0
	GoLive                          bool   // also takes payments at once
}

// Approve makes merchant, store and terminal of an application in review, and the account that the
// merchant is paid to (U4). The merchant is suspended until it goes live.
//
// Errors: ErrUnknown, ErrState, ErrStale, ErrOwn, ErrIncomplete, ErrInvalid, ErrCategory,
// party.ErrTaken.
func (s *Service) Approve(
	ctx context.Context, by foureyes.Person, acquirerNo int64, applicationID string,
	version int64, t Terms,
) (Application, error) {
	whoever(by)
	c := change{acquirerNo: acquirerNo, id: applicationID, by: by, version: version,
		kind: "application.approved",
		do: func(ctx context.Context, tx *db.Tx, a *row, f *facts) error {
			return s.approve(ctx, tx, by, a, t, f)
		}}
	err := s.Registry.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
		a, err := s.doIn(ctx, tx, c)
		if err != nil || !t.GoLive {
			return err
		}
		return s.Registry.SetStatus(withPerson(ctx, by), tx, actorOf(by), party.KindMerchant,
			a.MerchantNo, party.Open)
	})
	if err != nil {
		return Application{}, err
	}
	return s.Find(ctx, acquirerNo, applicationID)
}

// approve looks whether an application may be approved and makes what it asks for.
func (s *Service) approve(
	ctx context.Context, tx *db.Tx, by foureyes.Person, a *row, t Terms, f *facts,
) error {
	if err := a.step(OnApprove); err != nil {
		return err
	}
	if a.made(by.Name) {
		return ErrOwn.Newf("%s filled it in", by.Name)
	}
	if err := a.agree(t); err != nil {
		return err
	}
	papers, err := papersOf(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	if lacks := a.lacks(papers); len(lacks) > 0 {
		return incomplete(lacks)
	}
	if a.Origin == ByProtocol {
		a.Decider, a.Decided = by.Name, now()
		err = s.enrol(ctx, tx, by, a)
	} else {
		err = s.sign(ctx, tx, by, a)
	}
	if err != nil {
		return err
	}
	f.MerchantNo, f.StoreNo, f.TerminalNo = a.MerchantNo, a.StoreNo, a.TerminalNo
	return nil
}

// agree puts what the bank adds into the form and checks the whole.
func (a *row) agree(t Terms) (err error) {
	f := a.Form
	if t.MDRPPM != nil {
		f.MDRPPM = *t.MDRPPM
	}
	f.MerchantID = either(t.MerchantID, f.MerchantID)
	f.Store.ID, f.Terminal.ID = either(t.StoreID, f.Store.ID), either(t.TerminalID, f.Terminal.ID)
	if a.Origin == ByProtocol {
		a.Form, err = sketch(f, clock.Now())
	} else {
		a.Form, err = Check(f, t.MDRPPM == nil, clock.Now())
	}
	if a.Origin != ByProtocol {
		a.Form.nameIDs()
	}
	return err
}

// nameIDs makes the references that nobody chose.
func (f *Form) nameIDs() {
	f.MerchantID = either(f.MerchantID, "m-"+id.Secret(idBytes))
	f.Store.ID = either(f.Store.ID, "s-"+id.Secret(idBytes))
	f.Terminal.ID = either(f.Terminal.ID, "t-"+id.Secret(idBytes))
}

// idBytes is the chance in a reference that is made: none of a bank's millions meets another.
const idBytes = 8

// sign makes what was approved (U4).
func (s *Service) sign(ctx context.Context, tx *db.Tx, by foureyes.Person, a *row) error {
	shop := a.Form.shop(party.Suspended)
	actor := actorOf(by)
	m := shop.Merchant
	m.AcquirerNo = a.AcquirerNo
	m, err := s.Registry.AddMerchant(ctx, tx, actor, m)
	if err != nil {
		return named(err, "/merchant_id")
	}
	if err := s.addBranch(ctx, tx, actor, a, shop.Branches[0], m); err != nil {
		return err
	}
	a.MerchantNo, a.Decider, a.Decided = m.No, by.Name, now()
	return s.firstPayout(ctx, tx, by, a)
}

// addBranch makes the store and terminal of a merchant that is there.
func (s *Service) addBranch(
	ctx context.Context, tx *db.Tx, actor string, a *row, b party.Branch, m party.Merchant,
) error {
	b.Store.MerchantNo = m.No
	store, err := s.Registry.AddStore(ctx, tx, actor, b.Store)
	if err != nil {
		return named(err, "/store/id")
	}
	t := b.Terminals[0]
	t.StoreNo = store.No
	if t, err = s.Registry.AddTerminal(ctx, tx, actor, t); err != nil {
		return named(err, "/terminal/id")
	}
	a.StoreNo, a.TerminalNo = store.No, t.No
	return nil
}

// named says which reference of the form was taken.
func named(err error, pointer string) error {
	err = pointed(err, party.ErrTaken, map[string]string{"/id": pointer})
	if errors.Is(err, party.ErrInvalid) {
		return fmt.Errorf("a form that was checked makes no %s: %w", pointer, err)
	}
	return err
}

// lacks says what is missing for an approval beside the form itself (U3).
func (a *row) lacks(papers map[Paper]bool) []Remark {
	var lacks []Remark
	need := func(p Paper, why string) {
		if !papers[p] {
			lacks = append(lacks, Remark{"/documents/" + string(p), why})
		}
	}
	if a.Origin != ByProtocol {
		need(Identity, "an identity document of the representative is needed")
		if a.Form.Kind == Corporation {
			need(Registry, "the certificate of registered matters is needed")
		}
	}
	for _, mcc := range []string{a.Form.MCC, a.Form.Store.MCC} {
		if licensed(mcc) {
			need(Licence, categories[mcc].Why)
			break
		}
	}
	if a.Screening.Outcome != Clear {
		lacks = append(lacks, Remark{"/screening",
			"the outcome of the screening must be clear, it is " + string(a.Screening.Outcome)})
	}
	return lacks
}

func incomplete(lacks []Remark) *fault.Error {
	e := ErrIncomplete.Newf("")
	for _, l := range lacks {
		e.At(l.Pointer, l.Text)
	}
	return e
}

// Missing says what an approval by this person would lack, whatever the state: pointers into the
// form, "/documents/<kind>", "/screening", and "" when it is their own. Empty: it can be approved.
func (s *Service) Missing(
	ctx context.Context, by foureyes.Person, a Application,
) ([]Remark, error) {
	r := row{Application: a}
	var papers map[Paper]bool
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		papers, err = papersOf(ctx, tx, a.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	var lacks []Remark
	if r.made(by.Name) {
		lacks = append(lacks, Remark{"", "it is approved by somebody who did not fill it in"})
	}
	var wrong *fault.Error
	if err := r.agree(Terms{}); errors.As(err, &wrong) {
		for _, f := range wrong.Fields {
			lacks = append(lacks, Remark{f.Pointer, f.Detail})
		}
	}
	return append(lacks, r.lacks(papers)...), nil
}

// Places returns what an approval made. Errors: ErrState before the approval.
func (s *Service) Places(ctx context.Context, a Application) (Place, error) {
	if a.TerminalNo == 0 {
		return Place{}, ErrState.Newf("nothing was made of it yet").
			Set("state", string(a.State))
	}
	p, err := s.Directory.Terminal(ctx, a.TerminalNo)
	if err != nil {
		return Place{}, fmt.Errorf("find what was made: %w", err)
	}
	return Place{p.Merchant, p.Store, *p.Terminal}, nil
}
