package gate

import (
	"context"
	"time"

	"watari/kit/db"
	"watari/visit/park"
)

// How many tickets are inside a park since a moment, by age class?
func insideNow(ctx context.Context, tx *db.Tx, parkID string, fromUS int64) (Occupancy, error) {
	o := Occupancy{ByUnit: map[park.Unit]int64{}}
	err := tx.Each(ctx, func(r db.Row) error {
		var unit string
		var n int64
		if err := r.Scan(&unit, &n); err != nil {
			return err
		}
		o.ByUnit[park.Unit(unit)] = n
		o.Now += n
		return nil
	}, `select unit, count(*) from park_ticket where park_id = $1 and inside and last_us >= $2
			and admits group by unit order by unit`, parkID, fromUS)
	return o, err
}

// How many first entries into a park and how many exits were there in a span?
func passedBetween(
	ctx context.Context, tx *db.Tx, parkID string, fromUS, untilUS int64,
) (entered, exits int64, err error) {
	type pair struct{ entered, exits int64 }
	p, err := db.One(ctx, tx, func(r db.Row) (p pair, err error) {
		err = r.Scan(&p.entered, &p.exits)
		return p, err
	}, `select
			cast(coalesce(sum(case when kind = 'entry' and not again and conflict <> 'double'
				then 1 else 0 end), 0) as bigint),
			cast(coalesce(sum(case when kind = 'exit' then 1 else 0 end), 0) as bigint)
		from gate_scan where park_id = $1 and at_us >= $2 and at_us < $3 and admitted and admits`,
		parkID, fromUS, untilUS)
	return p.entered, p.exits, err
}

// Who passed in a span, by hour, gate and age class?
func hoursBetween(
	ctx context.Context, tx *db.Tx, parkID string, fromUS, untilUS int64,
) ([]Hour, error) {
	return db.All(ctx, tx, func(r db.Row) (h Hour, err error) {
		var hour int64
		err = r.Scan(&hour, &h.GateID, (*string)(&h.Unit), &h.First, &h.Again, &h.Exits, &h.Offline,
			&h.Override)
		h.From = time.Unix(hour*3600, 0).UTC()
		return h, err
	}, `select at_us / 3600000000 as hour, gate_id, unit,
			cast(sum(case when kind = 'entry' and not again then 1 else 0 end) as bigint),
			cast(sum(case when kind = 'entry' and again then 1 else 0 end) as bigint),
			cast(sum(case when kind = 'exit' then 1 else 0 end) as bigint),
			cast(sum(case when offline then 1 else 0 end) as bigint),
			cast(sum(case when override <> '' then 1 else 0 end) as bigint)
		from gate_scan where park_id = $1 and at_us >= $2 and at_us < $3 and admitted and admits
		group by 1, gate_id, unit order by 1, gate_id, unit`, parkID, fromUS, untilUS)
}

// Which scans of a span collide with something?
func clashesBetween(
	ctx context.Context, tx *db.Tx, parkID string, fromUS, untilUS int64, max int,
) ([]scanRow, error) {
	return db.All(ctx, tx, scanScan, `select `+scanCols+` from gate_scan
		where park_id = $1 and at_us >= $2 and at_us < $3 and conflict <> ''
		order by at_us desc, id desc limit $4`, parkID, fromUS, untilUS, max)
}

// Which scans were there in a span, at one gate or at all?
func looksBetween(
	ctx context.Context, tx *db.Tx, parkID, gateID string, fromUS, untilUS int64, max int,
) ([]scanRow, error) {
	return db.All(ctx, tx, scanScan, `select `+scanCols+` from gate_scan
		where park_id = $1 and at_us >= $2 and at_us < $3 and ($4 = '' or gate_id = $4)
		order by at_us desc, id desc limit $5`, parkID, fromUS, untilUS, gateID, max)
}

// Who was let in against a refusal in a span?
func overridesBetween(
	ctx context.Context, tx *db.Tx, parkID string, fromUS, untilUS int64, max int,
) ([]scanRow, error) {
	return db.All(ctx, tx, scanScan, `select `+scanCols+` from gate_scan
		where park_id = $1 and at_us >= $2 and at_us < $3 and admitted and override <> ''
		order by at_us desc, id desc limit $4`, parkID, fromUS, untilUS, max)
}

// Which scans do these repeat?
func scansByID(ctx context.Context, tx *db.Tx, of []scanRow) (map[string]scanRow, error) {
	var rows [][]any
	seen := map[string]bool{}
	for _, r := range of {
		if r.ConflictOf != "" && !seen[r.ConflictOf] {
			rows = append(rows, []any{r.ConflictOf})
		}
		seen[r.ConflictOf] = true
	}
	out := map[string]scanRow{}
	_, err := tx.Bulk(ctx, `with k(id) as ({rows}) select g.id, g.park_id, g.gate_id, g.device_id,
			g.nonce, g.offline, g.number, g.kind, g.at_us, g.device_us, g.received_us, g.admitted,
			g.reason, g.override, g.typed, g.product, g.unit, g.admits, g.again, g.conflict,
			g.conflict_of
		from k join gate_scan as g on g.id = k.id`, []db.Kind{db.Text}, rows, func(r db.Row) error {
		s, err := scanScan(r)
		out[s.ID] = s
		return err
	})
	return out, err
}

// Which tickets are these scans of?
func ticketsByNumber(ctx context.Context, tx *db.Tx, of []scanRow) (map[string]Ticket, error) {
	out := map[string]Ticket{}
	for _, r := range of {
		if _, ok := out[r.Number]; ok || r.Number == "" {
			continue
		}
		found, err := db.All(ctx, tx, scanTicket, `select `+ticketCols+` from park_ticket
			where number = $1 order by id`, r.Number)
		if err != nil {
			return nil, err
		}
		for _, t := range found {
			out[t.Number] = t
		}
	}
	return out, nil
}
