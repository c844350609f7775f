package park

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"watari/ui/console"
)

// Goal: a file for spreadsheets runs no formula (R4). Method: what begins one, and what does not.
func TestNoTextOfAFileIsAFormula(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"=1+1": "'=1+1", "@SUM(A1)": "'@SUM(A1)",
		"-2": "'-2", "＝1": "'＝1", "春": "春", "": "", "a=b": "a=b"} {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
}

// Goal: minutes of a park day go through a form unchanged, also those after midnight. Method: both
// ways, and what is no time.
func TestTimesOfAParkDay(t *testing.T) {
	t.Parallel()
	for _, minute := range []int64{0, 5, 570, 1439, 1500, 1740} {
		if got, ok := minuteOf(clockText(minute)); !ok || got != minute {
			t.Errorf("%d is written %s and read as %d", minute, clockText(minute), got)
		}
	}
	for _, bad := range []string{"9", "9:60", "-1:00", "x:y", "09:-5"} {
		if _, ok := minuteOf(bad); ok {
			t.Errorf("%q is read as a time", bad)
		}
	}
}

// Goal: a share goes through a form unchanged, to a millionth. Method: both ways, and what is none.
func TestSharesAreExact(t *testing.T) {
	t.Parallel()
	read := func(text string) (int64, bool) {
		form := url.Values{"share": {text}}
		r := httptest.NewRequest("POST", "/", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if err := r.ParseForm(); err != nil {
			t.Fatal(err)
		}
		v := &console.Visit{R: r, Texts: catalogue(t).For("en"), Mistakes: map[string]string{}}
		n := share(v, "share")
		return n, !v.Wrong()
	}
	for _, ppm := range []int64{0, 1, 100, 125_000, 333_333, 1_000_000} {
		if got, ok := read(percent(ppm)); !ok || got != ppm {
			t.Errorf("%d is written %q and read as %d", ppm, percent(ppm), got)
		}
	}
	for _, bad := range []string{"101", "100.1", "-1", "1.23456", "x", "1.x"} {
		if n, ok := read(bad); ok {
			t.Errorf("%q is read as %d", bad, n)
		}
	}
}
