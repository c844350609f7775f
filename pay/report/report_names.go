package report

import (
	"context"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/pay/party"
)

// Store is a store of a scope.
type Store struct {
	Name
	Merchant        Name
	Prefecture, MCC string // Prefecture is "" when it is not known
	Status          party.Status
}

// Stores returns the stores of a scope by number. Closed ones are there too: they have a past.
func (r *Reports) Stores(ctx context.Context, s Scope) (stores []Store, err error) {
	err = r.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		stores, err = storesOf(ctx, tx, s)
		return err
	})
	return stores, err
}

// Which stores has this scope? By the indexes on merchant and acquirer.
func storesOf(ctx context.Context, tx *db.Tx, s Scope) ([]Store, error) {
	return db.All(ctx, tx, func(r db.Row) (st Store, err error) {
		err = r.Scan(&st.No, &st.ID, &st.Name.Name, &st.NameJA, &st.Prefecture, &st.MCC,
			(*string)(&st.Status), &st.Merchant.No, &st.Merchant.ID, &st.Merchant.Name,
			&st.Merchant.NameJA)
		return st, err
	}, `select s.no, s.id, s.name, s.name_ja, s.prefecture, s.mcc, s.status, m.no, m.id, m.name,
			m.name_ja
		from store s join merchant m on m.no = s.merchant_no
		where (cast($1 as bigint) = 0 or s.acquirer_no = cast($1 as bigint))
			and (cast($2 as bigint) = 0 or s.merchant_no = cast($2 as bigint))
			and (cast($3 as bigint) = 0 or s.no = cast($3 as bigint))
		order by s.no`, s.AcquirerNo, s.MerchantNo, s.StoreNo)
}

// Till is a terminal of a scope.
type Till struct {
	Name  // its Name is its label
	Store Name
	// MerchantNo owns it.
	MerchantNo int64
	Status     party.Status
	CanRefund  bool
	// Signed is how many browsers are this till now, LastSeen when one was used last; zero when
	// none ever was.
	Signed   int64
	LastSeen time.Time
}

// Tills returns the terminals of a scope by store and number.
func (r *Reports) Tills(ctx context.Context, s Scope) (tills []Till, err error) {
	err = r.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		tills, err = db.All(ctx, tx, scanTill, `select t.no, t.id, t.label, t.status,
				t.can_refund, s.no, s.id, s.name, s.name_ja, s.merchant_no,
				(select count(*) from terminal_session n
					where n.terminal_no = t.no and n.revoked_at_us is null),
				(select coalesce(max(n.last_used_us), 0) from terminal_session n
					where n.terminal_no = t.no)
			from store s join terminal t on t.store_no = s.no
			where (cast($1 as bigint) = 0 or s.acquirer_no = cast($1 as bigint))
				and (cast($2 as bigint) = 0 or s.merchant_no = cast($2 as bigint))
				and (cast($3 as bigint) = 0 or s.no = cast($3 as bigint))
				and (cast($4 as bigint) = 0 or t.no = cast($4 as bigint))
			order by s.no, t.no`, s.AcquirerNo, s.MerchantNo, s.StoreNo, s.TerminalNo)
		return err
	})
	return tills, err
}

func scanTill(r db.Row) (t Till, err error) {
	var seen int64
	err = r.Scan(&t.No, &t.ID, &t.Name.Name, (*string)(&t.Status), &t.CanRefund, &t.Store.No,
		&t.Store.ID, &t.Store.Name, &t.Store.NameJA, &t.MerchantNo, &t.Signed, &seen)
	if seen != 0 {
		t.LastSeen = clock.FromMicros(seen)
	}
	return t, err
}

// parties are the questions for the names of those whom the keys of a dimension name.
var parties = map[Dimension]string{
	ByAcquirer: `select no, id, name, '' from participant
		where cast($1 as bigint) = 0 or no = cast($1 as bigint) order by no`,
	ByWallet: `select no, id, name, '' from participant
		where connector <> '' and cast($1 as bigint) >= 0 order by no`,
	ByMerchant: `select no, id, name, name_ja from merchant
		where cast($1 as bigint) = 0 or acquirer_no = cast($1 as bigint) order by no`,
	ByStore: `select no, id, name, name_ja from store
		where cast($1 as bigint) = 0 or acquirer_no = cast($1 as bigint) order by no`,
	ByTerminal: `select no, id, label, '' from terminal
		where cast($1 as bigint) = 0 or acquirer_no = cast($1 as bigint) order by no`,
}

// Names returns what the parties of a dimension are called, by number: ByAcquirer, ByWallet,
// ByMerchant, ByStore or ByTerminal. acquirerNo 0 is all banks.
func (r *Reports) Names(
	ctx context.Context, d Dimension, acquirerNo int64,
) (map[int64]Name, error) {
	question, ok := parties[d]
	check.That(ok, "report: dimension %q names nobody", d)
	named := map[int64]Name{}
	err := r.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		found, err := db.All(ctx, tx, func(r db.Row) (n Name, err error) {
			err = r.Scan(&n.No, &n.ID, &n.Name, &n.NameJA)
			return n, err
		}, question, acquirerNo)
		for _, n := range found {
			named[n.No] = n
		}
		return err
	})
	return named, err
}
