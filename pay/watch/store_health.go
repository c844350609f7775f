package watch

import (
	"context"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/pay/link/guard"
)

// healthCols are the counters of a row, in the order of cells.
const healthCols = `ask_yes, ask_no, ask_waiting, ask_silent, ask_barred, took_0, took_1, took_2,
	took_3, took_4, took_5, took_6, took_7, follow_proof, follow_silent, follow_barred`

// counters returns pointers to what healthCols names.
func (h *Health) counters() []any {
	all := []any{&h.Asks.Yes, &h.Asks.No, &h.Asks.Waiting, &h.Asks.Silent, &h.AskBarred}
	for i := range guard.StepsLen {
		all = append(all, &h.Asks.Took[i])
	}
	return append(all, &h.FollowProof, &h.FollowSilent, &h.FollowBarred)
}

// Add what was counted to the rows of these minutes.
func addHealth(ctx context.Context, tx *db.Tx, hs []Health) error {
	rows := make([][]any, len(hs))
	for i := range hs {
		h := &hs[i]
		rows[i] = []any{h.IssuerNo, clock.Micros(h.From)}
		for _, p := range h.counters() {
			rows[i] = append(rows[i], *p.(*int64))
		}
		rows[i] = append(rows[i], rank(h.AskCircuit), rank(h.FollowCircuit))
	}
	kinds := make([]db.Kind, len(rows[0]))
	for i := range kinds {
		kinds[i] = db.Int
	}
	_, err := tx.Bulk(ctx, `insert into wallet_health (issuer_no, minute_us, `+healthCols+`,
			ask_circuit, follow_circuit)
		{rows} on conflict (issuer_no, minute_us) do update set
			ask_yes = wallet_health.ask_yes + excluded.ask_yes,
			ask_no = wallet_health.ask_no + excluded.ask_no,
			ask_waiting = wallet_health.ask_waiting + excluded.ask_waiting,
			ask_silent = wallet_health.ask_silent + excluded.ask_silent,
			ask_barred = wallet_health.ask_barred + excluded.ask_barred,
			took_0 = wallet_health.took_0 + excluded.took_0,
			took_1 = wallet_health.took_1 + excluded.took_1,
			took_2 = wallet_health.took_2 + excluded.took_2,
			took_3 = wallet_health.took_3 + excluded.took_3,
			took_4 = wallet_health.took_4 + excluded.took_4,
			took_5 = wallet_health.took_5 + excluded.took_5,
			took_6 = wallet_health.took_6 + excluded.took_6,
			took_7 = wallet_health.took_7 + excluded.took_7,
			follow_proof = wallet_health.follow_proof + excluded.follow_proof,
			follow_silent = wallet_health.follow_silent + excluded.follow_silent,
			follow_barred = wallet_health.follow_barred + excluded.follow_barred,
			ask_circuit = case when excluded.ask_circuit > wallet_health.ask_circuit
				then excluded.ask_circuit else wallet_health.ask_circuit end,
			follow_circuit = case when excluded.follow_circuit > wallet_health.follow_circuit
				then excluded.follow_circuit else wallet_health.follow_circuit end`,
		kinds, rows, nil)
	return err
}

// How did wallets answer in a span, by wallet and step? By the primary key or the index on minutes.
func readHealth(ctx context.Context, tx *db.Tx, s Span) ([]Health, error) {
	step := s.Step.Microseconds()
	from := clock.Micros(s.From)
	return db.All(ctx, tx, func(r db.Row) (h Health, err error) {
		var slot, ask, follow int64
		dest := append([]any{&h.IssuerNo, &slot}, h.counters()...)
		err = r.Scan(append(dest, &ask, &follow, &h.Minutes)...)
		h.From = clock.FromMicros(from + slot*step)
		h.AskCircuit, h.FollowCircuit = circuitOf(ask), circuitOf(follow)
		return h, err
	}, `select issuer_no, (minute_us - $1) / $3 as slot,
			cast(sum(ask_yes) as bigint), cast(sum(ask_no) as bigint),
			cast(sum(ask_waiting) as bigint), cast(sum(ask_silent) as bigint),
			cast(sum(ask_barred) as bigint), cast(sum(took_0) as bigint),
			cast(sum(took_1) as bigint), cast(sum(took_2) as bigint),
			cast(sum(took_3) as bigint), cast(sum(took_4) as bigint),
			cast(sum(took_5) as bigint), cast(sum(took_6) as bigint),
			cast(sum(took_7) as bigint), cast(sum(follow_proof) as bigint),
			cast(sum(follow_silent) as bigint), cast(sum(follow_barred) as bigint),
			max(ask_circuit), max(follow_circuit), count(*)
		from wallet_health
		where minute_us >= $1 and minute_us < $2
			and (cast($4 as bigint) = 0 or issuer_no = cast($4 as bigint))
		group by issuer_no, slot
		order by issuer_no, slot`,
		from, clock.Micros(s.Until), step, s.IssuerNo)
}
