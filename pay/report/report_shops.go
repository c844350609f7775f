package report

import (
	"context"
	"strings"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
)

// pattern finds a text anywhere, whatever signs of LIKE it has in it.
func pattern(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}

// anywhere finds a text in one of some columns, as it stands or in any case: which letters have one
// differs between the engines.
func (w *where) anywhere(text string, columns ...string) {
	whole, small := w.mark(pattern(text)), w.mark(pattern(strings.ToLower(text)))
	terms := make([]string, len(columns))
	for i, c := range columns {
		terms[i] = c + " like " + whole + ` escape '\' or lower(` + c + ") like " + small +
			` escape '\'`
	}
	w.terms = append(w.terms, "("+strings.Join(terms, " or ")+")")
}

// Which shops has this bank? Shops are few beside payments: all of a bank are looked at.
func listShops(ctx context.Context, tx *db.Tx, f ShopFilter, limit int) ([]Shop, error) {
	w := where{terms: []string{"true"}}
	w.add("s.acquirer_no = ", f.AcquirerNo)
	if f.Before > 0 {
		w.add("s.no < ", f.Before)
	}
	if f.Prefecture != "" {
		w.add("s.prefecture = ", f.Prefecture)
	}
	if f.Category != "" {
		w.add("s.mcc = ", f.Category)
	}
	if f.Status != "" {
		w.add("s.status = ", string(f.Status))
	}
	if f.Text != "" {
		w.anywhere(f.Text, "s.name", "s.name_ja", "s.id", "m.name", "m.name_ja", "m.id")
	}
	last := w.mark(limit)
	return db.All(ctx, tx, scanShop, `select s.no, s.merchant_no, s.id, m.id, s.name, s.name_ja,
			m.name, m.name_ja, s.prefecture, s.city, s.mcc, s.status, m.status, s.unverified,
			s.created_at_us,
			(select count(*) from terminal t where t.store_no = s.no and t.status <> 'closed'),
			cast(coalesce((select max(x.last_used_us) from terminal t
				join terminal_session x on x.terminal_no = t.no
				where t.store_no = s.no and x.revoked_at_us is null), 0) as bigint)
		from store s join merchant m on m.no = s.merchant_no
		where `+w.text()+` order by s.no desc limit `+last, w.args...)
}

func scanShop(r db.Row) (s Shop, err error) {
	var made, seen int64
	err = r.Scan(&s.StoreNo, &s.MerchantNo, &s.ID, &s.MerchantID, &s.Name, &s.NameJA,
		&s.MerchantName, &s.MerchantJA, &s.Prefecture, &s.City, &s.Category, &s.Status,
		&s.MerchantStatus, &s.Unverified, &made, &s.Tills, &seen)
	s.Made = clock.FromMicros(made)
	if seen > 0 {
		s.Seen = clock.FromMicros(seen)
	}
	return s, err
}

// How many shops has this bank in each prefecture?
func countShops(
	ctx context.Context, tx *db.Tx, acquirerNo int64,
) (map[string]ShopCount, error) {
	counts := map[string]ShopCount{}
	_, err := db.All(ctx, tx, func(r db.Row) (struct{}, error) {
		var prefecture string
		var c ShopCount
		err := r.Scan(&prefecture, &c.Open, &c.Suspended)
		counts[prefecture] = c
		return struct{}{}, err
	}, `select prefecture, count(*) filter (where status = 'open'),
			count(*) filter (where status = 'suspended')
		from store where acquirer_no = $1 and status <> 'closed'
		group by prefecture order by prefecture`, acquirerNo)
	return counts, err
}

// Which open tills did nobody use since then? Payments of a terminal are found by the store's.
func unseenTills(
	ctx context.Context, tx *db.Tx, acquirerNo, sinceUS int64,
) ([]Silent, error) {
	return db.All(ctx, tx, scanSilent, `select t.no, t.store_no, t.id, t.label, s.name,
			s.name_ja, t.created_at_us,
			cast(coalesce((select max(x.last_used_us) from terminal_session x
				where x.terminal_no = t.no and x.revoked_at_us is null), 0) as bigint) as seen_us
		from terminal t join store s on s.no = t.store_no
			join merchant m on m.no = s.merchant_no
		where t.acquirer_no = $1 and t.status = 'open' and s.status = 'open'
			and m.status = 'open' and t.created_at_us < $2
			and not exists (select 1 from terminal_session x where x.terminal_no = t.no
				and x.revoked_at_us is null and x.last_used_us >= $2)
			and not exists (select 1 from payment p where p.acquirer_no = $1
				and p.store_no = t.store_no and p.id >= $3 and p.terminal_no = t.no)
		order by seen_us, t.no`, acquirerNo, sinceUS,
		id.Floor("pay", clock.FromMicros(sinceUS)))
}

func scanSilent(r db.Row) (t Silent, err error) {
	var made, seen int64
	err = r.Scan(&t.TerminalNo, &t.StoreNo, &t.ID, &t.Label, &t.StoreName, &t.StoreJA, &made,
		&seen)
	t.Made = clock.FromMicros(made)
	if seen > 0 {
		t.Seen = clock.FromMicros(seen)
	}
	return t, err
}

// waitingFrom names what a payment p that hangs belongs to.
const waitingFrom = ` join store s on s.no = p.store_no
	left join participant w on w.no = p.issuer_no `

func scanWaiting(r db.Row) (w Waiting, err error) {
	var begun int64
	err = r.Scan(&w.PaymentID, &w.RefundID, &w.StoreNo, &w.StoreName, &w.StoreJA, &w.Wallet,
		&w.Minor, &begun)
	w.Begun = clock.FromMicros(begun)
	return w, err
}

// Which payments of this bank wait for a wallet's answer? By the index of legs that are due.
func hanging(
	ctx context.Context, tx *db.Tx, acquirerNo, beforeUS int64, limit int,
) ([]Waiting, error) {
	return db.All(ctx, tx, scanWaiting, `select p.id, '' as refund_id, p.store_no, s.name,
			s.name_ja, coalesce(w.name, ''), p.order_minor, p.created_at_us
		from payment p`+waitingFrom+`
		where p.acquirer_no = $1 and p.state in ('authorising', 'pending') and p.step <> ''
			and p.created_at_us < $2 and p.id in (select l.payment_id from payment_leg l
				where l.next_at_us is not null and l.acquirer_no = $1)
		order by p.id limit $3`, acquirerNo, beforeUS, limit)
}

// Which payments of this bank have a leg that waits for an operator? By their index.
func stuck(ctx context.Context, tx *db.Tx, acquirerNo int64, limit int) ([]Waiting, error) {
	return db.All(ctx, tx, scanWaiting, `select p.id, '' as refund_id, p.store_no, s.name,
			s.name_ja, coalesce(w.name, ''), p.order_minor, p.created_at_us
		from payment p`+waitingFrom+`
		where p.acquirer_no = $1 and p.id in (select l.payment_id from payment_leg l
			where l.acquirer_no = $1 and l.state = 'stuck')
		order by p.id limit $2`, acquirerNo, limit)
}

// Which refunds of this bank wait for a wallet's answer? By the index of refunds that are due.
func hangingRefunds(
	ctx context.Context, tx *db.Tx, acquirerNo, beforeUS int64, limit int,
) ([]Waiting, error) {
	return db.All(ctx, tx, scanWaiting, `select p.id, r.id, p.store_no, s.name, s.name_ja,
			coalesce(w.name, ''), r.order_minor, r.created_at_us
		from payment_refund r
			join payment p on p.acquirer_no = r.acquirer_no and p.id = r.payment_id`+
		waitingFrom+`
		where r.acquirer_no = $1 and r.next_at_us is not null and r.created_at_us < $2
			and r.state in ('requested', 'unknown')
		order by r.id limit $3`, acquirerNo, beforeUS, limit)
}
