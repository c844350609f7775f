package console

import (
	"strings"

	"github.com/a-h/templ"
)

// Table is a table; on a phone each row becomes a card.
type Table struct {
	// Caption says what the table is about; it is read out and not shown.
	Caption string
	Columns []Column
	Rows    []Row
	// Brief makes a row of a phone two lines: what it is called with its number, and the rest
	// small and without titles. For long lists whose values speak for themselves.
	Brief bool
	// Empty is shown instead when there are no rows.
	Empty Empty
}

// Column is one column of a Table.
type Column struct {
	Title string
	// Number is aligned to the right, in tabular figures.
	Number bool
	// Main is what a row is called: it is the heading of the card on a phone, and carries the link.
	// One column is.
	Main bool
	// Small leaves the column out on a phone.
	Small bool
	// Unseen hides the title, for a column of buttons.
	Unseen bool
}

// Row is one row of a Table, with a cell for each column.
type Row struct {
	// Href makes the whole row lead somewhere; "" is nowhere.
	Href  string
	Cells []templ.Component
	// Tone marks the row: "wait", "stop", "good" or "".
	Tone string
}

// Pager leads through a list that has more than one page.
type Pager struct {
	// Next and First are addresses; "" is none. First leads back to the beginning.
	Next, First string
	// Shown says what is shown, such as "1-50".
	Shown string
}

// Empty is what stands where there is nothing yet.
type Empty struct {
	Icon, Title, Text string
	Action            Action // a zero Action is none
}

// class is how the cells of a column are shown.
func (c Column) class() string {
	var class []string
	for _, c := range []struct {
		name string
		is   bool
	}{{"number", c.Number}, {"first", c.Main}, {"small", c.Small}, {"doing", c.Unseen}} {
		if c.is {
			class = append(class, c.name)
		}
	}
	return strings.Join(class, " ")
}

func (e Empty) icon() string {
	if e.Icon == "" {
		return "list"
	}
	return e.Icon
}
