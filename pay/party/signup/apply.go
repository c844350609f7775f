package signup

import (
	"context"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/foureyes"
	"watari/kit/id"
)

// Create begins an application that somebody at the bank fills in, as a draft.
//
// Errors: ErrInvalid, of texts that are too long or no text.
func (s *Service) Create(
	ctx context.Context, by foureyes.Person, acquirerNo int64, f Form,
) (Application, error) {
	whoever(by)
	f, err := sketch(f, clock.Now())
	if err != nil {
		return Application{}, err
	}
	a := s.begin(acquirerNo, ByBank, f)
	a.addMaker(by.Name)
	err = s.Registry.Change(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.add(ctx, tx, &a, by)
	})
	return a.Application, err
}

// begin is a new application.
func (s *Service) begin(acquirerNo int64, o Origin, f Form) row {
	at := now()
	return row{Application: Application{ID: id.New("app", int(acquirerNo)),
		AcquirerNo: acquirerNo, State: Draft, Origin: o, Form: f,
		Screening: Screening{Outcome: Pending}, Version: 1, Created: at, Changed: at}}
}

// add writes a new application with its event.
func (s *Service) add(
	ctx context.Context, tx *db.Tx, a *row, by foureyes.Person,
) error {
	if err := s.close(a); err != nil {
		return err
	}
	if err := insertApplications(ctx, tx, []row{*a}); err != nil {
		return err
	}
	return s.tell(ctx, tx, a, by, "application.created",
		facts{By: by.Name, To: a.State, Import: a.ImportID})
}

// Save replaces the form of a draft, of an application that was returned, or of one in review. The
// version is the one that whoever saves has seen.
//
// Errors: ErrUnknown, ErrState, ErrStale, ErrInvalid.
func (s *Service) Save(
	ctx context.Context, by foureyes.Person, acquirerNo int64, applicationID string,
	version int64, f Form,
) (Application, error) {
	whoever(by)
	return s.do(ctx, change{acquirerNo: acquirerNo, id: applicationID, by: by,
		version: version, kind: "application.saved",
		do: func(_ context.Context, _ *db.Tx, a *row, _ *facts) (err error) {
			return a.fill(f, by.Name)
		}})
}

// fill takes a form in. In review nothing is kept that could not be handed in.
func (a *row) fill(f Form, maker string) (err error) {
	if err := a.in(Draft, Returned, InReview); err != nil {
		return err
	}
	if a.State == InReview {
		a.Form, err = Check(f, false, clock.Now())
		a.Screening = Screening{Outcome: Pending} // what was screened may be another one by now
	} else {
		a.Form, err = sketch(f, clock.Now())
	}
	a.addMaker(maker)
	return err
}

// Submit hands in a draft, or what was returned. The screening begins anew.
//
// Errors: ErrUnknown, ErrState, ErrStale, ErrInvalid, ErrCategory.
func (s *Service) Submit(
	ctx context.Context, by foureyes.Person, acquirerNo int64, applicationID string,
	version int64,
) (Application, error) {
	whoever(by)
	return s.do(ctx, change{acquirerNo: acquirerNo, id: applicationID, by: by,
		version: version, kind: "application.submitted", do: submit})
}

func submit(_ context.Context, _ *db.Tx, a *row, _ *facts) (err error) {
	if err := a.step(OnSubmit); err != nil {
		return err
	}
	if a.Form, err = Check(a.Form, false, clock.Now()); err != nil {
		return err
	}
	a.Remarks, a.Screening = nil, Screening{Outcome: Pending}
	a.Submitted = now()
	return nil
}

// Withdraw gives an application up before somebody looks at it. Errors: ErrUnknown, ErrState.
func (s *Service) Withdraw(
	ctx context.Context, by foureyes.Person, acquirerNo int64, applicationID string,
) (Application, error) {
	return s.do(ctx, change{acquirerNo: acquirerNo, id: applicationID, by: by,
		kind: "application.withdrawn",
		do: func(_ context.Context, _ *db.Tx, a *row, _ *facts) error {
			return a.step(OnWithdraw)
		}})
}
