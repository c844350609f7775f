package park

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"watari/kit/i18n"
	"watari/kit/money"
	"watari/ui/console"

	parks "watari/visit/park"
)

// yen writes whole yen for people; they may be negative.
func yen(v *console.Visit, n int64) string {
	if n < 0 {
		return "−" + yen(v, -n)
	}
	a, err := money.New(n, "JPY")
	if err != nil {
		return v.Number(n)
	}
	return money.FormatFor(string(v.Lang), a)
}

// noon is a minute of every park day, to name the day by.
const noon = 12 * 60

// dayName is a park day in words, as it stands when it is none.
func dayName(v *console.Visit, day string) string {
	t := parks.At(day, noon)
	if t.IsZero() {
		return day
	}
	return v.Lang.Day(t)
}

// addDays is a park day some days later or, with n below 0, before.
func addDays(day string, n int) string {
	return parks.DayOf(parks.At(day, noon).AddDate(0, 0, n))
}

// dayIn reads a park day of the address, or else the one that is given.
func dayIn(v *console.Visit, name, otherwise string) string {
	day := strings.TrimSpace(v.R.FormValue(name))
	if parks.At(day, 0).IsZero() {
		return otherwise
	}
	return day
}

// clockText writes a minute of a park day, "09:30"; after midnight it goes on with 24:00.
func clockText(minute int64) string {
	two := func(n int64) string {
		s := strconv.FormatInt(n, 10)
		if len(s) < 2 {
			return "0" + s
		}
		return s
	}
	return two(minute/60) + ":" + two(minute%60)
}

// minuteOf reads what clockText wrote; "" is 0.
func minuteOf(s string) (int64, bool) {
	if s == "" {
		return 0, true
	}
	h, m, ok := strings.Cut(s, ":")
	hours, err1 := strconv.ParseInt(h, 10, 32)
	minutes, err2 := strconv.ParseInt(m, 10, 32)
	return hours*60 + minutes, ok && err1 == nil && err2 == nil && hours >= 0 && minutes >= 0 &&
		minutes < 60
}

// typedMinute reads a field with a time of the day, and notes when it is none.
func typedMinute(v *console.Visit, name string) int64 {
	n, ok := minuteOf(v.Typed(name))
	if !ok {
		v.Mistake(name, v.T("wrong.time"))
	}
	return n
}

// typedNumber reads a field with a whole number, 0 when it is empty, and notes when it is none.
func typedNumber(v *console.Visit, name string) int64 {
	s := v.Typed(name)
	if s == "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		v.Mistake(name, v.T("wrong.number"))
		return 0
	}
	return n
}

// typedText reads the fields of a text in five languages.
func typedText(v *console.Visit, name string) i18n.Text {
	t := i18n.Text{}
	for _, l := range i18n.Langs() {
		if s := v.Typed(name + "." + string(l)); s != "" {
			t[l] = strings.ReplaceAll(s, "\r\n", "\n")
		}
	}
	return t
}

// numberText is a number as it stands in a field; 0 is an empty one.
func numberText(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// clockField is a minute as it stands in a field; 0 is an empty one.
func clockField(minute int64) string {
	if minute == 0 {
		return ""
	}
	return clockText(minute)
}

// query writes an address with parameters, leaving out empty ones.
func query(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// cells are the texts of a row.
func cells(texts ...string) (out []templ.Component) {
	for _, t := range texts {
		out = append(out, console.Text(t))
	}
	return out
}

// channelName is through what something is sold.
func channelName(v *console.Visit, channel string) string {
	if channel == "" {
		return v.T("channel.all")
	}
	return v.T("channel." + channel)
}

// channelOptions are the channels to choose from, every one first.
func channelOptions(v *console.Visit) []console.Option {
	list := []console.Option{{Label: v.T("channel.all")}}
	for _, c := range parks.Channels() {
		list = append(list, console.Option{Value: c, Label: channelName(v, c)})
	}
	return list
}

// unitOptions are the age classes to choose from, every one first.
func unitOptions(v *console.Visit) []console.Option {
	list := []console.Option{{Label: v.T("unit.all")}}
	for _, u := range parks.Units() {
		list = append(list, console.Option{Value: string(u), Label: u.Name(v.Lang)})
	}
	return list
}

// productNames are the names of products by their codes.
func productNames(v *console.Visit, ps []parks.Product) map[string]string {
	names := map[string]string{}
	for _, p := range ps {
		names[p.Code] = p.Name.In(v.Lang)
	}
	return names
}

// nameOr is the name of a code, or the code.
func nameOr(names map[string]string, code string) string {
	if n := names[code]; n != "" {
		return n
	}
	return code
}

// productOptions are the products to choose from, every one first.
func productOptions(v *console.Visit, ps []parks.Product) []console.Option {
	list := []console.Option{{Label: v.T("product.all")}}
	for _, p := range ps {
		list = append(list, console.Option{Value: p.Code, Label: p.Name.In(v.Lang)})
	}
	return list
}

// today is the park day of now.
func today(v *console.Visit) string { return parks.DayOf(v.Now) }

// moment reads a day of a form as its first instant in Japan; the zero time when it is empty.
func moment(v *console.Visit, name string, plusDays int) time.Time {
	day := v.Typed(name)
	if day == "" {
		return time.Time{}
	}
	t := parks.At(day, 0)
	if t.IsZero() {
		v.Mistake(name, v.T("wrong.day"))
		return t
	}
	return t.AddDate(0, 0, plusDays)
}

// clearOf is the address of a page without its filter, "" when there is none.
func clearOf(v *console.Visit, path string) string {
	if v.R.URL.RawQuery == "" {
		return ""
	}
	return path
}
