package phone

import (
	"context"
	"fmt"
	"html"
	"io"
)

// Pages returns the screens of the phone.
func Pages() Screens {
	return Screens{Page: page, Code: codePart, Ask: askPart, Receipts: receiptPart,
		Balance: balancePart}
}

// text is a Component made of ready HTML.
type text string

// Render writes the HTML.
func (t text) Render(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, string(t))
	return err
}

func page(v View) Component {
	return text(fmt.Sprintf("<!doctype html><html lang=%q><title>%s</title>%s%s%s%s", v.Lang,
		html.EscapeString(v.User.Name), balancePart(v), codePart(v), askPart(v), receiptPart(v)))
}

func codePart(v View) Component {
	return text("<p>" + v.Code.Grouped + "</p>" + v.Code.QRSVG + v.Code.BarcodeSVG)
}

func askPart(v View) Component {
	if v.Ask == nil {
		return text("")
	}
	return text(fmt.Sprintf(`<form method="post" action="%s/confirm">%s %s `+
		`<input type="hidden" name="payment_id" value="%s"><input name="pin">`+
		`<button>OK</button></form>`, html.EscapeString(v.Base), html.EscapeString(v.Ask.Shop),
		v.Ask.PayTo, html.EscapeString(v.Ask.PaymentID)))
}

func receiptPart(v View) Component {
	list := ""
	for _, r := range v.Receipts {
		list += fmt.Sprintf("<li>%s %s %s %s</li>", html.EscapeString(r.Shop), r.Order, r.PayTo,
			html.EscapeString(string(r.State)))
	}
	return text("<ul>" + list + "</ul>")
}

func balancePart(v View) Component { return text("<p>" + v.Balance.String() + "</p>") }
