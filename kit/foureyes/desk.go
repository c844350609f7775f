package foureyes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/id"
)

// Person is somebody who proposes or decides.
type Person struct {
	// Name is what people call them; two requests of one name are of one person (Y1).
	Name string
	// Actor is the name for events; Name with "person:" before it when empty.
	Actor string
}

func (p Person) actor() string {
	if p.Actor != "" {
		return p.Actor
	}
	return "person:" + strings.TrimSpace(p.Name)
}

// NameMax is the longest name of a person, a label of 100 characters, and NoteMax the longest note,
// in bytes.
const (
	NameMax = 400
	NoteMax = 1200
)

// errNameless refuses a person or job without a name: every decision has one.
var errNameless = fmt.Errorf("whoever proposes or decides has a name of at most %d bytes", NameMax)

func (p Person) check() error {
	if strings.TrimSpace(p.Name) == "" || len(p.Name) > NameMax {
		return errNameless
	}
	return nil
}

// same compares names as people write them (Y1).
func same(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// Request is a change that waits for a second person, or waited.
type Request struct {
	ID      string
	Kind    string          // "fx.rates": which kind of change it is
	Subject string          // what it is about, for lists and events: "participant:3"
	Body    json.RawMessage // an object of the kind's own form; shown to whoever decides
	Digest  string          // names what is asked, so that it is asked once (Y4); "" does not
	Note    string          // why, in the maker's words
	State   State
	Maker   string
	Made    time.Time
	Checker string    // who decided; "" while it is open
	Decided time.Time // zero while it is open
}

// Apply does what a request asks for, in the transaction that approves it.
type Apply func(ctx context.Context, tx *db.Tx) error

// Kind is one kind of change: it looks at a request before the transaction and says what to do
// inside. It returns an error when the request cannot be done (ErrStale).
type Kind func(ctx context.Context, r Request) (Apply, error)

// Desk takes requests and decisions. It is safe for concurrent use once all kinds are known.
type Desk struct {
	db    *db.DB
	log   *event.Log
	lane  int
	kinds map[string]Kind
}

// New returns a desk on a database that has the tables of Migrations. log may be nil; with one,
// events are appended in lane.
func New(d *db.DB, log *event.Log, lane int) *Desk {
	check.That(d != nil, "foureyes: a desk needs a database")
	return &Desk{db: d, log: log, lane: lane, kinds: map[string]Kind{}}
}

// Handle tells the desk what to do when a request of a kind is approved. It panics when the kind
// is known already.
func (k *Desk) Handle(kind string, fn Kind) {
	check.That(kind != "" && fn != nil && k.kinds[kind] == nil,
		"foureyes: kind %q is handled twice or by nobody", kind)
	k.kinds[kind] = fn
}

// Kinds are the kinds that the desk can do, sorted.
func (k *Desk) Kinds() []string { return slices.Sorted(maps.Keys(k.kinds)) }

// Propose keeps requests, of which Kind, Subject, Body and perhaps Digest and Note are set, and
// returns those that are new (Y4). After the commit Wake tells whoever follows the events.
func (k *Desk) Propose(
	ctx context.Context, tx *db.Tx, by Person, rs ...Request,
) ([]Request, error) {
	if err := by.check(); err != nil {
		return nil, err
	}
	now := clock.Now().Truncate(time.Microsecond)
	for i := range rs {
		r := &rs[i]
		check.That(r.Kind != "" && json.Valid(r.Body) && len(r.Note) <= NoteMax,
			"foureyes: request %+v is not complete", r)
		r.ID, r.State = id.New("chg", 0), Open
		r.Maker, r.Made = strings.TrimSpace(by.Name), now
	}
	fresh, err := insert(ctx, tx, rs)
	if err != nil {
		return nil, fmt.Errorf("keep change requests: %w", err)
	}
	made := slices.DeleteFunc(slices.Clone(rs), func(r Request) bool { return !fresh[r.ID] })
	return made, k.tell(ctx, tx, "change.proposed", by, made)
}

// Supersede closes an open request because what it was about has changed since.
func (k *Desk) Supersede(ctx context.Context, tx *db.Tx, by Person, r Request) error {
	if err := k.decide(ctx, tx, &r, by, supersede); err != nil {
		return err
	}
	return k.tell(ctx, tx, "change.superseded", by, []Request{r})
}

// Approve does what an open request asks for (Y3) and returns it as it is then.
//
// Errors: ErrUnknown, ErrDecided, ErrOwn; those of the request's kind, ErrStale among them.
func (k *Desk) Approve(ctx context.Context, requestID string, by Person) (Request, error) {
	return k.conclude(ctx, requestID, by, approve)
}

// Reject closes an open request for ever. The maker may do it too.
//
// Errors: ErrUnknown, ErrDecided.
func (k *Desk) Reject(ctx context.Context, requestID string, by Person) (Request, error) {
	return k.conclude(ctx, requestID, by, reject)
}

// conclude takes the decision of a person.
func (k *Desk) conclude(
	ctx context.Context, requestID string, by Person, d decision,
) (Request, error) {
	if err := by.check(); err != nil {
		return Request{}, err
	}
	r, err := k.Find(ctx, requestID)
	if err != nil {
		return r, err
	}
	if err := r.may(by, d); err != nil {
		return r, err
	}
	apply, err := k.prepare(ctx, r, d)
	if err != nil {
		return r, err
	}
	err = k.db.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if r, err = locked(ctx, tx, requestID); err != nil {
			return err
		}
		if err := r.may(by, d); err != nil {
			return err
		}
		if err := apply(ctx, tx); err != nil {
			return err
		}
		if err := k.decide(ctx, tx, &r, by, d); err != nil {
			return err
		}
		return k.tell(ctx, tx, "change."+string(r.State), by, []Request{r})
	})
	if err != nil {
		return r, fmt.Errorf("%s %s: %w", d, requestID, err)
	}
	k.Wake()
	return r, nil
}

// may says whether somebody may decide so.
func (r Request) may(by Person, d decision) error {
	if _, ok := steps.Next(r.State, d); !ok {
		return ErrDecided.Newf("the change is %s", r.State).Set("state", string(r.State))
	}
	if d == approve && same(r.Maker, by.Name) {
		return ErrOwn.Newf("%s made this change", r.Maker)
	}
	return nil
}

// prepare returns what a decision does beside being one.
func (k *Desk) prepare(ctx context.Context, r Request, d decision) (Apply, error) {
	if d != approve {
		return func(context.Context, *db.Tx) error { return nil }, nil
	}
	kind := k.kinds[r.Kind]
	if kind == nil {
		return nil, fmt.Errorf("nothing here can do a change of kind %q", r.Kind)
	}
	return kind(ctx, r)
}

// decide moves a request by its table.
func (k *Desk) decide(
	ctx context.Context, tx *db.Tx, r *Request, by Person, d decision,
) error {
	from := r.State
	to, ok := steps.Next(from, d)
	if !ok {
		return ErrDecided.Newf("the change is %s", from).Set("state", string(from))
	}
	r.State, r.Checker = to, strings.TrimSpace(by.Name)
	r.Decided = clock.Now().Truncate(time.Microsecond)
	return move(ctx, tx, *r, from)
}

// tell appends an event for each request (Y5).
func (k *Desk) tell(
	ctx context.Context, tx *db.Tx, what string, by Person, rs []Request,
) error {
	if k.log == nil || len(rs) == 0 {
		return nil
	}
	evs := make([]event.Event, len(rs))
	for i, r := range rs {
		data, err := json.Marshal(map[string]string{"id": r.ID, "kind": r.Kind,
			"maker": r.Maker, "checker": r.Checker, "note": r.Note})
		if err != nil {
			return fmt.Errorf("write event data: %w", err)
		}
		evs[i] = event.Event{At: clock.Now(), Kind: what, Subject: r.Subject,
			Actor: by.actor(), Data: data}
	}
	if err := k.log.Append(ctx, tx, k.lane, evs); err != nil {
		return fmt.Errorf("append events: %w", err)
	}
	return nil
}

// Wake tells whoever follows the events that there are new ones; for after a transaction with
// Propose or Supersede.
func (k *Desk) Wake() {
	if k.log != nil {
		k.log.Wake()
	}
}

// Find returns a request. Errors: ErrUnknown.
func (k *Desk) Find(ctx context.Context, requestID string) (r Request, err error) {
	err = k.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		r, err = find(ctx, tx, requestID)
		return err
	})
	return r, err
}

// Filter says which requests are listed. Zero fields choose all.
type Filter struct {
	Kind  string
	State State
	// After is the last request of the page before, as its time and id.
	AfterUS int64
	AfterID string
	Limit   int // 0 is no limit
}

// List returns requests, the oldest first.
func (k *Desk) List(ctx context.Context, f Filter) (rs []Request, err error) {
	err = k.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		rs, err = List(ctx, tx, f)
		return err
	})
	return rs, err
}

// known turns "no row" into what it means here.
func known(err error, requestID string) error {
	if errors.Is(err, db.ErrNoRows) {
		return ErrUnknown.Newf("there is no change %q", requestID)
	}
	return err
}
