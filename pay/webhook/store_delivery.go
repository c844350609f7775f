package webhook

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

const deliveryCols = `endpoint_id, seq, id, kind, subject, state, happened_at_us, queued_at_us,
	tries, last_try_at_us, answer, took_us, note, excerpt, ended_at_us`

// scanDelivery reads deliveryCols, and the body behind them when body is not nil.
func scanDelivery(r db.Row, body *string) (d Delivery, err error) {
	var happened, queued, took int64
	var tried, ended *int64
	into := []any{&d.EndpointID, &d.Seq, &d.ID, &d.Kind, &d.Subject, (*string)(&d.State),
		&happened, &queued, &d.Tries, &tried, &d.Answer, &took, &d.Note, &d.Excerpt, &ended}
	if body != nil {
		into = append(into, body)
	}
	err = r.Scan(into...)
	d.Happened, d.Queued = clock.FromMicros(happened), clock.FromMicros(queued)
	d.LastTry, d.Ended = timeOf(tried), timeOf(ended)
	d.Took = time.Duration(took) * time.Microsecond
	return d, err
}

func scanShort(r db.Row) (Delivery, error) { return scanDelivery(r, nil) }

func scanWhole(r db.Row) (Delivery, error) {
	var body string
	d, err := scanDelivery(r, &body)
	d.Body = body
	return d, err
}

// lockActive locks endpoints in the order of their ids and says which of them are active.
func lockActive(ctx context.Context, tx *db.Tx, ids []string) (map[string]bool, error) {
	active := map[string]bool{}
	for _, id := range ids {
		e, err := lockEndpoint(ctx, tx, id)
		if errors.Is(err, db.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if e.Status == Active {
			active[id] = true
		}
	}
	return active, nil
}

// insertDeliveries queues messages.
func insertDeliveries(ctx context.Context, tx *db.Tx, ds []Delivery) error {
	rows := make([][]any, len(ds))
	for i, d := range ds {
		rows[i] = []any{d.EndpointID, d.Seq, d.ID, d.Kind, d.Subject, string(d.State),
			clock.Micros(d.Happened), clock.Micros(d.Queued), int64(0), nil, int64(0), int64(0),
			"", "", nil, d.Body}
	}
	_, err := tx.Bulk(ctx, `insert into webhook_delivery (`+deliveryCols+`, body) {rows}`,
		[]db.Kind{db.Text, db.Int, db.Text, db.Text, db.Text, db.Text, db.Int, db.Int, db.Int,
			db.Int, db.Int, db.Int, db.Text, db.Text, db.Int, db.Text}, rows, nil)
	return err
}

// wake makes endpoints due that had nothing to do. They are locked already.
func wake(ctx context.Context, tx *db.Tx, ids []string, now time.Time) error {
	for _, id := range ids {
		_, err := tx.Exec(ctx, `update webhook_endpoint set next_at_us = $2
			where id = $1 and next_at_us is null and status = 'active'`, id, clock.Micros(now))
		if err != nil {
			return err
		}
	}
	return nil
}

// head returns the message whose turn it is, by the index of those that wait. Errors:
// db.ErrNoRows.
func head(ctx context.Context, tx *db.Tx, endpointID string) (Delivery, error) {
	return db.One(ctx, tx, scanWhole, `select `+deliveryCols+`, body from webhook_delivery
		where endpoint_id = $1 and state = 'waiting' order by seq limit 1`, endpointID)
}

// updateDelivery keeps an attempt; false when the message was given up or sent again by hand
// meanwhile.
func updateDelivery(
	ctx context.Context, tx *db.Tx, d Delivery, tries int64,
) (kept bool, err error) {
	n, err := tx.Exec(ctx, `update webhook_delivery set state = $3, tries = $4,
			last_try_at_us = cast($5 as bigint), answer = $6, took_us = $7, note = $8,
			excerpt = $9, ended_at_us = cast($10 as bigint)
		where endpoint_id = $1 and seq = $2 and state = 'waiting' and tries = $11
			and queued_at_us = $12`,
		d.EndpointID, d.Seq, string(d.State), d.Tries, micros(d.LastTry), d.Answer,
		d.Took.Microseconds(), d.Note, d.Excerpt, micros(d.Ended), tries, clock.Micros(d.Queued))
	return n == 1, err
}

// listDeliveries returns an endpoint's messages, newest first, without bodies.
func listDeliveries(
	ctx context.Context, tx *db.Tx, endpointID string, f DeliveryFilter, limit int,
) ([]Delivery, error) {
	var q strings.Builder
	args := []any{endpointID}
	q.WriteString(`select ` + deliveryCols + ` from webhook_delivery where endpoint_id = $1`)
	add := func(clause string, v any) {
		args = append(args, v)
		q.WriteString(clause + strconv.Itoa(len(args)))
	}
	if f.State != "" {
		add(` and state = $`, string(f.State))
	}
	if f.Kind != "" {
		add(` and kind = $`, f.Kind)
	}
	if f.Before != 0 {
		add(` and seq < $`, f.Before)
	}
	add(` order by seq desc limit $`, limit)
	return db.All(ctx, tx, scanShort, q.String(), args...)
}

// findDelivery returns one message of an endpoint. Errors: ErrDeliveryUnknown.
func findDelivery(ctx context.Context, tx *db.Tx, endpointID, id string) (Delivery, error) {
	d, err := db.One(ctx, tx, scanWhole, `select `+deliveryCols+`, body from webhook_delivery
		where id = $1 and endpoint_id = $2`, id, endpointID)
	if errors.Is(err, db.ErrNoRows) {
		return d, ErrDeliveryUnknown.Newf("the endpoint has no delivery %q", id)
	}
	return d, err
}

// again queues one message again, in its old place.
func again(ctx context.Context, tx *db.Tx, d Delivery, now time.Time) error {
	_, err := tx.Exec(ctx, `update webhook_delivery set state = 'waiting', tries = 0,
			queued_at_us = $3, ended_at_us = null
		where endpoint_id = $1 and seq = $2`, d.EndpointID, d.Seq, clock.Micros(now))
	return err
}

// againSince queues everything again that was given up and happened at or after a time.
func againSince(
	ctx context.Context, tx *db.Tx, endpointID string, since, now time.Time,
) (int64, error) {
	return tx.Exec(ctx, `update webhook_delivery set state = 'waiting', tries = 0,
			queued_at_us = $3, ended_at_us = null
		where endpoint_id = $1 and state = 'given_up' and happened_at_us >= $2`,
		endpointID, clock.Micros(since), clock.Micros(now))
}

// endByHand gives a message up that waits.
func endByHand(ctx context.Context, tx *db.Tx, d Delivery) error {
	_, err := tx.Exec(ctx, `update webhook_delivery set state = $3, note = $4, ended_at_us = $5
		where endpoint_id = $1 and seq = $2`,
		d.EndpointID, d.Seq, string(d.State), d.Note, clock.Micros(d.Ended))
	return err
}

// forgetMax is how many messages are forgotten in one transaction.
const forgetMax = 500

// forget deletes messages that were queued before a time, whatever became of them.
func forget(ctx context.Context, tx *db.Tx, before time.Time) (int64, error) {
	return tx.Exec(ctx, `delete from webhook_delivery where id in (
		select id from webhook_delivery where queued_at_us < $1
		order by queued_at_us, id limit `+strconv.Itoa(forgetMax)+`)`, clock.Micros(before))
}
