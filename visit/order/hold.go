package order

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"watari/kit/batch"
	"watari/kit/check"
	"watari/kit/crash"
	"watari/kit/db"
	"watari/kit/id"
	"watari/pay/party"
)

// Hold prices a request and takes its stock until Order.Expires (O1). The same request id of the
// same buyer returns the same order, as it is by then.
//
// Errors: ErrRequest with fields, ErrRepeated, ErrBusy, and the seller's refusals, which are not
// kept: the same request may be sent again.
func (s *Service) Hold(ctx context.Context, q Request) (*Order, error) {
	if err := s.checkRequest(&q); err != nil {
		return nil, err
	}
	q.OrderID = ""
	h := &holding{owner: q.owner(), compared: compared(&q)}
	q.OrderID = id.New("ord", 0)
	h.q = q
	r, err := s.holds.Do(ctx, h)
	switch {
	case err == batch.ErrBusy:
		return nil, ErrBusy.Newf("too many orders are waiting; try again").Because(err)
	case err != nil:
		return nil, fmt.Errorf("hold: %w", err)
	}
	return r.order, r.err
}

// owner is with whom request ids are unique.
func (q *Request) owner() string {
	if q.VisitorID != "" {
		return q.VisitorID
	}
	return q.Account
}

// compared is what repeats of a request must have in common.
func compared(q *Request) string {
	b, err := json.Marshal(q)
	check.That(err == nil, "order: request: %v", err)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// holding is a request in the batch.
type holding struct {
	q               Request
	owner, compared string
	// wrong is why no order can be made of what the seller held: its own answer, whoever else is
	// in the batch.
	wrong error
}

func (h *holding) batchKey() string { return h.owner + "\x00" + h.q.RequestID }

type holdReply struct {
	order *Order
	err   error
}

// errWrong says that no orders can be made of some requests of a batch, which are marked by now:
// what was held for them is rolled back with it, and the others are held without them.
var errWrong = errors.New("the seller's answer is no order")

// runHolds takes a batch of requests through one transaction. Another node may have taken a
// request id meanwhile, or the commit was in doubt: then it is decided again, and finds the order.
func (s *Service) runHolds(ctx context.Context, items []*holding) ([]holdReply, error) {
	for try := 1; ; try++ {
		replies, err := s.holdOnce(ctx, items)
		again := db.IsUnique(err) || db.IsMaybeCommitted(err) || errors.Is(err, errWrong)
		if !again || try == workTries {
			s.Log.Wake()
			return replies, err
		}
	}
}

func (s *Service) holdOnce(ctx context.Context, items []*holding) ([]holdReply, error) {
	var replies []holdReply
	err := s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		replies = make([]holdReply, len(items))
		fresh, err := s.repeats(ctx, tx, items, replies)
		if err != nil || len(fresh) == 0 {
			return err
		}
		now := s.Now()
		read, err := s.Directory.Read(ctx, tx)
		if err != nil {
			return err
		}
		var made []*Order
		for _, kind := range kindsOf(items, fresh) {
			some, err := s.ask(ctx, tx, read, now, kind, items, fresh, replies)
			if err != nil {
				return err
			}
			made = append(made, some...)
		}
		return s.keep(ctx, tx, byID(made))
	})
	return replies, err
}

// repeats answers the requests that came before, and returns the places of the others.
func (s *Service) repeats(
	ctx context.Context, tx *db.Tx, items []*holding, replies []holdReply,
) ([]int, error) {
	keys := make([][]any, len(items))
	for i, h := range items {
		keys[i] = []any{h.owner, h.q.RequestID}
	}
	before, err := readAsked(ctx, tx, keys)
	if err != nil {
		return nil, fmt.Errorf("look for earlier requests: %w", err)
	}
	var fresh []int
	var ids []string
	for i, h := range items {
		was, ok := before[h.batchKey()]
		switch {
		case !ok && h.wrong != nil:
			replies[i].err = h.wrong
		case !ok:
			fresh = append(fresh, i)
		case was.compared != h.compared:
			replies[i].err = ErrRepeated.Newf("the request id %s was used for another order",
				h.q.RequestID)
		default:
			ids = append(ids, was.id)
		}
	}
	if len(ids) == 0 {
		return fresh, nil
	}
	found, err := readOrders(ctx, tx, ids)
	for i, h := range items {
		if was, ok := before[h.batchKey()]; ok && replies[i].err == nil {
			replies[i].order = found[was.id]
		}
	}
	return fresh, err
}

func kindsOf(items []*holding, places []int) []string {
	var out []string
	for _, i := range places {
		out = append(out, items[i].q.Seller)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ask lets one seller hold everything that is wanted of it, and returns the orders.
func (s *Service) ask(
	ctx context.Context, tx *db.Tx, read *party.Reading, now time.Time, kind string,
	items []*holding, places []int, replies []holdReply,
) ([]*Order, error) {
	var qs []*Request
	var of []int
	for _, i := range places {
		if items[i].q.Seller == kind {
			q := items[i].q
			qs, of = append(qs, &q), append(of, i)
		}
	}
	held, err := s.seller(kind).Hold(ctx, tx, now, qs)
	if err != nil {
		return nil, fmt.Errorf("hold what %s sells: %w", kind, err)
	}
	if len(held) != len(qs) {
		return nil, fmt.Errorf("%s answers %d of %d requests", kind, len(held), len(qs))
	}
	var made []*Order
	var at []int
	wrong := false
	for n, i := range of {
		h := items[i]
		if held[n].Refusal != nil {
			replies[i].err = held[n].Refusal
			continue
		}
		o, err := s.make(ctx, read, now, h, held[n])
		if errors.Is(err, errWrong) {
			h.wrong = fmt.Errorf("%s holds for %s: %w", kind, h.q.RequestID, err)
			wrong = true
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s holds for %s: %w", kind, h.q.RequestID, err)
		}
		replies[i].order = o
		made, at = append(made, o), append(at, i)
	}
	if wrong {
		return nil, fmt.Errorf("hold what %s sells: %w", kind, errWrong)
	}
	return s.pledged(ctx, tx, now, kind, made, at, replies)
}

// make makes the order of a hold.
//
// Errors: errWrong, of this order alone; others are the database's.
func (s *Service) make(
	ctx context.Context, read *party.Reading, now time.Time, h *holding, held Held,
) (*Order, error) {
	if priceOf(held.Lines) == 0 {
		held.Lines, held.OnlyIssuers = byPlace(held.Lines), nil
	}
	if err := held.check(now); err != nil {
		return nil, fmt.Errorf("%w: %w", errWrong, err)
	}
	point, err := read.Find(ctx, held.Point.AcquirerNo, held.Point.MerchantID,
		held.Point.StoreID, held.Point.TerminalID)
	if f, ok := refused(err); ok { // of the seller's making: not the buyer's to know
		return nil, fmt.Errorf("%w: the place that sells is unknown: %s", errWrong, f.Error())
	}
	if err != nil {
		return nil, fmt.Errorf("find the place that sells: %w", err)
	}
	q := h.q
	o := &Order{ID: q.OrderID, RequestID: q.RequestID, Seller: q.Seller, Place: q.Place,
		VisitorID: q.VisitorID, Channel: q.Channel, Account: q.Account, IssuerID: q.IssuerID,
		State: StateHeld, Version: 1, Expires: held.Expires.UTC().Truncate(time.Microsecond),
		Created: now, Policy: held.Policy, Basket: held.Basket, Point: held.Point,
		MerchantNo: point.Merchant.No, StoreNo: point.Store.No, OnlyIssuers: held.OnlyIssuers,
		Voucher: q.Voucher, Claims: q.Claims, Lang: q.Lang, Note: q.Note,
		Description: held.Description, owner: h.owner, compared: h.compared}
	o.due = o.Expires
	for _, l := range held.Lines {
		l.State, l.Refunded = LineHeld, 0
		o.List += l.List
		o.Total += l.Price
		o.Lines = append(o.Lines, l)
	}
	return o, nil
}

// keep writes new orders.
func (s *Service) keep(ctx context.Context, tx *db.Tx, os []*Order) error {
	if len(os) == 0 {
		return nil
	}
	if err := insertOrders(ctx, tx, os); err != nil {
		return fmt.Errorf("keep orders: %w", err)
	}
	if err := insertLines(ctx, tx, os); err != nil {
		return fmt.Errorf("keep lines: %w", err)
	}
	sh := &sheet{now: os[0].Created}
	for _, o := range os {
		sh.tell(o, string(StateHeld), o.buyer(), facts{"total": o.Total, "lines": len(o.Lines),
			"place": o.Place})
	}
	if err := s.Log.Append(ctx, tx, s.Lane, sh.events); err != nil {
		return err
	}
	crash.At(crash.InBatch)
	return nil
}

// buyer is who buys, as an actor.
func (o *Order) buyer() string {
	if o.VisitorID != "" {
		return "visitor:" + o.VisitorID
	}
	return o.Account
}
