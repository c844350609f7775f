package console_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"watari/kit/i18n"
	"watari/kit/money"
	"watari/pay/party/prefecture"
	"watari/ui/console"
)

// Goal: every component can be drawn in every language. Method: draw them all.
func TestEveryComponentIsDrawn(t *testing.T) {
	t.Parallel()
	for _, lang := range i18n.Langs() {
		got := draw(t, lang, func(v *console.Visit) templ.Component {
			return templ.Join(
				v.Facts([]console.Fact{{Name: "Amount", Value: v.Money(money.MustNew(1980, "JPY"))}}),
				v.Badge(console.Wait, "", "Waiting"),
				around(v.Note(console.Note{Title: "Note", Text: "text"}), console.Strong("more")),
				around(v.Card(console.Card{Title: "Card", Actions: []console.Action{{Text: "Do",
					Href: "/x", Post: map[string]string{"a": "1"}}}}), console.Code("pay_1")),
				v.Tabs("Views", []console.Tab{{Text: "One", Href: "/1", On: true, Count: 3}}),
				v.Timeline([]console.Moment{{At: now, Tone: console.Good, Title: "Paid",
					Detail: console.Text("x"), DetailTitle: "More"}}),
				v.Copy("Link", "https://x.example"), v.QR("https://x.example", "Link"),
				v.Dialog(console.Dialog{ID: "d", Title: "Sure?", Submit: "Yes"}),
				v.Progress(console.Progress{Label: "Import", Done: 1, Total: 4}),
				around(v.Live(console.Live{ID: "l", Seconds: 5}), console.To("x", "/x")),
				v.Stats([]console.Stat{{Label: "Payments", Value: "42", Spark: []int64{1, 2}}}),
				v.Empty(console.Empty{Title: "Nothing yet"}),
				v.Pager(console.Pager{Next: "/next"}),
				around(v.Filters("/bank"), v.Field(console.Field{Name: "q", Label: "Text"})),
				around(v.Grid(), around(v.Halves(), console.Two("a", "b"))))
		})
		holds(t, got, `class="badge wait"`, "1,980", "<dialog"[:2], `popover`, `max="100"`,
			`value="25"`, `<console-live id="l" seconds="5"`, `rel="next"`, `data-copy=`)
	}
}

// Goal: a table reads as one, also as cards on a phone. Method: roles, names and the link.
func TestATableKeepsItsMeaning(t *testing.T) {
	t.Parallel()
	got := draw(t, i18n.English, func(v *console.Visit) templ.Component {
		return v.Table(console.Table{Caption: "Payments", Columns: []console.Column{
			{Title: "Time", Main: true}, {Title: "Amount", Number: true}},
			Rows: []console.Row{{Href: "/p/1", Tone: console.Wait,
				Cells: []templ.Component{v.Time(now), console.Text("5")}}}})
	})
	holds(t, got, `<caption class="unseen">Payments</caption>`, `role="columnheader"`,
		`<a class="rowlink" href="/p/1">`, `<time datetime="2026-11-22T12:00:00+09:00"`, ">12:00<")
	none := draw(t, i18n.English, func(v *console.Visit) templ.Component {
		return v.Table(console.Table{Empty: console.Empty{Title: "No payment yet"}})
	})
	holds(t, none, "No payment yet")
	if strings.Contains(none, "<table") {
		t.Error("an empty table is drawn")
	}
}

var drawnRect = regexp.MustCompile(`class="shade-(\d)" x="(\d+)" y="(\d+)"`)

// Goal: the map has every prefecture once, none over another, each with its figures in the table.
// Method: count the squares and the rows.
func TestTheMapHasEveryPrefectureOnce(t *testing.T) {
	t.Parallel()
	whole := draw(t, i18n.Japanese, func(v *console.Visit) templ.Component {
		return v.JapanMap(console.JapanMap{Title: "Shops", NameTitle: "P", ValueTitle: "N",
			Values: map[string]console.PrefectureValue{
				"21": {Value: 100, Shown: "100", Href: "/shops?prefecture=21"},
				"13": {Value: 1, Shown: "1"}, "26": {Value: 0, Shown: "0"}}})
	})
	got, _, _ := strings.Cut(whole, `class="scale"`)
	places := map[string]bool{}
	shades := map[string]int{}
	for _, m := range drawnRect.FindAllStringSubmatch(got, -1) {
		if places[m[2]+","+m[3]] {
			t.Errorf("two squares at %s, %s", m[2], m[3])
		}
		places[m[2]+","+m[3]] = true
		shades[m[1]]++
	}
	if len(places) != 47 || shades["0"] != 45 || shades["1"] != 1 || shades["5"] != 1 {
		t.Errorf("%d squares, shades %v", len(places), shades)
	}
	for _, p := range prefecture.All() {
		if n := strings.Count(whole, p.JA); n < 2 {
			t.Errorf("%s is named %d times", p.JA, n)
		}
	}
	holds(t, whole, `href="/shops?prefecture=21"`, ">100<")
}

var (
	drawnBar  = regexp.MustCompile(`class="bar" x="\d+" y="(\d+)" width="\d+" height="(\d+)"`)
	drawnLine = regexp.MustCompile(`class="line line-0" d="([^"]+)"`)
	point     = regexp.MustCompile(`([ML])(\d+) (-?\d+)`)
)

// Goal: bars are as tall as their values, and what is more than nothing is seen. Method: read the
// heights back.
func TestBarsAreAsTallAsTheirValues(t *testing.T) {
	t.Parallel()
	got := draw(t, i18n.English, func(v *console.Visit) templ.Component {
		return v.BarChart(console.BarChart{Title: "Takings", LabelTitle: "Day", ValueTitle: "Yen",
			Bars: []console.Bar{{Label: "Mon", Shown: "¥1,000", Value: 1000},
				{Label: "Tue", Shown: "¥500", Value: 500}, {Label: "Wed", Shown: "¥0"},
				{Label: "Thu", Shown: "¥1", Value: 1, Now: true, Href: "/day/4"}}})
	})
	var tall []int64
	for _, m := range drawnBar.FindAllStringSubmatch(got, -1) {
		n, _ := strconv.ParseInt(m[2], 10, 64)
		tall = append(tall, n)
	}
	if len(tall) != 4 || tall[0] != 2*tall[1] || tall[2] != 0 || tall[3] < 1 || tall[3] > 5 {
		t.Errorf("heights %v", tall)
	}
	holds(t, got, "<td class=\"number\">¥500</td>", `href="/day/4"`)
}

// Goal: a line stays in its picture and is cut where a value is missing. Method: read it back.
func TestALineIsCutWhereAValueIsMissing(t *testing.T) {
	t.Parallel()
	got := draw(t, i18n.English, func(v *console.Visit) templ.Component {
		return v.LineChart(console.LineChart{Title: "Success", LabelTitle: "Time", Top: 1000,
			Labels: []string{"a", "b", "c", "d", "e"},
			Shown:  func(n int64) string { return v.Percent(n, 1000) },
			Series: []console.Series{{Name: "One", Values: []int64{1000, 0, -1, 500, 974}},
				{Name: "Two", Values: []int64{1, 2, 3, 4, 5}}}})
	})
	line := drawnLine.FindStringSubmatch(got)
	if line == nil {
		t.Fatal("no line")
	}
	pens := ""
	for _, m := range point.FindAllStringSubmatch(line[1], -1) {
		pens += m[1]
		if y, _ := strconv.Atoi(m[3]); y < 0 || y > 160 {
			t.Errorf("%s is outside", m[0])
		}
	}
	if pens != "MLML" {
		t.Errorf("the pen does %q", pens)
	}
	holds(t, got, "97.4 %", "100.0 %", "–")
}

// Goal: figures are written as people read them. Method: edges.
func TestFiguresAreWritten(t *testing.T) {
	t.Parallel()
	draw(t, i18n.Japanese, func(v *console.Visit) templ.Component {
		for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000",
			-1234567: "-1,234,567", 100: "100"} {
			if got := v.Number(n); got != want {
				t.Errorf("%d is %q, want %q", n, got, want)
			}
		}
		for want, p := range map[string][2]int64{"–": {1, 0}, "33.3 %": {1, 3}, "66.7 %": {2, 3},
			"100.0 %": {5, 5}} {
			if got := v.Percent(p[0], p[1]); got != want {
				t.Errorf("%v is %q, want %q", p, got, want)
			}
		}
		return v.Time(now.Add(-24 * time.Hour))
	})
}
