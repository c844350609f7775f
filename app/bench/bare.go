package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

// bareName is the file or schema that the bare limit writes to.
const bareName = "watari_bare"

// Bare measures the bare limit of a store: how many payments a second the driver alone writes.
func Bare(
	ctx context.Context, location string, server bool, dir string, d time.Duration,
	schema []fs.FS,
) (float64, error) {
	target := location
	var opts db.Options
	if server {
		opts.Schema = bareName
	} else {
		tmp, err := os.MkdirTemp(dir, "bare-")
		if err != nil {
			return 0, err
		}
		defer os.RemoveAll(tmp)
		target = filepath.Join(tmp, bareName+".db")
	}
	made, err := db.Open(ctx, target, opts)
	if err != nil {
		return 0, fmt.Errorf("open: %w", err)
	}
	if err := errors.Join(made.Migrate(ctx, schema...), made.Close()); err != nil {
		return 0, fmt.Errorf("make tables: %w", err)
	}
	from, to, engine, err := plain(location, target, server)
	if err != nil {
		return 0, err
	}
	defer from.Close()
	defer to.Close()
	if server {
		defer to.ExecContext(context.WithoutCancel(ctx), "drop schema "+bareName+" cascade")
	}
	begin := clock.Now()
	return limit(ctx, engine, from, to, d, func() time.Duration {
		return clock.Now().Sub(begin)
	})
}

// plain opens the drivers with the same durability as the program has.
func plain(location, target string, server bool) (from, to *sql.DB, engine bare, err error) {
	if !server {
		const durable = "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate"
		if from, err = sql.Open("sqlite", "file:"+location+durable); err != nil {
			return nil, nil, nil, err
		}
		if to, err = sql.Open("sqlite", "file:"+target+durable); err != nil {
			return nil, nil, nil, err
		}
		to.SetMaxOpenConns(1)
		return from, to, lite{}, nil
	}
	if from, err = sql.Open("pgx", location); err != nil {
		return nil, nil, nil, err
	}
	u, err := url.Parse(location)
	if err != nil {
		return nil, nil, nil, err
	}
	q := u.Query()
	q.Set("search_path", bareName)
	u.RawQuery = q.Encode()
	to, err = sql.Open("pgx", u.String())
	return from, to, postgres{}, err
}
