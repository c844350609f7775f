package payment

import (
	"context"
	"strings"

	"watari/kit/db"
)

// claimKey is a request id with its owner: the acquirer, and the channel and operation.
type claimKey struct {
	acquirer  int64
	scope     string
	requestID string
}

func (k claimKey) less(o claimKey) bool {
	if k.acquirer != o.acquirer {
		return k.acquirer < o.acquirer
	}
	if k.scope != o.scope {
		return k.scope < o.scope
	}
	return k.requestID < o.requestID
}

func (k claimKey) String() string { return k.scope + "\x00" + k.requestID }

// claim is a request id that was used, and for what.
type claim struct {
	key      claimKey
	subject  string // the payment or refund that this attempt would make
	compared string // the compared fields, see compareText
	refusal  string // the stored refusal, or ""
	changed  bool   // the refusal is to be written
}

// comparedSep stands between compared values; a request's text cannot hold it.
const comparedSep = "\x1f"

// compareText joins the compared values as a claim keeps them.
func compareText(fs []Field) string {
	var b strings.Builder
	for i, f := range fs {
		if i > 0 {
			b.WriteString(comparedSep)
		}
		b.WriteString(f.Value)
	}
	return b.String()
}

// differs names the first field of fs that was another value when the claim was made. A later
// version of the program may compare more fields, added at the end: of an older claim they are
// not known and not compared.
func differs(fs []Field, was string) (string, bool) {
	old := strings.Split(was, comparedSep)
	for i, f := range fs[:min(len(fs), len(old))] {
		if old[i] != f.Value {
			return f.Name, true
		}
	}
	return "", false
}

var claimKinds = []db.Kind{db.Int, db.Text, db.Text, db.Text, db.Text}

// Claim these request ids; each is called with those that were free.
func insertClaims(
	ctx context.Context, tx *db.Tx, cs []*claim, each func(claimKey),
) error {
	rows := make([][]any, len(cs))
	for i, c := range cs {
		rows[i] = []any{c.key.acquirer, c.key.scope, c.key.requestID, c.subject, c.compared}
	}
	_, err := tx.Bulk(ctx, `insert into payment_claim
			(acquirer_no, scope, request_id, subject, compared) {rows}
		on conflict (acquirer_no, scope, request_id) do nothing
		returning acquirer_no, scope, request_id`, claimKinds, rows,
		func(r db.Row) error {
			var k claimKey
			err := r.Scan(&k.acquirer, &k.scope, &k.requestID)
			if err == nil {
				each(k)
			}
			return err
		})
	return err
}

// Who has these request ids? In a statement after the insert: the same one does not see it.
func readClaims(ctx context.Context, tx *db.Tx, keys []claimKey, each func(*claim)) error {
	rows := make([][]any, len(keys))
	for i, k := range keys {
		rows[i] = []any{k.acquirer, k.scope, k.requestID}
	}
	_, err := tx.Bulk(ctx, `with k(a, s, r) as ({rows})
		select c.acquirer_no, c.scope, c.request_id, c.subject, c.compared,
			coalesce(c.refusal, '')
		from k join payment_claim c
			on c.acquirer_no = k.a and c.scope = k.s and c.request_id = k.r
		order by c.acquirer_no, c.scope, c.request_id`,
		[]db.Kind{db.Int, db.Text, db.Text}, rows, func(r db.Row) error {
			c := &claim{}
			err := r.Scan(&c.key.acquirer, &c.key.scope, &c.key.requestID, &c.subject,
				&c.compared, &c.refusal)
			if err == nil {
				each(c)
			}
			return err
		})
	return err
}

// Keep why these requests were refused.
func updateClaims(ctx context.Context, tx *db.Tx, cs []*claim) error {
	rows := make([][]any, len(cs))
	for i, c := range cs {
		rows[i] = []any{c.key.acquirer, c.key.scope, c.key.requestID, c.refusal}
	}
	n, err := tx.Bulk(ctx, `with v(a, s, r, why) as ({rows})
		update payment_claim set refusal = v.why
		from v where payment_claim.acquirer_no = v.a and payment_claim.scope = v.s
			and payment_claim.request_id = v.r`,
		[]db.Kind{db.Int, db.Text, db.Text, db.Text}, rows, nil)
	return allOf(n, len(cs), "claims", err)
}
