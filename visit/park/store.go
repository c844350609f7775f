package park

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/i18n"
)

// parkData is what of a park is kept as JSON.
type parkData struct {
	MerchantID string        `json:"merchant_id"`
	StoreID    string        `json:"store_id"`
	Name       i18n.Text     `json:"name"`
	About      i18n.Text     `json:"about,omitempty"`
	Prefecture string        `json:"prefecture"`
	Latitude   int64         `json:"latitude_e6,omitempty"`
	Longitude  int64         `json:"longitude_e6,omitempty"`
	Ages       []Ages        `json:"ages,omitempty"`
	Policy     Policy        `json:"policy"`
	Hold       time.Duration `json:"hold_ns,omitempty"`
	PerOrder   int64         `json:"per_order,omitempty"`
	PerVisitor int64         `json:"per_visitor,omitempty"`
	OnSale     bool          `json:"on_sale"`
}

func (p *Park) data() parkData {
	return parkData{p.MerchantID, p.StoreID, p.Name, p.About, p.Prefecture, p.Latitude,
		p.Longitude, p.Ages, p.Policy, p.Hold, p.PerOrder, p.PerVisitor, p.OnSale}
}

func (d parkData) fill(p *Park) {
	p.MerchantID, p.StoreID, p.Name, p.About = d.MerchantID, d.StoreID, d.Name, d.About
	p.Prefecture, p.Latitude, p.Longitude = d.Prefecture, d.Latitude, d.Longitude
	p.Ages, p.Policy, p.Hold = d.Ages, d.Policy, d.Hold
	p.PerOrder, p.PerVisitor, p.OnSale = d.PerOrder, d.PerVisitor, d.OnSale
}

// encode writes a part of a row as JSON. What is kept so always marshals.
func encode(v any) string {
	b, err := json.Marshal(v)
	check.That(err == nil, "park: encode %T: %v", v, err)
	return string(b)
}

// decode reads what encode wrote; "" is nothing.
func decode(s string, v any) error {
	if s == "" {
		return nil
	}
	return json.Unmarshal([]byte(s), v)
}

// micros is a time as it is kept; 0 is the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return clock.Micros(t)
}

func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return clock.FromMicros(us)
}

const parkCols = `id, slug, acquirer_no, merchant_no, store_no, data, version`

func scanPark(r db.Row) (p Park, err error) {
	var text string
	if err = r.Scan(&p.ID, &p.Slug, &p.AcquirerNo, &p.MerchantNo, &p.StoreNo, &text,
		&p.Version); err != nil {
		return p, err
	}
	var d parkData
	err = decode(text, &d)
	d.fill(&p)
	return p, err
}

func unknownPark(idOrSlug string) error { return ErrUnknown.Newf("there is no park %q", idOrSlug) }

// Which park has this id or slug? By the primary key or the index of slugs.
//
// Errors: ErrUnknown.
func parkIn(ctx context.Context, tx *db.Tx, idOrSlug string) (Park, error) {
	p, err := db.One(ctx, tx, scanPark, `select `+parkCols+` from park
		where id = $1 or slug = $1`, idOrSlug)
	if errors.Is(err, db.ErrNoRows) {
		return p, unknownPark(idOrSlug)
	}
	return p, err
}

// Which park is it, locked for a change of what it sells?
//
// Errors: ErrUnknown.
func lockPark(ctx context.Context, tx *db.Tx, idOrSlug string) (Park, error) {
	p, err := db.One(ctx, tx, scanPark, `select `+parkCols+` from park
		where id = $1 or slug = $1 /*pg for update */`, idOrSlug)
	if errors.Is(err, db.ErrNoRows) {
		return p, unknownPark(idOrSlug)
	}
	return p, err
}

// Which parks are there? All, or those of a merchant. By id.
func parksIn(ctx context.Context, tx *db.Tx, acquirerNo, merchantNo int64) ([]Park, error) {
	return db.All(ctx, tx, scanPark, `select `+parkCols+` from park
		where ($1 = 0 or acquirer_no = $1) and ($2 = 0 or merchant_no = $2) order by id`,
		acquirerNo, merchantNo)
}

// Keep a new park. Errors: ErrTaken.
func insertPark(ctx context.Context, tx *db.Tx, p *Park, now time.Time) error {
	n, err := tx.Exec(ctx, `insert into park (id, slug, acquirer_no, merchant_no, store_no, data,
			created_us, version) values ($1, $2, $3, $4, $5, $6, $7, 1)
		on conflict (slug) do nothing`, p.ID, p.Slug, p.AcquirerNo, p.MerchantNo, p.StoreNo,
		encode(p.data()), micros(now))
	if err == nil && n == 0 {
		return ErrTaken.Newf("another park is called %q", p.Slug).At("/slug", "is taken")
	}
	return err
}

// Is another park called so?
func slugTaken(ctx context.Context, tx *db.Tx, p *Park) (bool, error) {
	_, err := db.One(ctx, tx, func(r db.Row) (id string, err error) {
		return id, r.Scan(&id)
	}, `select id from park where slug = $1 and id <> $2`, p.Slug, p.ID)
	if errors.Is(err, db.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Write a park that is locked; its version grows.
func updatePark(ctx context.Context, tx *db.Tx, p *Park) error {
	_, err := tx.Exec(ctx, `update park set slug = $2, data = $3, version = version + 1
		where id = $1`, p.ID, p.Slug, encode(p.data()))
	return err
}

func scanProduct(r db.Row) (p Product, err error) {
	var text string
	if err = r.Scan(&p.ParkID, &p.Code, &p.No, &text, &p.Ended, &p.Version); err != nil {
		return p, err
	}
	return p, decode(text, &p)
}

// What does a park sell, and what did it sell? By code.
func productsIn(ctx context.Context, tx *db.Tx, parkID string) ([]Product, error) {
	return db.All(ctx, tx, scanProduct, `select park_id, code, no, data, ended, version
		from park_product where park_id = $1 order by code`, parkID)
}

// Lock a product that is there: nobody offers it to who waits, see keepProducts.
func lockProduct(ctx context.Context, tx *db.Tx, parkID, code string) error {
	_, err := db.One(ctx, tx, func(r db.Row) (no int64, err error) {
		return no, r.Scan(&no)
	}, `select no from park_product where park_id = $1 and code = $2 /*pg for update */`, parkID,
		code)
	return err
}

// Keep or change a product; the park is locked.
func writeProduct(ctx context.Context, tx *db.Tx, p *Product) error {
	_, err := tx.Exec(ctx, `insert into park_product (park_id, code, no, data, ended, version)
		values ($1, $2, $3, $4, $5, $6) on conflict (park_id, code) do update set
			data = excluded.data, ended = excluded.ended, version = excluded.version`,
		p.ParkID, p.Code, p.No, encode(p), p.Ended, p.Version)
	return err
}

func scanPrice(r db.Row) (p Price, err error) {
	return p, r.Scan(&p.Product, (*string)(&p.Unit), &p.DayType, &p.Yen)
}

// What does everything cost? By product, age class and type of the day.
func pricesIn(ctx context.Context, tx *db.Tx, parkID string) ([]Price, error) {
	return db.All(ctx, tx, scanPrice, `select product, unit, day_type, list_minor from park_price
		where park_id = $1 order by product, unit, day_type`, parkID)
}

// Replace every price of a product; the park is locked.
func replacePrices(ctx context.Context, tx *db.Tx, parkID, product string, ps []Price) error {
	if _, err := tx.Exec(ctx, `delete from park_price where park_id = $1 and product = $2`,
		parkID, product); err != nil {
		return fmt.Errorf("drop prices: %w", err)
	}
	rows := make([][]any, len(ps))
	for i, p := range ps {
		rows[i] = []any{parkID, p.Product, string(p.Unit), p.DayType, p.Yen}
	}
	_, err := tx.Bulk(ctx, `insert into park_price (park_id, product, unit, day_type,
		list_minor) {rows}`, []db.Kind{db.Text, db.Text, db.Text, db.Text, db.Int}, rows, nil)
	return err
}

// Which pools does a park have? By code.
func poolsIn(ctx context.Context, tx *db.Tx, parkID string) ([]Pool, error) {
	return db.All(ctx, tx, func(r db.Row) (p Pool, err error) {
		var name string
		if err = r.Scan(&p.Code, &name, &p.Slotted); err != nil {
			return p, err
		}
		p.Name, err = i18n.DecodeText(name)
		return p, err
	}, `select code, name, slotted from park_pool where park_id = $1 order by code`, parkID)
}

// Keep or rename pools.
func writePools(ctx context.Context, tx *db.Tx, parkID string, ps []Pool) error {
	rows := make([][]any, len(ps))
	for i, p := range ps {
		rows[i] = []any{parkID, p.Code, p.Name.Encode(), p.Slotted}
	}
	_, err := tx.Bulk(ctx, `insert into park_pool (park_id, code, name, slotted) {rows}
		on conflict (park_id, code) do update set name = excluded.name`,
		[]db.Kind{db.Text, db.Text, db.Text, db.Bool}, rows, nil)
	return err
}

// Which discounts does a park give, and did it give? By id.
func discountsIn(ctx context.Context, tx *db.Tx, parkID string) ([]Discount, error) {
	return db.All(ctx, tx, func(r db.Row) (d Discount, err error) {
		var text string
		if err = r.Scan(&d.ParkID, &text, &d.Ended, &d.Version); err != nil {
			return d, err
		}
		return d, decode(text, &d)
	}, `select park_id, data, ended, version from park_discount where park_id = $1 order by id`,
		parkID)
}

// Keep or change a discount; the park is locked.
func writeDiscount(ctx context.Context, tx *db.Tx, d *Discount) error {
	_, err := tx.Exec(ctx, `insert into park_discount (park_id, id, data, ended, version)
		values ($1, $2, $3, $4, $5) on conflict (park_id, id) do update set
			data = excluded.data, ended = excluded.ended, version = excluded.version`,
		d.ParkID, d.Rule.ID, encode(d), d.Ended, d.Version)
	return err
}
