package gate

import (
	"context"

	"watari/kit/db"
)

// End a key. One that has ended stays as it is.
func withdrawKey(ctx context.Context, tx *db.Tx, parkID string, no uint16, nowUS int64) error {
	_, err := tx.Exec(ctx, `update gate_key set withdrawn_us = $3
		where park_id = $1 and no = $2 and withdrawn_us = 0`, parkID, int64(no), nowUS)
	return err
}

// ticketAt is a place in the order of the ends of tickets.
type ticketAt struct {
	until  int64 // of its last minute, in microseconds
	number string
}

// Which tickets of a park may still be used, after one, in the order of their ends? They are
// locked.
func ticketsAfter(
	ctx context.Context, tx *db.Tx, parkID string, nowUS int64, after ticketAt, limit int64,
) ([]Ticket, error) {
	const minute = 60_000_000
	return db.All(ctx, tx, scanTicket, `select `+ticketCols+` from park_ticket
		where park_id = $1 and not_after_us >= $2 and state <> 'revoked'
			and (not_after_us > $3 or not_after_us = $3 and number > $4)
		order by not_after_us, number limit $5 /*pg for update */`, parkID, nowUS-minute,
		after.until, after.number, limit)
}

// Write the texts of tickets anew.
func updateTexts(ctx context.Context, tx *db.Tx, ts []Ticket, nowUS int64) error {
	rows := make([][]any, len(ts))
	for i, t := range ts {
		rows[i] = []any{t.ID, t.Text, nowUS}
	}
	_, err := tx.Bulk(ctx, `with v(i, t, now_us) as ({rows}) update park_ticket
		set text = v.t, changed_us = v.now_us from v where park_ticket.id = v.i`,
		[]db.Kind{db.Text, db.Text, db.Int}, rows, nil)
	return err
}
