package private

import (
	"context"
	"embed"
	"fmt"

	"watari/kit/clock"
	"watari/kit/db"
)

// Migrations are this package's tables.
//
//go:embed sql/*.sql
var Migrations embed.FS

// owners returns every prefix, in order.
func owners(ctx context.Context, tx *db.Tx) ([]Owner, error) {
	all, err := db.All(ctx, tx, func(r db.Row) (o Owner, err error) {
		return o, r.Scan(&o.Prefix, &o.AcquirerNo, &o.AskURL)
	}, `select prefix, acquirer_no, ask_url from aps_code_prefix order by prefix`)
	if err != nil {
		return nil, fmt.Errorf("read prefixes of codes: %w", err)
	}
	return all, nil
}

func put(ctx context.Context, tx *db.Tx, actor string, o Owner) error {
	_, err := tx.Exec(ctx, `insert into aps_code_prefix
			(prefix, acquirer_no, ask_url, actor, created_at_us) values ($1, $2, $3, $4, $5)
		on conflict (prefix) do update set ask_url = excluded.ask_url, actor = excluded.actor`,
		o.Prefix, o.AcquirerNo, o.AskURL, actor, clock.Micros(clock.Now()))
	if err != nil {
		return fmt.Errorf("keep prefix of codes: %w", err)
	}
	return nil
}

func drop(ctx context.Context, tx *db.Tx, prefix string) error {
	_, err := tx.Exec(ctx, `delete from aps_code_prefix where prefix = $1`, prefix)
	if err != nil {
		return fmt.Errorf("drop prefix of codes: %w", err)
	}
	return nil
}
