package signup

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"watari/kit/db"
)

// Filter says which applications are listed. Zero fields choose all.
type Filter struct {
	AcquirerNo int64   // 0: of all acquirers, for operators
	States     []State // none: all
	Text       string  // part of a name or id, in any case
	Prefecture string  // of the business
	MCC        string
	MerchantNo int64
	Oldest     bool   // oldest first; newest first otherwise
	After      string // a next cursor
	Limit      int    // 1 to 200; 0 is 50
	origin     Origin // how it came
}

// Items on a page of a list.
const pageSize, pageMost = 50, 200

// List returns applications by age, and the cursor of the next page, "" on the last.
//
// Errors: ErrCursor.
func (s *Service) List(ctx context.Context, f Filter) ([]Application, string, error) {
	if f.Limit < 1 {
		f.Limit = pageSize
	}
	f.Limit = min(f.Limit, pageMost)
	if f.After != "" && !isID(f.After, "app_") {
		return nil, "", ErrCursor.Newf("use a next_cursor as it was given")
	}
	asked := f.Limit
	f.Limit++
	var found []row
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		found, err = listApplications(ctx, tx, f)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list applications: %w", err)
	}
	next := ""
	if len(found) > asked {
		found = found[:asked]
		next = found[asked-1].ID
	}
	all := make([]Application, len(found))
	for i := range found {
		if err := s.open(&found[i]); err != nil {
			return nil, "", err
		}
		all[i] = found[i].Application
	}
	return all, next, nil
}

// isID says whether a text has the form of an id of this package.
func isID(text, prefix string) bool {
	if len(text) < len(prefix) || len(text) > 32 || text[:len(prefix)] != prefix {
		return false
	}
	for i := range len(text) {
		c := text[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && c != '_' {
			return false
		}
	}
	return true
}

// Count returns how many applications an acquirer has in each state; states with none are absent.
func (s *Service) Count(ctx context.Context, acquirerNo int64) (counts map[State]int, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		counts, err = countApplications(ctx, tx, acquirerNo)
		return err
	})
	return counts, err
}

// Find returns an application of an acquirer, of any when acquirerNo is 0. Errors: ErrUnknown.
func (s *Service) Find(
	ctx context.Context, acquirerNo int64, applicationID string,
) (Application, error) {
	a, err := s.find(ctx, acquirerNo, applicationID)
	return a.Application, err
}

func (s *Service) find(ctx context.Context, acquirerNo int64, applicationID string) (row, error) {
	var a row
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		a, err = findApplication(ctx, tx, applicationID)
		return err
	})
	if err != nil {
		return a, err
	}
	if acquirerNo != 0 && a.AcquirerNo != acquirerNo {
		return row{}, ErrUnknown.Newf("")
	}
	return a, s.open(&a)
}

// Entry is one line of an application's history.
type Entry struct {
	At    time.Time
	Kind  string // of the event: "application.approved"
	By    string // name
	Actor string // as in every event
	From  State  // "" when the state did not change
	To    State
}

// History returns what happened to an application, oldest first. Errors: ErrUnknown.
func (s *Service) History(
	ctx context.Context, acquirerNo int64, applicationID string,
) ([]Entry, error) {
	if _, err := s.Find(ctx, acquirerNo, applicationID); err != nil {
		return nil, err
	}
	evs, err := s.Log.Subject(ctx, applicationID)
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	entries := make([]Entry, len(evs))
	for i, e := range evs {
		var f facts
		if err := json.Unmarshal(e.Data, &f); err != nil {
			return nil, fmt.Errorf("read history: %w", err)
		}
		entries[i] = Entry{e.At, e.Kind, f.By, e.Actor, f.From, f.To}
	}
	return entries, nil
}
