package visitor

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/a-h/templ"

	"watari/kit/clock"
	"watari/kit/money"
)

// Tones of states. A colour never stands alone: a shape and a word are beside it.
const (
	Plain = ""
	Good  = "good"
	Wait  = "wait"
	Stop  = "stop"
	Back  = "back"
)

// toneIcons are the shapes of the tones.
var toneIcons = map[string]string{Plain: "slash", Good: "tick", Wait: "wait", Stop: "stop",
	Back: "return"}

// Section is a part of a page under a heading.
type Section struct {
	Title string
	// More stands at the end of the heading; Text "" is none.
	More Link
	ID   string // for links to it; "" is none
}

// Row is one line of a list, most often a way to a page.
type Row struct {
	Href  string // "" is no link
	Icon  string // a name of theme.Icon; "" is none
	Title string
	Text  string // under the title; "" is none
	// Lang is the language of Title when it is not the page's; "" is the page's.
	Lang string
	// End stands at the right, such as an amount or a badge; nil is none.
	End templ.Component
}

// Note says something to notice.
type Note struct{ Tone, Icon, Title, Text string }

func (n Note) icon() string {
	if n.Icon != "" {
		return n.Icon
	}
	return toneIcons[n.Tone]
}

// Empty stands where there is nothing to list.
type Empty struct {
	Icon, Title, Text string
	// Action is what to do about it; Text "" is nothing.
	Action Link
}

// Fact is a name and its value.
type Fact struct {
	Name  string
	Value templ.Component
}

// Button is a link or a form of one button.
type Button struct {
	Text, Icon string
	Href       string
	// Post makes it a form that posts these fields to Href; nil is a link.
	Post map[string]string
	// Main marks the one action that matters, Quiet one that matters least.
	Main, Quiet bool
	// Off says that it cannot be used now.
	Off bool
}

// Field is a field of a form. After a mistake it shows what was typed, and what is wrong.
type Field struct {
	Name, Label  string
	Type         string // "" is text
	Value        string
	Hint         string
	Autocomplete string // "" is off
	Inputmode    string
	Max          int // characters; 0 is 200
	Required     bool
}

func (f Field) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

func (f Field) most() int {
	if f.Max == 0 {
		return 200
	}
	return f.Max
}

func (f Field) complete() string {
	if f.Autocomplete == "" {
		return "off"
	}
	return f.Autocomplete
}

// Rates say about how much an amount is in another wallet's money.
type Rates interface {
	// About returns an amount in the money of a wallet's users at today's rate, for people to
	// compare: what is debited is fixed when they pay. false when there is no rate, or the money
	// is the same.
	About(ctx context.Context, issuerNo int64, a money.Amount) (money.Amount, bool)
}

// About is an amount in the visitor's own money, at today's rate; false for strangers, and when
// nobody knows.
func (v *Visit) About(a money.Amount) (money.Amount, bool) {
	if v.app.Rates == nil || v.Visitor == nil || a.IsZero() {
		return money.Amount{}, false
	}
	return v.app.Rates.About(v.Ctx(), v.Visitor.IssuerNo, a)
}

// moneyText writes an amount into a sentence.
func (v *Visit) moneyText(a money.Amount) string { return money.FormatFor(string(v.Lang), a) }

// When is a moment as short as it can be said: the time alone today, with the day otherwise.
// Times are Japan's.
func (v *Visit) When(t time.Time) string {
	local, now := t.In(clock.JST), v.Now.In(clock.JST)
	switch {
	case local.Format(time.DateOnly) == now.Format(time.DateOnly):
		return v.Lang.Time(t)
	case local.Year() == now.Year():
		return v.Lang.Day(t) + " " + v.Lang.Time(t)
	default:
		return v.Lang.DateTime(t)
	}
}

// Day is a day of Japan, "2026-11-23", as people write it; what is no day comes back as it is.
func (v *Visit) Day(day string) string {
	t, err := time.ParseInLocation(time.DateOnly, day, clock.JST)
	if err != nil {
		return day
	}
	if t.Year() != v.Now.In(clock.JST).Year() {
		return v.Lang.Date(t)
	}
	return v.Lang.Day(t)
}

// Today is the day in Japan, "2026-11-23".
func (v *Visit) Today() string { return v.Now.In(clock.JST).Format(time.DateOnly) }

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
