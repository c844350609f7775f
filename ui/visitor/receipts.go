package visitor

import (
	"context"
	"net/http"

	who "watari/visit/visitor"
)

// Receipts are what a visitor paid.
type Receipts interface {
	// Receipts returns at most limit of a visitor's payments, the newest first, and the cursor of
	// the rest, "" when there is none. after is a cursor, "" at first.
	Receipts(ctx context.Context, v who.Visitor, after string, limit int) (
		list []who.Receipt, next string, err error)
}

// receiptsPage is how many receipts a page shows.
const receiptsPage = 30

// signs are how receipts stand: tone and shape.
var signs = map[who.ReceiptState]struct{ tone, icon string }{
	who.ReceiptPaid: {Good, "tick"}, who.ReceiptRefunded: {Back, "return"},
	who.ReceiptPart: {Back, "return"}, who.ReceiptReserved: {Wait, "lock"},
}

// shop names where it was in the language of the page.
func (v *Visit) shop(r who.Receipt) (name, lang string) {
	if v.Lang == "ja" && r.ShopJA != "" {
		return r.ShopJA, "ja"
	}
	return r.Shop, "en"
}

// showReceipts lists what was paid.
func (a *App) showReceipts(v *Visit) error {
	var list []who.Receipt
	var next string
	if a.Receipts != nil {
		var err error
		list, next, err = a.Receipts.Receipts(v.Ctx(), *v.Visitor, v.R.FormValue("after"),
			receiptsPage)
		if err != nil {
			return err
		}
	}
	return v.Show(http.StatusOK, Page{Title: v.T("receipts.title"), Tab: TabReceipts,
		Keep: true}, v.receipts(list, next))
}
