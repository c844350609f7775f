package order

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/pay/promo"
)

//go:embed sql/*.sql
var files embed.FS

// Migrations are this package's tables, and those of what wallets give.
var Migrations = db.Sets(promo.Migrations, files)

const orderCols = `id, owner, request_id, compared, seller, place, visitor_id, channel, account,
	reference, issuer_id, state, version, list_minor, total_minor, refunded_minor,
	refunding_minor, fees_minor, granted_wallet_minor, granted_merchant_minor, payment_id,
	issuer_no, acquirer_agreement, issuer_agreement, pay_to_currency, acquirer_no, merchant_id,
	store_id, terminal_id, merchant_no, store_no, only_issuers, lang, voucher, claims, note,
	description, return_url, policy, basket, not_honoured, honoured, attempts, expires_at_us,
	created_at_us, paid_at_us, closed_at_us, due_at_us`

const orderColsO = `o.id, o.owner, o.request_id, o.compared, o.seller, o.place, o.visitor_id,
	o.channel, o.account, o.reference, o.issuer_id, o.state, o.version, o.list_minor,
	o.total_minor, o.refunded_minor, o.refunding_minor, o.fees_minor, o.granted_wallet_minor,
	o.granted_merchant_minor, o.payment_id, o.issuer_no, o.acquirer_agreement,
	o.issuer_agreement, o.pay_to_currency, o.acquirer_no, o.merchant_id, o.store_id,
	o.terminal_id, o.merchant_no, o.store_no, o.only_issuers, o.lang, o.voucher, o.claims,
	o.note, o.description, o.return_url, o.policy, o.basket, o.not_honoured, o.honoured,
	o.attempts, o.expires_at_us, o.created_at_us, o.paid_at_us, o.closed_at_us, o.due_at_us`

func scanOrder(r db.Row) (*Order, error) {
	o := &Order{}
	var only, claims, policy, basket string
	var expires, created, paid, closed int64
	var due *int64
	err := r.Scan(&o.ID, &o.owner, &o.RequestID, &o.compared, &o.Seller, &o.Place, &o.VisitorID,
		&o.Channel, &o.Account, &o.Reference, &o.IssuerID, (*string)(&o.State), &o.Version,
		&o.List, &o.Total, &o.Refunded, &o.Refunding, &o.Fees, &o.granted.Wallet,
		&o.granted.Merchant, &o.PaymentID, &o.issuerNo, &o.acquirerTerms, &o.issuerTerms,
		(*string)(&o.payTo), &o.Point.AcquirerNo, &o.Point.MerchantID, &o.Point.StoreID,
		&o.Point.TerminalID, &o.MerchantNo, &o.StoreNo, &only, (*string)(&o.Lang), &o.Voucher,
		&claims, &o.Note, &o.Description, &o.ReturnURL, &policy, &basket, &o.NotHonoured,
		&o.Honoured, &o.attempts, &expires, &created, &paid, &closed, &due)
	if err != nil {
		return nil, err
	}
	o.Expires, o.Created, o.Paid, o.Closed = timeOf(expires), timeOf(created), timeOf(paid),
		timeOf(closed)
	if due != nil {
		o.due = timeOf(*due)
	}
	o.Policy, o.Basket = rawOf(policy), rawOf(basket)
	return o, errors.Join(readJSON(only, &o.OnlyIssuers), readJSON(claims, &o.Claims))
}

// timeOf reads a time; 0 is none.
func timeOf(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return clock.FromMicros(us)
}

// micros writes one.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return clock.Micros(t)
}

// dueColumn writes a time of the schedule; none is NULL.
func dueColumn(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return clock.Micros(t)
}

func rawOf(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}

// writeJSON writes a value; what is empty is "".
func writeJSON(v any, empty bool) string {
	if empty {
		return ""
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic("order: " + err.Error()) // texts and numbers always marshal
	}
	return string(b)
}

func readJSON(text string, into any) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), into)
}

// Keep these new orders.
func insertOrders(ctx context.Context, tx *db.Tx, os []*Order) error {
	rows := make([][]any, len(os))
	for i, o := range os {
		rows[i] = []any{o.ID, o.owner, o.RequestID, o.compared, o.Seller, o.Place, o.VisitorID,
			o.Channel, o.Account, o.Reference, o.IssuerID, string(o.State), o.Version, o.List,
			o.Total, o.Refunded, o.Refunding, o.Fees, o.granted.Wallet, o.granted.Merchant,
			o.PaymentID, o.issuerNo, o.acquirerTerms, o.issuerTerms, string(o.payTo),
			o.Point.AcquirerNo, o.Point.MerchantID, o.Point.StoreID, o.Point.TerminalID,
			o.MerchantNo, o.StoreNo, writeJSON(o.OnlyIssuers, len(o.OnlyIssuers) == 0),
			string(o.Lang), o.Voucher, writeJSON(o.Claims, len(o.Claims) == 0), o.Note,
			o.Description, o.ReturnURL, string(o.Policy), string(o.Basket), o.NotHonoured,
			o.Honoured, o.attempts, micros(o.Expires), micros(o.Created), micros(o.Paid),
			micros(o.Closed), dueColumn(o.due)}
	}
	t, n, b := db.Text, db.Int, db.Bool
	_, err := tx.Bulk(ctx, `insert into visit_order (`+orderCols+`) {rows}`,
		[]db.Kind{t, t, t, t, t, t, t, t, t, t, t, t, n, n, n, n, n, n, n, n, t, n, n, n, t, n, t,
			t, t, n, n, t, t, t, t, t, t, t, t, t, b, b, n, n, n, n, n, n}, rows, nil)
	return err
}

// Change what may change of these orders. They are locked.
func updateOrders(ctx context.Context, tx *db.Tx, os []*Order) error {
	rows := make([][]any, len(os))
	for i, o := range os {
		rows[i] = []any{o.ID, o.Version, o.Reference, o.Account, o.IssuerID, string(o.State),
			o.Refunded, o.Refunding, o.Fees, o.granted.Wallet, o.granted.Merchant, o.PaymentID,
			o.issuerNo, o.acquirerTerms, o.issuerTerms, string(o.payTo), o.ReturnURL,
			string(o.Basket), o.NotHonoured, o.Honoured, o.attempts, micros(o.Expires),
			micros(o.Paid), micros(o.Closed), dueColumn(o.due)}
	}
	t, n, b := db.Text, db.Int, db.Bool
	done, err := tx.Bulk(ctx, `with v(i, ver, ref, acc, iss, st, rd, rg, fe, gw, gm, pay, ino, aa,
			ia, pt, url, bas, nh, hon, att, exp, paid, clo, due) as ({rows})
		update visit_order set version = v.ver + 1, reference = v.ref, account = v.acc,
			issuer_id = v.iss, state = v.st, refunded_minor = v.rd, refunding_minor = v.rg,
			fees_minor = v.fe, granted_wallet_minor = v.gw, granted_merchant_minor = v.gm,
			payment_id = v.pay, issuer_no = v.ino, acquirer_agreement = v.aa,
			issuer_agreement = v.ia, pay_to_currency = v.pt, return_url = v.url,
			basket = v.bas, not_honoured = v.nh, honoured = v.hon, attempts = v.att,
			expires_at_us = v.exp, paid_at_us = v.paid, closed_at_us = v.clo,
			due_at_us = v.due
		from v where visit_order.id = v.i and visit_order.version = v.ver`,
		[]db.Kind{t, n, t, t, t, t, n, n, n, n, n, t, n, n, n, t, t, t, b, b, n, n, n, n, n},
		rows, nil)
	return allOf(done, len(os), "orders", err)
}

// allOf says whether every row was written; if not, nothing of the transaction may be kept.
func allOf(n int64, want int, what string, err error) error {
	if err == nil && n != int64(want) {
		err = fmt.Errorf("%w: %d of %d %s", errMoved, n, want, what)
	}
	return err
}

// errMoved says that rows were changed by another transaction meanwhile: it is tried again.
var errMoved = errors.New("changed meanwhile")

// Lock these orders, in the order of their ids.
func lockOrders(ctx context.Context, tx *db.Tx, ids []string) error {
	_, err := tx.Bulk(ctx, `with k(i) as ({rows}) select o.id from k join visit_order o on o.id = k.i
		order by o.id /*pg for update of o */`, []db.Kind{db.Text}, idRows(ids),
		func(r db.Row) error { var id string; return r.Scan(&id) })
	return err
}

func idRows(ids []string) [][]any {
	rows := make([][]any, len(ids))
	for i, id := range ids {
		rows[i] = []any{id}
	}
	return rows
}

// Which orders have these ids? With their lines, by id.
func readOrders(ctx context.Context, tx *db.Tx, ids []string) (map[string]*Order, error) {
	out := make(map[string]*Order, len(ids))
	_, err := tx.Bulk(ctx, `with k(i) as ({rows}) select `+orderColsO+`
		from k join visit_order o on o.id = k.i`, []db.Kind{db.Text}, idRows(ids),
		func(r db.Row) error {
			o, err := scanOrder(r)
			if err == nil {
				out[o.ID] = o
			}
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	return out, fillLines(ctx, tx, out)
}

// FindIn is Service.Find inside a transaction. Errors: ErrNotFound.
func FindIn(ctx context.Context, tx *db.Tx, orderID string) (*Order, error) {
	found, err := readOrders(ctx, tx, []string{orderID})
	if err == nil && found[orderID] == nil {
		err = ErrNotFound.Newf("there is no order %q", orderID)
	}
	return found[orderID], err
}

// asked is an order as its request id finds it.
type asked struct{ owner, request, id, compared string }

// Which orders were asked for under these owners and request ids? By the unique index.
func readAsked(ctx context.Context, tx *db.Tx, keys [][]any) (map[string]asked, error) {
	out := map[string]asked{}
	_, err := tx.Bulk(ctx, `with k(o, r) as ({rows}) select o.owner, o.request_id, o.id, o.compared
		from k join visit_order o on o.owner = k.o and o.request_id = k.r`,
		[]db.Kind{db.Text, db.Text}, keys, func(r db.Row) error {
			var a asked
			err := r.Scan(&a.owner, &a.request, &a.id, &a.compared)
			out[a.owner+"\x00"+a.request] = a
			return err
		})
	return out, err
}

// Which holds are due? The oldest first; those that another node works on are left out.
func dueOrders(ctx context.Context, tx *db.Tx, now time.Time, limit int) ([]string, error) {
	return db.All(ctx, tx, scanID, `select id from visit_order
		where due_at_us is not null and due_at_us <= $1 order by due_at_us, id limit $2
		/*pg for update skip locked */`, clock.Micros(now), limit)
}

// Hold these for a while, so that no other node looks at them meanwhile.
func leaseOrders(ctx context.Context, tx *db.Tx, ids []string, until time.Time) error {
	rows := make([][]any, len(ids))
	for i, id := range ids {
		rows[i] = []any{id, clock.Micros(until)}
	}
	n, err := tx.Bulk(ctx, `with v(i, due) as ({rows}) update visit_order set due_at_us = v.due
		from v where visit_order.id = v.i`, []db.Kind{db.Text, db.Int}, rows, nil)
	return allOf(n, len(ids), "orders", err)
}

func scanID(r db.Row) (id string, err error) { return id, r.Scan(&id) }
