package wallet

import (
	"context"

	"watari/kit/clock"
	"watari/kit/db"
)

const selectSignIn = `select id, app, user_id, state, code_name, code_hash, return_url, refused_url,
	extra, until_us, at_us from sim_signin`

func scanSignIn(r db.Row) (*SignIn, error) {
	var s SignIn
	var until int64
	err := r.Scan(&s.ID, &s.App, &s.UserID, (*string)(&s.State), &s.CodeName, &s.codeHash,
		&s.ReturnURL, &s.RefusedURL, &s.Extra, &until, &s.AtUS)
	s.Until = clock.FromMicros(until)
	return &s, err
}

func insertSignIn(ctx context.Context, tx *db.Tx, s *SignIn) error {
	_, err := tx.Exec(ctx, `insert into sim_signin (id, app, user_id, state, code_name, code_hash,
			return_url, refused_url, extra, until_us, at_us)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, s.ID, s.App, s.UserID,
		string(s.State), s.CodeName, s.codeHash, s.ReturnURL, s.RefusedURL, s.Extra,
		clock.Micros(s.Until), s.AtUS)
	return err
}

// saveSignIn writes what can change. The row is locked.
func saveSignIn(ctx context.Context, tx *db.Tx, s *SignIn) error {
	_, err := tx.Exec(ctx, `update sim_signin set user_id = $2, state = $3, code_hash = $4,
			until_us = $5, at_us = $6 where id = $1`, s.ID, s.UserID, string(s.State), s.codeHash,
		clock.Micros(s.Until), s.AtUS)
	return err
}

// loadSignIn and loadSignInByCode find a sign-in and lock it; nil when it is not there.
func loadSignIn(ctx context.Context, tx *db.Tx, id string) (*SignIn, error) {
	return orNil(db.One(ctx, tx, scanSignIn, selectSignIn+` where id = $1
		/*pg for update */`, id))
}

func loadSignInByCode(ctx context.Context, tx *db.Tx, hash string) (*SignIn, error) {
	return orNil(db.One(ctx, tx, scanSignIn, selectSignIn+` where code_hash = $1
		and code_hash <> '' /*pg for update */`, hash))
}

// readSignIn is loadSignIn without the lock, for View.
func readSignIn(ctx context.Context, tx *db.Tx, id string) (*SignIn, error) {
	return orNil(db.One(ctx, tx, scanSignIn, selectSignIn+` where id = $1`, id))
}

// letIn tells whether a user ever said yes to an application.
func letIn(ctx context.Context, tx *db.Tx, app, userID string) (bool, error) {
	return db.One(ctx, tx, func(r db.Row) (bool, error) {
		var n int64
		err := r.Scan(&n)
		return n > 0, err
	}, `select count(id) from sim_signin where user_id = $1 and app = $2
		and state in ('given', 'used')`, userID, app)
}
