package visitor

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"watari/kit/i18n"
	"watari/visit/park"
	"watari/visit/park/queue"
	"watari/visit/park/ticket"
)

// vectors are what the server says, for the tests of the scripts that say the same on a phone.
type vectors struct {
	Words  map[string]string `json:"words"`
	Waits  []waitVector      `json:"waits"`
	Digits []digitVector     `json:"digits"`
	Days   []dayVector       `json:"days"`
}

type waitVector struct {
	Lang i18n.Lang      `json:"lang"`
	Wait map[string]any `json:"wait"` // as GET /v1/parks/{park}/waits answers it
	Want map[string]any `json:"want"`
}

type digitVector struct {
	Secret string `json:"secret"`
	At     int64  `json:"at"` // ms
	Digits string `json:"digits"`
}

type dayVector struct {
	At  int64  `json:"at"` // ms
	Day string `json:"day"`
}

// vectorFile is read by ui/web/test/visitor-words.test.mjs.
const vectorFile = "testdata/scripts.json"

// Goal: a wait, the digits of a ticket and the day of the park are the same on the server and in
// the scripts. Method: the server's own over what can be, written to a file that the tests of the
// scripts read; the file is current.
func TestScriptsSayWhatTheServerSays(t *testing.T) {
	t.Parallel()
	all := vectors{Words: map[string]string{}, Digits: digitVectors(), Days: dayVectors()}
	for name, key := range waitWords {
		all.Words[name] = plainWords(i18n.English).T(key)
	}
	for _, lang := range i18n.Langs() {
		v := &Visit{Words: plainWords(lang), Now: noon}
		for _, w := range waitCases() {
			all.Waits = append(all.Waits, v.vector(w))
		}
	}
	got, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if os.Getenv("WATARI_UPDATE") == "1" {
		if err := os.WriteFile(vectorFile, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(vectorFile)
	if err != nil || string(want) != string(got) {
		t.Errorf("%s is not current: run the test with WATARI_UPDATE=1 (%v)", vectorFile, err)
	}
}

// waitWords are the words that scripts get with a page, by the key of the page's text. Those of
// the vectors stand for them: what people read may change, and the vectors do not.
var waitWords = map[string]string{"minutes": "minutes", "most": "minutes.most",
	"none": "park.wait.none", "down": "park.wait.down", "closed": "park.wait.closed",
	"refurbishment": "park.wait.refurbishment", "unknown": "park.wait.unknown",
	"timed": "park.wait.timed", "last": "park.wait.last", "asof": "park.wait.asof",
	"longer": "park.wait.longer", "shorter": "park.wait.shorter"}

func plainWords(lang i18n.Lang) Words {
	texts := map[string]string{}
	for name, key := range waitWords {
		texts[key] = name
	}
	for name, more := range map[string]string{"minutes": " {n}", "most": " {n}",
		"last": " {n} {time}", "asof": " {time}"} {
		texts[waitWords[name]] += more
	}
	raw, _ := json.Marshal(texts)
	book := i18n.MustLoad(fstest.MapFS{"en.json": {Data: raw}}, "*.json")
	return Words{Lang: lang, all: []*i18n.Texts{book.For(lang)}}
}

// noon is a moment of the vectors; midnight too, for clocks that call it 24.
var noon = time.Date(2026, 12, 24, 3, 5, 0, 0, time.UTC)

// waitCases are waits of every kind.
func waitCases() (out []queue.Wait) {
	minutes := func(n int64) *int64 { return &n }
	for _, s := range []queue.State{queue.Down, queue.Closed, queue.Refurbishment, queue.Unknown,
		queue.Operating} {
		out = append(out, queue.Wait{State: s, Fresh: queue.Fresh},
			queue.Wait{State: s, Fresh: queue.Fresh, TimedOnly: true},
			queue.Wait{State: s, Fresh: queue.Stale, Last: minutes(35), LastAt: noon})
	}
	for _, n := range []int64{0, 5, 20, 25, 60, 65, 180} {
		for _, most := range []bool{false, true} {
			out = append(out, queue.Wait{State: queue.Operating, Minutes: minutes(n), AtMost: most,
				Fresh: queue.Fresh})
		}
	}
	for _, trend := range []int{-1, 1} {
		out = append(out, queue.Wait{State: queue.Operating, Minutes: minutes(30),
			Fresh: queue.Fresh, Trend: trend}, queue.Wait{State: queue.Operating,
			Minutes: minutes(30), Fresh: queue.Ageing, Trend: trend, ObservedAt: noon},
			queue.Wait{State: queue.Operating, Minutes: minutes(30), Fresh: queue.Stale,
				Trend: trend, ObservedAt: noon.Add(12 * time.Hour)})
	}
	return out
}

// vector is a wait as a script gets it, and what the server makes of it.
func (v *Visit) vector(w queue.Wait) waitVector {
	in := map[string]any{"state": w.State, "minutes": w.Minutes, "freshness": w.Fresh,
		"trend": w.Trend, "at_most": w.AtMost, "timed_only": w.TimedOnly}
	if w.Last != nil {
		in["last_minutes"], in["last_at"] = *w.Last, w.LastAt
	}
	if !w.ObservedAt.IsZero() {
		in["observed_at"] = w.ObservedAt
	}
	say := v.sayWait(w)
	return waitVector{v.Lang, in, map[string]any{"minutes": say.Minutes, "short": say.Text,
		"long": say.Long, "tone": say.Tone, "note": v.noteWait(w)}}
}

// digitVectors are digits at the edges of their half minutes, and after 2038.
func digitVectors() (out []digitVector) {
	secret := make([]byte, 32)
	for i := range secret {
		secret[i] = byte(7 * i)
	}
	step := noon.Truncate(30 * time.Second)
	for _, at := range []time.Time{step, step.Add(-time.Millisecond),
		step.Add(30*time.Second - time.Millisecond), step.Add(30 * time.Second),
		time.Unix(59, 0), time.Unix(1<<33, 0), time.Unix(30<<32+29, 0)} {
		out = append(out, digitVector{hex.EncodeToString(secret), at.UnixMilli(),
			ticket.Digits(secret, at)})
		secret[0]++
	}
	return out
}

// dayVectors are moments around five in the morning in Japan, when the day of a park begins.
func dayVectors() (out []dayVector) {
	five := park.At("2026-12-24", 5*60)
	for _, at := range []time.Time{five.Add(-time.Millisecond), five, five.Add(-5 * time.Hour),
		five.Add(18*time.Hour + 59*time.Minute), park.At("2027-01-01", 4*60+59),
		park.At("2028-02-29", 24*60)} {
		out = append(out, dayVector{at.UnixMilli(), park.DayOf(at)})
	}
	return out
}
