package console

import (
	"fmt"
	"slices"
	"strings"
)

// Stat is one figure that people look at first.
type Stat struct {
	Label string
	// Value is the figure as people read it.
	Value string
	// Note stands under it, in the colour of Tone, with its shape.
	Note, Tone string
	// Spark are values over time, the newest last; nil draws none. SparkTitle says what they are.
	Spark      []int64
	SparkTitle string
	// Href leads to what the figure counts; "" is nowhere.
	Href string
}

// Bar is one bar of a BarChart.
type Bar struct {
	// Label is under the bar, Short when there is little room; Shown is the value in words.
	Label, Short, Shown string
	Value               int64 // 0 or more
	Href                string
	// Now marks the bar that still grows.
	Now bool
}

// BarChart compares values in a row: days, hours. It is drawn as SVG, with a table of the same
// figures beside it.
type BarChart struct {
	// Title says what is compared; it is the name of the picture.
	Title string
	Bars  []Bar
	// LabelTitle and ValueTitle head the columns of the table.
	LabelTitle, ValueTitle string
}

// Series is one line of a LineChart. A value below 0 is a gap.
type Series struct {
	Name   string
	Values []int64
}

// LineChart shows values over time. All series have as many values as there are Labels.
type LineChart struct {
	Title string
	// Labels are the moments, in words; Shown writes a value, nil as a plain number.
	Labels []string
	Series []Series
	Shown  func(int64) string
	// LabelTitle heads the column of the moments in the table.
	LabelTitle string
	// Top is the least value that the upper edge stands for, such as 100 for percent.
	Top int64
}

// Sizes of the pictures in units of their viewBox.
const (
	sparkWide, sparkHigh = 120, 32
	barWide, barGap      = 40, 12
	barHigh              = 160
	lineWide, lineHigh   = 600, 160
)

// linesRule are the lines behind a LineChart: above, in the middle, below.
var linesRule = fmt.Sprintf("M0 2h%[1]dM0 %[2]dh%[1]dM0 %[3]dh%[1]d", lineWide, lineHigh/2,
	lineHigh-2)

// sparkPath is the line through values, scaled into the picture.
func sparkPath(values []int64, wide, high, top int64) string {
	if len(values) < 2 {
		return ""
	}
	for _, n := range values {
		top = max(top, n)
	}
	top = max(top, 1)
	var b strings.Builder
	pen := "M"
	last := int64(len(values) - 1)
	for i, n := range values {
		if n < 0 {
			pen = "M"
			continue
		}
		fmt.Fprintf(&b, "%s%d %d", pen, int64(i)*wide/last, high-2-n*(high-4)/top)
		if pen == "M" && (i == len(values)-1 || values[i+1] < 0) {
			b.WriteString("h4") // a value between two gaps is seen, too
		}
		pen = "L"
	}
	return b.String()
}

// niceTop is the value of the upper line: the next of 1, 2, 5 times a power of ten.
func niceTop(most int64) int64 {
	for step := int64(1); ; step *= 10 {
		for _, f := range []int64{1, 2, 5} {
			if f*step >= most {
				return f * step
			}
		}
		if step > 1_000_000_000_000_000 {
			return most
		}
	}
}

// most is the largest value of a chart's bars.
func (c BarChart) most() (n int64) {
	for _, b := range c.Bars {
		n = max(n, b.Value)
	}
	return n
}

func (c BarChart) wide() int { return len(c.Bars)*(barWide+barGap) + barGap }

// tall is the height of a bar; what is more than nothing is always seen.
func (c BarChart) tall(b Bar) int64 {
	if b.Value <= 0 {
		return 0
	}
	return max(3, b.Value*barHigh/niceTop(c.most()))
}

func (b Bar) short() string {
	if b.Short != "" {
		return b.Short
	}
	return b.Label
}

// every is how many labels of the bars are shown: each, or each second, third, …
func (c BarChart) every() int {
	if n := len(c.Bars); n > manyBars {
		return (n + 6) / 7
	}
	return (len(c.Bars) + 11) / 12
}

// manyBars is from how many bars on their labels would run together on a phone.
const manyBars = 16

func (c LineChart) top() int64 {
	most := c.Top
	for _, s := range c.Series {
		most = max(most, slices.Max(append(slices.Clone(s.Values), 0)))
	}
	if most == c.Top && c.Top > 0 {
		return c.Top
	}
	return niceTop(max(1, most))
}

func (c LineChart) show(n int64) string {
	if n < 0 {
		return "–"
	}
	if c.Shown == nil {
		return fmt.Sprint(n)
	}
	return c.Shown(n)
}

func (c LineChart) value(s Series, i int) string {
	if i >= len(s.Values) {
		return "–"
	}
	return c.show(s.Values[i])
}
