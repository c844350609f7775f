package visitor

import (
	"strings"
	"testing"
	"time"

	"watari/kit/i18n"
	"watari/visit/order"
	"watari/visit/park"
)

// Goal: a park that never closes does not open and close at the same time. Method: hours of a day
// in the five languages.
func TestHoursAroundTheClockAreSaidSo(t *testing.T) {
	t.Parallel()
	five := park.At("2026-11-23", 5*60)
	for _, lang := range i18n.Langs() {
		v := &Visit{Words: wordsIn(lang)}
		if got := v.hours(five, five.Add(24*time.Hour)); strings.Contains(got, "05:00") ||
			!strings.Contains(got, "24") {
			t.Errorf("%s: %q", lang, got)
		}
		if got := v.hours(five, five.Add(12*time.Hour)); !strings.Contains(got, "05:00") ||
			!strings.Contains(got, "17:00") {
			t.Errorf("%s: %q", lang, got)
		}
	}
}

// Goal: a buyer sees once who gives a discount and how much of it. Method: a discount that the
// wallet and the park share, on two tickets; the same for who is not signed in.
func TestDiscountsAreSaidOnce(t *testing.T) {
	t.Parallel()
	v := &Visit{Words: wordsIn(i18n.English)}
	name := i18n.Text{i18n.English: "10% off"}
	shared := []park.Given{{Funding: order.Funding{Kind: order.FundedByWallet, Minor: 320},
		Name: name}, {Funding: order.Funding{Kind: order.FundedByPlace, Minor: 319}, Name: name}}
	got := v.gifts("Weilai Pay", shared)
	if len(got) != 1 || got[0] != "10% off: −JPY 639 (Weilai Pay JPY 320 + the park JPY 319)" {
		t.Errorf("the whole: %q", got)
	}
	o := park.Offer{Units: []park.UnitOffer{{Given: shared}, {Given: shared}, {}}}
	got = v.offerGifts(buyScreen{wallet: "Weilai Pay"}, o)
	if len(got) != 1 || got[0] != "10% off (Weilai Pay + the park)" {
		t.Errorf("an offer: %q", got)
	}
	deal := []park.Deal{{Name: name}, {Name: i18n.Text{i18n.English: "¥500 off"}}}
	o = park.Offer{Units: []park.UnitOffer{{Deals: deal}, {Deals: deal}}}
	got = v.offerGifts(buyScreen{}, o)
	if len(got) != 1 || !strings.HasSuffix(got[0], "10% off · ¥500 off") {
		t.Errorf("a stranger: %q", got)
	}
}
