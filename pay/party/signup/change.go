package signup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/foureyes"
)

// facts are what an event of an application says beside its kind. It names nobody but who acted.
type facts struct {
	By         string  `json:"by,omitempty"`
	From       State   `json:"from,omitempty"`
	To         State   `json:"to,omitempty"`
	Outcome    Outcome `json:"outcome,omitempty"`
	Paper      Paper   `json:"paper,omitempty"`
	Document   string  `json:"document,omitempty"`
	MerchantNo int64   `json:"merchant_no,omitempty"`
	StoreNo    int64   `json:"store_no,omitempty"`
	TerminalNo int64   `json:"terminal_no,omitempty"`
	Import     string  `json:"import,omitempty"`
	RequestID  string  `json:"request_id,omitempty"`
	Notify     int     `json:"notify,omitempty"` // 1: its end is told by protocol
}

// change is one thing that is done to an application.
type change struct {
	acquirerNo int64 // 0: of any
	id         string
	by         foureyes.Person
	version    int64 // that was seen; 0: whatever it is
	kind       string
	// do changes the application and adds to the event.
	do func(ctx context.Context, tx *db.Tx, a *row, f *facts) error
}

// do changes an application: locked, as one of the acquirer's, with an event (U1).
func (s *Service) do(ctx context.Context, c change) (Application, error) {
	var a row
	err := s.Registry.Change(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		a, err = s.doIn(ctx, tx, c)
		return err
	})
	return a.Application, err
}

// doIn is do inside a transaction.
func (s *Service) doIn(ctx context.Context, tx *db.Tx, c change) (row, error) {
	a, err := s.lock(ctx, tx, c.acquirerNo, c.id)
	if err != nil {
		return a, err
	}
	if c.version != 0 && c.version != a.Version {
		return a, ErrStale.Newf("it has version %d by now", a.Version).Set("version", a.Version)
	}
	f := facts{By: strings.TrimSpace(c.by.Name), From: a.State}
	if err := c.do(ctx, tx, &a, &f); err != nil {
		return a, err
	}
	if f.To = a.State; f.To == f.From {
		f.From, f.To = "", ""
	}
	return a, s.keep(ctx, tx, &a, c.by, c.kind, f)
}

// lock reads an application of an acquirer, whole, until the transaction ends.
func (s *Service) lock(
	ctx context.Context, tx *db.Tx, acquirerNo int64, id string,
) (row, error) {
	a, err := lockApplication(ctx, tx, id)
	if err != nil {
		return a, err
	}
	if acquirerNo != 0 && a.AcquirerNo != acquirerNo {
		return a, ErrUnknown.Newf("")
	}
	return a, s.open(&a)
}

// keep writes a changed application with its event.
func (s *Service) keep(
	ctx context.Context, tx *db.Tx, a *row, by foureyes.Person, kind string, f facts,
) error {
	a.Changed = clock.Now()
	if err := s.close(a); err != nil {
		return err
	}
	if err := updateApplication(ctx, tx, a); err != nil {
		return fmt.Errorf("keep application: %w", err)
	}
	return s.tell(ctx, tx, a, by, kind, f)
}

// tell appends an event of an application.
func (s *Service) tell(
	ctx context.Context, tx *db.Tx, a *row, by foureyes.Person, kind string, f facts,
) error {
	if a.NotifyURL != "" {
		f.Notify = 1
	}
	f.RequestID = a.RequestID
	e, err := s.event(a.ID, a.AcquirerNo, by, kind, f)
	if err != nil {
		return err
	}
	e.StoreNo = a.StoreNo
	return s.append(ctx, tx, e)
}

// event makes an event.
func (s *Service) event(
	subject string, acquirerNo int64, by foureyes.Person, kind string, data any,
) (event.Event, error) {
	text, err := json.Marshal(data)
	if err != nil {
		return event.Event{}, fmt.Errorf("write event data: %w", err)
	}
	return event.Event{At: clock.Now(), Kind: kind, Subject: subject, AcquirerNo: acquirerNo,
		Actor: actorOf(by), Data: text}, nil
}

func (s *Service) append(ctx context.Context, tx *db.Tx, evs ...event.Event) error {
	if err := s.Log.Append(ctx, tx, s.Lane, evs); err != nil {
		return fmt.Errorf("append events: %w", err)
	}
	return nil
}

// actorOf is the name of a person for events.
func actorOf(by foureyes.Person) string {
	if by.Actor != "" {
		return by.Actor
	}
	return "person:" + strings.TrimSpace(by.Name)
}

// step moves an application by its table.
func (a *row) step(st Step) error {
	to, ok := Steps.Next(a.State, st)
	if !ok {
		return ErrState.Newf("the application is %s", a.State).Set("state", string(a.State))
	}
	a.State = to
	return nil
}

// in refuses a change that is not done in the state that an application has.
func (a *row) in(states ...State) error {
	if slices.Contains(states, a.State) {
		return nil
	}
	return ErrState.Newf("the application is %s", a.State).Set("state", string(a.State))
}

// now is the time as it is stored.
func now() time.Time { return clock.Now().Truncate(time.Microsecond) }

// invalid is one field that is wrong.
func invalid(pointer, text string) *fault.Error {
	return ErrInvalid.Newf("").At(pointer, text)
}

// pointed puts the fields of an error that is p under a pointer.
func pointed(err error, p *fault.Problem, under map[string]string) error {
	var e *fault.Error
	if !errors.As(err, &e) || e.Problem != p {
		return err
	}
	moved := e.Problem.Newf("%s", e.Detail).Because(err)
	for _, f := range e.Fields {
		at := f.Pointer
		for from, to := range under {
			if rest, ok := strings.CutPrefix(at, from); ok {
				at = to + rest
				break
			}
		}
		moved.At(at, f.Detail)
	}
	return moved
}

// whoever checks that a decision has a name.
func whoever(by foureyes.Person) {
	check.That(strings.TrimSpace(by.Name) != "", "signup: somebody without a name decides")
}
