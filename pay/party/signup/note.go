package signup

import (
	"context"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"watari/kit/db"
	"watari/kit/foureyes"
	"watari/kit/id"
)

// note looks at a text of several lines.
func (s *sheet) note(t *string) {
	*t = norm.NFC.String(strings.TrimSpace(strings.ReplaceAll(*t, "\r\n", "\n")))
	inner := strings.NewReplacer("\n", "", "\t", "").Replace(*t)
	switch {
	case !utf8.ValidString(*t) || strings.ContainsFunc(inner, hidden):
		s.bad("/note", "must not hold control or format characters")
	case *t == "":
		s.bad("/note", "is needed")
	case utf8.RuneCountInString(*t) > noteMax:
		s.bad("/note", "must be at most 2000 characters")
	}
}

// AddNote writes a note of 1 to 2,000 characters that only people of the bank read.
//
// Errors: ErrUnknown, ErrInvalid.
func (s *Service) AddNote(
	ctx context.Context, by foureyes.Person, acquirerNo int64, applicationID, text string,
) (Note, error) {
	whoever(by)
	var f sheet
	if f.note(&text); f.err != nil {
		return Note{}, f.err
	}
	var n Note
	_, err := s.do(ctx, change{acquirerNo: acquirerNo, id: applicationID, by: by,
		kind: "application.noted",
		do: func(ctx context.Context, tx *db.Tx, a *row, _ *facts) (err error) {
			n, err = s.note(ctx, tx, by, a.ID, text)
			return err
		}})
	return n, err
}

// note writes a note about an application.
func (s *Service) note(
	ctx context.Context, tx *db.Tx, by foureyes.Person, applicationID, text string,
) (Note, error) {
	shard, _ := id.Shard(applicationID)
	n := Note{ID: id.New("not", shard), Text: text, By: by.Name, At: now()}
	return n, insertNote(ctx, tx, applicationID, n, s.sealFor(n.ID, text))
}

// Notes returns the notes about an application, oldest first. Errors: ErrUnknown.
func (s *Service) Notes(
	ctx context.Context, acquirerNo int64, applicationID string,
) ([]Note, error) {
	if _, err := s.find(ctx, acquirerNo, applicationID); err != nil {
		return nil, err
	}
	var notes []Note
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		notes, err = notesOf(ctx, tx, applicationID)
		return err
	})
	for i := range notes {
		if err == nil {
			notes[i].Text, err = s.openFor(notes[i].ID, notes[i].Text)
		}
	}
	return notes, err
}
