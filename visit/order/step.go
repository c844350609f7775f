package order

import (
	"context"
	"errors"
	"fmt"

	"watari/kit/batch"
)

// step is one thing to do to an order. It is decided on what the transaction has locked and read;
// one that is tried again is decided again, so it sets what it answers anew each time.
type step interface {
	// key is the order; two steps of one order never share a transaction.
	key() string
	// decide changes the sheet. A refusal changes nothing; an error is of the database or the
	// seller and ends the transaction.
	decide(ctx context.Context, sh *sheet, o *Order) error
}

// ending is a step in the batch.
type ending struct{ step }

func (e *ending) batchKey() string { return e.key() }

// endReply is what became of a step: the order as it is then, or a refusal.
type endReply struct {
	order *Order
	err   error
}

// runEnds takes a batch of steps through one transaction.
func (s *Service) runEnds(ctx context.Context, steps []*ending) ([]endReply, error) {
	ids := make([]string, len(steps))
	for i, e := range steps {
		ids[i] = e.key()
	}
	replies := make([]endReply, len(steps))
	err := s.work(ctx, ids, func(ctx context.Context, sh *sheet) error {
		for i, e := range steps {
			o := sh.orders[e.key()]
			if o == nil {
				replies[i] = endReply{err: ErrNotFound.Newf("there is no order %q", e.key())}
				continue
			}
			err := e.decide(ctx, sh, o)
			var undo *undone
			if _, ok := refused(err); err != nil && !ok || errors.As(err, &undo) {
				return err
			}
			replies[i] = endReply{o, err}
		}
		return nil
	})
	return replies, err
}

// do puts a step into a batch and waits for its answer. It is committed even when ctx ends.
func (s *Service) do(ctx context.Context, st step) (*Order, error) {
	r, err := s.ends.Do(ctx, &ending{st})
	switch {
	case err == batch.ErrBusy:
		return nil, ErrBusy.Newf("too many orders are waiting; try again").Because(err)
	case err != nil:
		if f, ok := refused(err); ok {
			return nil, f // the books are closed
		}
		return nil, fmt.Errorf("%T of %s: %w", st, st.key(), err)
	case r.err != nil:
		return nil, r.err
	}
	return r.order, nil
}

// undone is an error after which nothing of the transaction may be kept, though it may hold a
// refusal: a seller had begun to write.
type undone struct{ cause error }

// Error returns the cause's text.
func (u *undone) Error() string { return u.cause.Error() }

// Unwrap returns the cause.
func (u *undone) Unwrap() error { return u.cause }
