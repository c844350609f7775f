package signup

import (
	"context"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

func insertNote(
	ctx context.Context, tx *db.Tx, applicationID string, n Note, sealed string,
) error {
	_, err := tx.Exec(ctx, `insert into signup_note
			(id, application_id, made_by, created_at_us, sealed)
		values ($1, $2, $3, $4, $5)`, n.ID, applicationID, n.By, clock.Micros(n.At), sealed)
	return err
}

// Which notes are there about an application? By the index on it. Their texts are sealed.
func notesOf(ctx context.Context, tx *db.Tx, applicationID string) ([]Note, error) {
	return db.All(ctx, tx, func(r db.Row) (n Note, err error) {
		var at int64
		err = r.Scan(&n.ID, &n.By, &at, &n.Text)
		n.At = clock.FromMicros(at)
		return n, err
	}, `select id, made_by, created_at_us, sealed from signup_note
		where application_id = $1 order by id`, applicationID)
}

const documentCols = `id, application_id, paper, content_type, bytes, sha256, made_by,
	created_at_us, sealed_name`

// scanDocument reads a document; its name is sealed.
func scanDocument(r db.Row) (d Document, err error) {
	var at int64
	err = r.Scan(&d.ID, &d.Application, &d.Paper, &d.ContentType, &d.Size, &d.SHA256, &d.By, &at,
		&d.Name)
	d.At = clock.FromMicros(at)
	return d, err
}

func insertDocument(ctx context.Context, tx *db.Tx, d Document, name, sealed string) error {
	_, err := tx.Exec(ctx, `insert into signup_document (id, application_id, paper, content_type,
			bytes, sha256, made_by, created_at_us, sealed_name, sealed)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		d.ID, d.Application, string(d.Paper), d.ContentType, d.Size, d.SHA256, d.By,
		clock.Micros(d.At), name, sealed)
	return err
}

// Which papers has an application? By the index on it.
func documentsOf(ctx context.Context, tx *db.Tx, applicationID string) ([]Document, error) {
	return db.All(ctx, tx, scanDocument, `select `+documentCols+` from signup_document
		where application_id = $1 order by id`, applicationID)
}

// papersOf says which kinds of papers an application has.
func papersOf(ctx context.Context, tx *db.Tx, applicationID string) (map[Paper]bool, error) {
	all, err := documentsOf(ctx, tx, applicationID)
	papers := map[Paper]bool{}
	for _, d := range all {
		papers[d.Paper] = true
	}
	return papers, err
}

// What is the sealed content of a paper? By the primary key.
func documentContent(ctx context.Context, tx *db.Tx, documentID string) (string, error) {
	text, err := db.One(ctx, tx, scanText,
		`select sealed from signup_document where id = $1`, documentID)
	return text, known(err, ErrDocument.Newf(""))
}

func deleteDocument(
	ctx context.Context, tx *db.Tx, applicationID, documentID string,
) (int64, error) {
	return tx.Exec(ctx, `delete from signup_document where id = $1 and application_id = $2`,
		documentID, applicationID)
}

func scanText(r db.Row) (text string, err error) {
	err = r.Scan(&text)
	return text, err
}

const linkCols = `id, acquirer_no, application_id, label, lang, made_by, created_at_us, until_us,
	coalesce(revoked_at_us, 0), begun_day, begun`

// link is an invitation as it is stored.
type link struct {
	Invitation
	begunDay string
	begun    int64
}

func scanLink(r db.Row) (l link, err error) {
	var made, until, revoked int64
	err = r.Scan(&l.ID, &l.AcquirerNo, &l.Application, &l.Label, &l.Lang, &l.By, &made, &until,
		&revoked, &l.begunDay, &l.begun)
	l.Made, l.Until, l.Revoked = clock.FromMicros(made), clock.FromMicros(until), orNever(revoked)
	l.Open = l.Application == ""
	return l, err
}

func insertLink(ctx context.Context, tx *db.Tx, inv Invitation, hash string) error {
	_, err := tx.Exec(ctx, `insert into signup_link (id, hash, acquirer_no, application_id, label,
			lang, made_by, created_at_us, until_us, begun_day, begun)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', 0)`,
		inv.ID, hash, inv.AcquirerNo, inv.Application, inv.Label, inv.Lang, inv.By,
		clock.Micros(inv.Made), clock.Micros(inv.Until))
	return err
}

// Which link has this hash, if it works? By the unique key.
func linkByHash(ctx context.Context, tx *db.Tx, hash string, at time.Time) (link, error) {
	l, err := db.One(ctx, tx, scanLink, `select `+linkCols+` from signup_link
		where hash = $1 and revoked_at_us is null and until_us > $2`, hash, clock.Micros(at))
	return l, known(err, ErrInvitation.Newf(""))
}

// Which links of an acquirer work? By the index on it.
func linksOf(ctx context.Context, tx *db.Tx, acquirerNo int64, at time.Time) ([]link, error) {
	return db.All(ctx, tx, scanLink, `select `+linkCols+` from signup_link
		where acquirer_no = $1 and revoked_at_us is null and until_us > $2
		order by id desc limit 500`, acquirerNo, clock.Micros(at))
}

// Count an application that was begun, if its day has room; false when it has none.
func countBegun(
	ctx context.Context, tx *db.Tx, linkID, day string, most int64,
) (bool, error) {
	n, err := tx.Exec(ctx, `update signup_link
		set begun = case when begun_day = $2 then begun + 1 else 1 end, begun_day = $2
		where id = $1 and (begun_day <> $2 or begun < $3)`, linkID, day, most)
	return n == 1, err
}

func revokeLink(
	ctx context.Context, tx *db.Tx, acquirerNo int64, linkID string, at time.Time,
) (int64, error) {
	return tx.Exec(ctx, `update signup_link set revoked_at_us = $3
		where id = $2 and acquirer_no = $1 and revoked_at_us is null and until_us > $3`,
		acquirerNo, linkID, clock.Micros(at))
}
