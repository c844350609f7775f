package signup

import (
	"context"
	"strconv"

	"watari/kit/db"
	"watari/kit/foureyes"
)

// Longest texts of people who decide, in characters.
const (
	remarkMax  = 500
	remarksMax = 50
	reasonMax  = 500
	noteMax    = 2000
)

// Review takes an application that was handed in into review. Errors: ErrUnknown, ErrState.
func (s *Service) Review(
	ctx context.Context, by foureyes.Person, acquirerNo int64, applicationID string,
) (Application, error) {
	whoever(by)
	return s.do(ctx, change{acquirerNo: acquirerNo, id: applicationID, by: by,
		kind: "application.reviewed",
		do: func(_ context.Context, _ *db.Tx, a *row, _ *facts) error {
			a.Reviewer = by.Name
			return a.step(OnReview)
		}})
}

// Return gives an application in review back with what has to be mended, at least one remark. The
// merchant reads the remarks.
//
// Errors: ErrUnknown, ErrState, ErrInvalid.
func (s *Service) Return(
	ctx context.Context, by foureyes.Person, acquirerNo int64, applicationID string,
	remarks []Remark,
) (Application, error) {
	whoever(by)
	var f sheet
	if len(remarks) == 0 || len(remarks) > remarksMax {
		f.bad("/remarks", "must be 1 to 50")
	}
	for i := range remarks {
		at := "/remarks/" + strconv.Itoa(i)
		f.text(at+"/text", &remarks[i].Text, remarkMax, true)
		f.text(at+"/pointer", &remarks[i].Pointer, codeMax, false)
	}
	if err := f.result(); err != nil {
		return Application{}, err
	}
	return s.do(ctx, change{acquirerNo: acquirerNo, id: applicationID, by: by,
		kind: "application.returned",
		do: func(_ context.Context, _ *db.Tx, a *row, _ *facts) error {
			a.Remarks = remarks
			return a.step(OnReturn)
		}})
}

// Refuse ends an application in review for ever. The reason, 1 to 500 characters, is what the
// merchant is shown.
//
// Errors: ErrUnknown, ErrState, ErrInvalid.
func (s *Service) Refuse(
	ctx context.Context, by foureyes.Person, acquirerNo int64, applicationID, reason string,
) (Application, error) {
	whoever(by)
	var f sheet
	f.text("/reason", &reason, reasonMax, true)
	if err := f.result(); err != nil {
		return Application{}, err
	}
	return s.do(ctx, change{acquirerNo: acquirerNo, id: applicationID, by: by,
		kind: "application.refused",
		do: func(_ context.Context, _ *db.Tx, a *row, _ *facts) error {
			a.Reason, a.Decider, a.Decided = reason, by.Name, now()
			return a.step(OnRefuse)
		}})
}

// Screen notes what a screening came to, with a note of 1 to 2,000 characters on what was asked.
//
// Errors: ErrUnknown, ErrState when it was not handed in or is decided, ErrInvalid.
func (s *Service) Screen(
	ctx context.Context, by foureyes.Person, acquirerNo int64, applicationID string, o Outcome,
	note string,
) (Application, error) {
	whoever(by)
	var f sheet
	if o != Pending && o != Clear && o != Hit {
		f.bad("/outcome", "must be pending, clear or hit")
	}
	f.note(&note)
	if err := f.result(); err != nil {
		return Application{}, err
	}
	return s.do(ctx, change{acquirerNo: acquirerNo, id: applicationID, by: by,
		kind: "application.screened",
		do: func(ctx context.Context, tx *db.Tx, a *row, f *facts) error {
			if err := a.in(Applied, InReview); err != nil {
				return err
			}
			a.Screening, f.Outcome = Screening{o, by.Name, now()}, o
			_, err := s.note(ctx, tx, by, a.ID, "Screening: "+string(o)+". "+note)
			return err
		}})
}
