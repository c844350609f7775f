package payment

import (
	"context"

	"watari/kit/db"
)

// finder lists the ids of rows that should not be, the first hundred of them.
type finder func(ctx context.Context, tx *db.Tx) ([]string, error)

func ids(ctx context.Context, tx *db.Tx, q string) ([]string, error) {
	return db.All(ctx, tx, func(r db.Row) (id string, err error) {
		err = r.Scan(&id)
		return id, err
	}, q)
}

// Which legs have no payment? By the primary key of payments.
func strayLegs(ctx context.Context, tx *db.Tx) ([]string, error) {
	return ids(ctx, tx, `select l.id from payment_leg l
		left join payment p on p.acquirer_no = l.acquirer_no and p.id = l.payment_id
		where p.id is null order by l.acquirer_no, l.id limit 100`)
}

// Which refunds have no payment? By the primary key of payments.
func strayRefunds(ctx context.Context, tx *db.Tx) ([]string, error) {
	return ids(ctx, tx, `select f.id from payment_refund f
		left join payment p on p.acquirer_no = f.acquirer_no and p.id = f.payment_id
		where p.id is null order by f.acquirer_no, f.id limit 100`)
}

// Which payments have not the claim of their request id? By the primary key of claims.
func unclaimedPayments(ctx context.Context, tx *db.Tx) ([]string, error) {
	return ids(ctx, tx, `select p.id from payment p
		left join payment_claim c on c.acquirer_no = p.acquirer_no
			and c.scope = p.channel || '.pay' and c.request_id = p.request_id
			and c.subject = p.id and c.refusal is null
		where c.subject is null order by p.acquirer_no, p.id limit 100`)
}

// Which refunds have not the claim of their request id, on any channel? By the primary key of
// claims.
func unclaimedRefunds(ctx context.Context, tx *db.Tx) ([]string, error) {
	return ids(ctx, tx, `select f.id from payment_refund f
		left join payment_claim c on c.acquirer_no = f.acquirer_no
			and c.scope in ('aps.refund', 'v1.refund', 'till.refund', 'order.refund')
			and c.request_id = f.request_id and c.subject = f.id and c.refusal is null
		where c.subject is null order by f.acquirer_no, f.id limit 100`)
}

// Which captures have no payment? By the primary key of payments.
func strayCaptures(ctx context.Context, tx *db.Tx) ([]string, error) {
	return ids(ctx, tx, `select k.id from payment_capture k
		left join payment p on p.acquirer_no = k.acquirer_no and p.id = k.payment_id and p.hold
		where p.id is null order by k.acquirer_no, k.id limit 100`)
}

// Which captures have not the claim of their request id, on any channel? By the primary key of
// claims.
func unclaimedCaptures(ctx context.Context, tx *db.Tx) ([]string, error) {
	return ids(ctx, tx, `select k.id from payment_capture k
		left join payment_claim c on c.acquirer_no = k.acquirer_no
			and c.scope in ('aps.capture', 'v1.capture', 'till.capture')
			and c.request_id = k.request_id and c.subject = k.id and c.refusal is null
		where c.subject is null order by k.acquirer_no, k.id limit 100`)
}

// Which claims that were not refused lead to nothing? By the primary keys of both.
func strayClaims(ctx context.Context, tx *db.Tx) ([]string, error) {
	return ids(ctx, tx, `select c.request_id from payment_claim c
		left join payment p on p.acquirer_no = c.acquirer_no and p.id = c.subject
		left join payment_refund f on f.acquirer_no = c.acquirer_no and f.id = c.subject
		left join payment_capture k on k.acquirer_no = c.acquirer_no and k.id = c.subject
		left join payer_consent o on o.acquirer_no = c.acquirer_no and o.id = c.subject
		where c.refusal is null and p.id is null and f.id is null and k.id is null
			and o.id is null
		order by c.acquirer_no, c.scope, c.request_id limit 100`)
}

// Which payments of a channel have taken money? In the order of their keys, after one of them, by
// the primary key.
func paidAfter(
	ctx context.Context, tx *db.Tx, ch Channel, after pk, limit int,
) ([]Paid, error) {
	return db.All(ctx, tx, func(r db.Row) (t Paid, err error) {
		return t, r.Scan(&t.AcquirerNo, &t.ID, &t.RequestID, &t.OrderRef, &t.Minor)
	}, `select acquirer_no, id, request_id, order_ref, captured_minor from payment
		where (acquirer_no, id) > ($1, $2) and channel = $3 and captured_minor > 0
			and state <> 'cancelled'
		order by acquirer_no, id limit $4`, after.acquirer, after.id, string(ch), limit)
}
