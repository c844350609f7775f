package party

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/foureyes"
	"watari/kit/id"
)

// Kind is one of the four things that have a number and a status; also the name of its table.
type Kind string

// The kinds.
const (
	KindParticipant Kind = "participant"
	KindMerchant    Kind = "merchant"
	KindStore       Kind = "store"
	KindTerminal    Kind = "terminal"
)

// Registry changes the directory. Its methods take the caller's transaction, so that several
// changes are one; each takes the reference row, bumps the version and appends an event with
// its actor (R1, R2). Change runs such a transaction; after another one the caller wakes the
// event log, while the directory of this node needs no word (R3).
//
// actor says who, as in every event: "key:…", "operator:…", "sandbox".
type Registry struct {
	db     *db.DB
	dir    *Directory
	log    *event.Log
	lane   int
	sight  SightRules
	desk   *foureyes.Desk                                          // see Attend
	capped func(ctx context.Context, tx *db.Tx, a Agreement) error // see WhenCapped
	moved  func(ctx context.Context, tx *db.Tx, actor string, m Merchant, to Status) error
}

// NewRegistry returns a registry that writes to d, appends to lane of log and tells dir. None
// of them may be nil; dir must be the directory that this node's payments ask.
func NewRegistry(
	d *db.DB, dir *Directory, log *event.Log, lane int, sight SightRules,
) *Registry {
	check.That(d != nil && dir != nil && log != nil, "party: registry lacks a part")
	return &Registry{db: d, dir: dir, log: log, lane: lane, sight: sight}
}

// begin takes the reference row for this transaction (R2).
func (r *Registry) begin(ctx context.Context, tx *db.Tx) error {
	version, err := bump(ctx, tx)
	if err != nil {
		return fmt.Errorf("bump reference version: %w", err)
	}
	h := r.dir.expect(version)
	if made, ok := ctx.Value(hopesMade{}).(*[]*hope); ok {
		*made = append(*made, h)
	}
	return nil
}

// hopesMade is the context key of what begin has told the directory inside a Change.
type hopesMade struct{}

// Change runs fn, which calls methods of r, in a transaction. Afterwards it wakes the event log,
// or tells the directory at once that nothing came of it. Errors: as of db.DB.Update.
func (r *Registry) Change(
	ctx context.Context, fn func(ctx context.Context, tx *db.Tx) error,
) error {
	var made []*hope
	err := r.db.Update(context.WithValue(ctx, hopesMade{}, &made), fn)
	switch {
	case err == nil:
		r.log.Wake()
	case !db.IsMaybeCommitted(err):
		r.dir.forget(made)
	}
	return err
}

// note appends one event. The subject of an event is "kind:number".
func (r *Registry) note(ctx context.Context, tx *db.Tx, e event.Event, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("write event data: %w", err)
	}
	e.At, e.Data = clock.Now(), text
	if err := r.log.Append(ctx, tx, r.lane, []event.Event{e}); err != nil {
		return fmt.Errorf("append event: %w", err)
	}
	return nil
}

// Subject is what the events of a participant, merchant, store or terminal are filed under.
func Subject(kind Kind, no int64) string { return string(kind) + ":" + strconv.FormatInt(no, 10) }

// AddParticipant adds a member and returns it with its number. It has no role until an
// agreement is added. Errors: ErrInvalid, ErrTaken.
func (r *Registry) AddParticipant(
	ctx context.Context, tx *db.Tx, actor string, p Participant,
) (Participant, error) {
	if err := p.clean(); err != nil {
		return p, err
	}
	if err := r.begin(ctx, tx); err != nil {
		return p, err
	}
	taken, err := participantTaken(ctx, tx, p)
	if err != nil {
		return p, err
	}
	if taken != "" {
		return p, ErrTaken.Newf("another participant has this %s", taken).At("/"+taken, "is taken")
	}
	if p.No, err = nextNo(ctx, tx, KindParticipant); err != nil {
		return p, err
	}
	if err := insertParticipant(ctx, tx, p); err != nil {
		return p, fmt.Errorf("insert participant: %w", err)
	}
	return p, r.note(ctx, tx, event.Event{Kind: "participant.added", Actor: actor,
		Subject: Subject(KindParticipant, p.No), AcquirerNo: p.No}, p.facts())
}

// ParticipantTerms is what can be changed of a participant beside its status and agreements.
type ParticipantTerms struct {
	Name     string
	BaseURL  string // issuers; no trailing slash
	OwnCodes bool   // issuers
	OnSight  bool   // acquirers
}

// SetParticipant changes a participant. Errors: ErrParticipantUnknown, ErrInvalid.
func (r *Registry) SetParticipant(
	ctx context.Context, tx *db.Tx, actor string, no int64, t ParticipantTerms,
) error {
	if err := r.begin(ctx, tx); err != nil {
		return err
	}
	p, err := participantByNo(ctx, tx, no)
	if err != nil {
		return err
	}
	p.Name, p.BaseURL, p.OwnCodes, p.OnSight = t.Name, t.BaseURL, t.OwnCodes, t.OnSight
	if err := p.clean(); err != nil {
		return err
	}
	if err := updateParticipant(ctx, tx, p); err != nil {
		return fmt.Errorf("update participant: %w", err)
	}
	return r.note(ctx, tx, event.Event{Kind: "participant.changed", Actor: actor,
		Subject: Subject(KindParticipant, no), AcquirerNo: no}, p.facts())
}

// AddAgreement adds the first or the next version of an agreement (R6) and returns it with its
// id and version. A FromUS of 0 is now. A cap where there was none is in force at once (R12).
//
// Errors: ErrParticipantUnknown, ErrInvalid; those of WhenCapped's function.
func (r *Registry) AddAgreement(
	ctx context.Context, tx *db.Tx, actor string, a Agreement,
) (Agreement, error) {
	if a.FromUS == 0 {
		a.FromUS = clock.Micros(clock.Now())
	}
	if err := a.clean(); err != nil {
		return a, err
	}
	if err := r.begin(ctx, tx); err != nil {
		return a, err
	}
	if _, err := participantByNo(ctx, tx, a.ParticipantNo); err != nil {
		return a, err
	}
	last, err := lastAgreement(ctx, tx, a.ParticipantNo, a.Role, a.Currency)
	switch {
	case err == nil:
		a.ID, a.Version = last.ID, last.Version+1
	case errors.Is(err, db.ErrNoRows):
		a.ID, a.Version = id.New("agr", int(a.ParticipantNo)), 1
	default:
		return a, err
	}
	if err := r.capFirst(ctx, tx, last, a); err != nil {
		return a, err
	}
	if err := insertAgreement(ctx, tx, a); err != nil {
		return a, fmt.Errorf("insert agreement: %w", err)
	}
	return a, r.note(ctx, tx, event.Event{Kind: "agreement.added", Actor: actor,
		Subject: Subject(KindParticipant, a.ParticipantNo), AcquirerNo: a.ParticipantNo},
		a.facts())
}

// AddKey adds a version of a participant's public key. A zero from is now, a zero until is
// open; several versions may be valid at once.
//
// Errors: ErrParticipantUnknown, ErrInvalid, ErrTaken.
func (r *Registry) AddKey(
	ctx context.Context, tx *db.Tx, actor string, k Key,
) error {
	if k.From.IsZero() {
		k.From = clock.Now()
	}
	if err := k.clean(); err != nil {
		return err
	}
	if err := r.begin(ctx, tx); err != nil {
		return err
	}
	if _, err := participantByNo(ctx, tx, k.ParticipantNo); err != nil {
		return err
	}
	if err := keyFree(ctx, tx, k); err != nil {
		return err
	}
	if err := insertKey(ctx, tx, k); err != nil {
		return fmt.Errorf("insert key: %w", err)
	}
	return r.note(ctx, tx, event.Event{Kind: "key.added", Actor: actor,
		Subject: Subject(KindParticipant, k.ParticipantNo), AcquirerNo: k.ParticipantNo},
		k.facts())
}

// keyFree refuses a key version that is there already.
func keyFree(ctx context.Context, tx *db.Tx, k Key) error {
	_, err := keyByVersion(ctx, tx, k.ParticipantNo, k.Version)
	switch {
	case err == nil:
		return ErrTaken.Newf("key version %d exists", k.Version).At("/version", "is taken")
	case errors.Is(err, ErrKeyUnknown):
		return nil
	}
	return err
}

// RetireKey ends the use of a key version for ever. Retiring it again changes nothing.
// Errors: ErrKeyUnknown.
func (r *Registry) RetireKey(
	ctx context.Context, tx *db.Tx, actor string, participantNo int64, version int,
) error {
	if err := r.begin(ctx, tx); err != nil {
		return err
	}
	k, err := keyByVersion(ctx, tx, participantNo, version)
	if err != nil {
		return err
	}
	n, err := retireKey(ctx, tx, participantNo, version)
	if err != nil || n == 0 {
		return err
	}
	k.Retired = clock.Now()
	return r.note(ctx, tx, event.Event{Kind: "key.retired", Actor: actor,
		Subject: Subject(KindParticipant, participantNo), AcquirerNo: participantNo}, k.facts())
}

// SetStatus changes the status of a participant, merchant, store or terminal. Setting the
// status that it has changes nothing.
//
// Errors: ErrParticipantUnknown and its siblings, ErrStatus.
func (r *Registry) SetStatus(
	ctx context.Context, tx *db.Tx, actor string, kind Kind, no int64, to Status,
) error {
	if err := r.begin(ctx, tx); err != nil {
		return err
	}
	now, acquirerNo, storeNo, err := statusOf(ctx, tx, kind, no)
	if err != nil || now == to {
		return err
	}
	change, _ := changeTo(to)
	if next, ok := Steps.Next(now, change); !ok || next != to {
		return ErrStatus.Newf("%s is %s and cannot be set to %s", kind, now, to).
			Set("status", string(now))
	}
	if err := setStatus(ctx, tx, kind, no, to); err != nil {
		return fmt.Errorf("set status: %w", err)
	}
	// Whoever is told locks rows of their own, and the lane comes last (event.Log.Append).
	if err := r.tellMoved(ctx, tx, actor, kind, no, to); err != nil {
		return err
	}
	return r.note(ctx, tx, event.Event{Kind: string(kind) + "." + string(change), Actor: actor,
		Subject: Subject(kind, no), AcquirerNo: acquirerNo, StoreNo: storeNo},
		map[string]any{"from": now, "to": to})
}

// statusOf returns the status of a thing with the acquirer and store that it belongs to.
func statusOf(
	ctx context.Context, tx *db.Tx, kind Kind, no int64,
) (s Status, acquirerNo, storeNo int64, err error) {
	switch kind {
	case KindParticipant:
		p, err := participantByNo(ctx, tx, no)
		return p.Status, no, 0, err
	case KindMerchant:
		m, err := merchantByNo(ctx, tx, no)
		return m.Status, m.AcquirerNo, 0, err
	case KindStore:
		s, err := storeByNo(ctx, tx, no)
		return s.Status, s.AcquirerNo, no, err
	case KindTerminal:
		t, err := terminalByNo(ctx, tx, no)
		return t.Status, t.AcquirerNo, t.StoreNo, err
	}
	check.That(false, "party: no kind %q", kind)
	return "", 0, 0, nil
}

// SetLedger closes the ledger for writes, or opens it, and says why.
func (r *Registry) SetLedger(
	ctx context.Context, tx *db.Tx, actor string, closed bool, why string,
) error {
	if err := r.begin(ctx, tx); err != nil {
		return err
	}
	if err := setLedger(ctx, tx, closed); err != nil {
		return fmt.Errorf("set ledger: %w", err)
	}
	kind := "ledger.opened"
	if closed {
		kind = "ledger.closed"
	}
	return r.note(ctx, tx, event.Event{Kind: kind, Actor: actor, Subject: "ledger"},
		map[string]any{"why": why})
}

// unknownOr tells an error that says "no such thing" from all others.
func unknownOr(err error, p *fault.Problem) (unknown bool, other error) {
	if errors.Is(err, p) {
		return true, nil
	}
	return false, err
}

// stamp writes a time into event data; "" for never.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
