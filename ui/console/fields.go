package console

import (
	"net/http"
	"strconv"
)

// Form is a form that posts. Its children are its fields.
type Form struct {
	// Action is where it is posted to; "" is the address of the page.
	Action string
	// Submit is the text of its button; Icon stands in front of it.
	Submit, Icon string
	// Cancel leads away without a change; a zero Link is none.
	Cancel Link
	// Upload lets it carry files.
	Upload bool
	// Quiet gives it an ordinary button: there is another one that matters more.
	Quiet bool
	// Danger marks what cannot be undone.
	Danger bool
	// Hidden are fields that nobody sees.
	Hidden map[string]string
	// Columns lets two short fields stand side by side on large screens.
	Columns bool
}

// Field is one field of a form. A form that came back shows what was typed and what is wrong.
type Field struct {
	Name, Label string
	// Hint says what is expected, under the label.
	Hint string
	// Value stands in it at first.
	Value string
	// Type is one of HTML's; "" is text.
	Type string
	// Required fields are marked as such to browsers; the others say that they may be left out.
	Required bool
	// Rows makes it a text of several lines.
	Rows int
	// Autocomplete and Inputmode are as in HTML: "username", "numeric".
	Autocomplete, Inputmode string
	Placeholder             string
	// Max is the most characters; 0 is no limit.
	Max int
	// Low and High bound a date or a number.
	Low, High string
	// Accept is what files fit; Multiple lets several be chosen.
	Accept   string
	Multiple bool
	// Bytes is the most that a file may have; a script says so before it is sent.
	Bytes int64
	// Focus puts the cursor there when the page is shown.
	Focus bool
	// Lang is the language of what is typed, when it is not the page's.
	Lang string
	// Narrow is for what is short: a code, an amount.
	Narrow bool
	// Before and After stand beside the field: "¥", "%".
	Before, After string
	// ReadOnly shows what cannot be changed here.
	ReadOnly bool
	// Bare leaves the note "optional" out: for filters.
	Bare bool
}

// Option is one choice of a Select or of Choices.
type Option struct {
	Value, Label string
	// Hint stands under the label in Choices.
	Hint string
	// Group is the heading under which a Select shows it; consecutive options share one.
	Group string
}

// Select is a list to choose one from.
type Select struct {
	Name, Label, Hint string
	// Value is chosen at first.
	Value    string
	Options  []Option
	Required bool
	Narrow   bool
	Bare     bool
}

// Choices are a few things to choose one from, all in sight.
type Choices struct {
	Name, Label, Hint string
	Value             string
	Options           []Option
}

// Check is a box to tick.
type Check struct {
	Name, Label, Hint string
	// Value is what is posted when it is ticked; "" is "yes".
	Value string
	On    bool
}

// type of the input element.
func (f Field) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

// describedBy names what belongs to a field, for screen readers.
func (v *Visit) describedBy(name, hint string) string {
	ids := ""
	if hint != "" {
		ids = fieldID(name) + "-hint"
	}
	if v.Mistakes[name] != "" {
		ids += " " + fieldID(name) + "-mistake"
	}
	return ids
}

func fieldID(name string) string { return "f-" + name }

// optionGroup are options under one heading.
type optionGroup struct {
	name    string
	options []Option
}

func grouped(options []Option) (list []optionGroup) {
	for _, o := range options {
		if n := len(list); n == 0 || list[n-1].name != o.Group {
			list = append(list, optionGroup{name: o.Group})
		}
		list[len(list)-1].options = append(list[len(list)-1].options, o)
	}
	return list
}

// ticked tells whether a box is ticked, also in a form that came back.
func (v *Visit) ticked(c Check) bool {
	if v.Wrong() && v.R.Method == http.MethodPost && v.R.PostForm != nil {
		return v.R.PostForm.Has(c.Name)
	}
	return c.On
}

func (c Check) value() string {
	if c.Value == "" {
		return "yes"
	}
	return c.Value
}

// mistaken are the fields with a mistake, for the summary above a form.
func (v *Visit) mistaken() []string { return sortedKeys(v.Mistakes) }

func itoa(n int) string { return strconv.Itoa(n) }
