package crash

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"watari/kit/crash"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/test/program"
)

// How a bank's client asks for money: over one of the two interfaces with a payer's code, or over
// /v1 with an order that payers open in their wallets, a web page of one, an order that is only
// promised at first, or by a consent that was given before.
const (
	v1      = "v1"
	aps     = "alipayplus"
	ordered = "order"
	page    = "page"
	promise = "promise"
	agreed  = "consent"
)

// speech is a protocol that a wallet speaks; "" is that of Alipay+.
type speech string

// The other protocols.
const (
	wechat speech = "wechatpay"
	paypay speech = "paypay"
	line   speech = "linepay"
)

// in returns the wallet that speaks it.
func (s speech) in(w *world) program.Wallet {
	if s == "" {
		return w.speaks(aps)
	}
	return w.speaks(string(s))
}

// Modes of the wallet.
const (
	good    = ""
	asksPIN = "pin"
	deaf    = "timeout"          // no debit, no answer
	drops   = "drop_after_debit" // debit, connection closed
	late    = "late_success"     // no answer; debit and notice after 12 s, even after a cancel
)

// kill is where the network dies: when it is at a point for the nth time.
type kill struct {
	point crash.Point
	nth   int
}

// outside is no point: the network is killed from outside, when the play has come to it.
const outside crash.Point = "outside"

// scenario is one life of one payment in which the network is killed.
type scenario struct {
	kills []kill // one after the other, with a restart after each
	over  string
	with  speech        // the wallet
	and   speech        // another wallet that is chosen for the same order
	both  bool          // on PostgreSQL too; the scenarios of Alipay+ always are
	mode  string        // how the wallet answers the call of the sale
	short bool          // the deadline is over before the first inquiry, which is after eight seconds
	spare bool          // another process of the network runs all the time, and none is started again
	keep  bool          // a promise is not captured
	idle  bool          // wallets are chosen for an order, and nobody pays
	life  time.Duration // until an order lapses
	// away is how long the network is dead when a payer pays, who has chosen before. Nothing
	// else kills it then.
	away time.Duration
	// asking says that the wallet may still be asked about a payment that is closed: it takes
	// minutes to be sure that nothing comes any more. Nothing is played in this world after it.
	asking bool
	do     func(*play)
	// want is the state of the payment in the end, "" for none; back is what is given back of
	// it, in yen.
	want string
	back int64
}

// at is a scenario with one kill.
func at(point crash.Point, nth int) []kill { return []kill{{point, nth}} }

// scenarios is every place where the network can die. Batches of a sale are 1, which begins it,
// and 2, which concludes it; those of a cancel or refund after it are 3 and 4.
var scenarios = []scenario{
	{kills: at(crash.BeforeBegin, 1), over: v1, do: buy, want: "captured"},
	{kills: at(crash.BeforeBegin, 1), over: aps, do: buy, want: "captured"},
	{kills: at(crash.InBatch, 1), over: v1, do: buy, want: "captured"},
	{kills: at(crash.InBatch, 1), over: aps, do: buy, want: "captured"},
	{kills: at(crash.BeforeCall, 1), over: v1, short: true, do: buy, want: "cancelled"},
	{kills: at(crash.BeforeCall, 1), over: aps, do: buyOrGiveUp, want: "cancelled"},
	{kills: at(crash.AfterCall, 1), over: v1, do: buy, want: "captured"},
	{kills: at(crash.AfterCall, 1), over: aps, do: buy, want: "captured"},
	{kills: at(crash.AfterCall, 1), over: aps, do: buyOrGiveUp, want: "cancelled"},
	{kills: at(crash.AfterCall, 1), over: v1, mode: drops, do: buy, want: "captured"},
	{kills: at(crash.AfterCall, 1), over: v1, mode: "decline", do: buy, want: "declined"},
	{kills: at(crash.InBatch, 2), over: v1, do: buy, want: "captured"},
	{kills: at(crash.BeforeAnswer, 1), over: v1, do: buy, want: "captured"},
	{kills: at(crash.BeforeAnswer, 1), over: aps, do: buy, want: "captured"},

	{kills: at(crash.InBatch, 3), over: v1, do: buyAndCancel, want: "cancelled"},
	{kills: at(crash.InBatch, 4), over: aps, do: buyAndCancel, want: "cancelled"},
	{kills: at(crash.BeforeUndo, 1), over: v1, do: buyAndCancel, want: "cancelled"},
	{kills: at(crash.BeforeUndo, 1), over: aps, do: buyAndCancel, want: "cancelled"},
	{kills: at(crash.AfterUndo, 1), over: v1, do: buyAndCancel, want: "cancelled"},
	{kills: at(crash.BeforeAnswer, 2), over: v1, do: buyAndCancel, want: "cancelled"},
	{kills: at(crash.InBatch, 1), over: v1, do: giveUpAndBuy},
	{kills: at(crash.InBatch, 2), over: aps, do: giveUpAndBuy},

	{kills: at(crash.InBatch, 3), over: aps, do: buyAndReturn, want: "captured", back: 660},
	{kills: at(crash.InBatch, 4), over: v1, do: buyAndReturn, want: "captured", back: 660},
	{kills: at(crash.BeforeGive, 1), over: v1, do: buyAndReturn, want: "captured", back: 660},
	{kills: at(crash.AfterGive, 1), over: v1, do: buyAndReturn, want: "captured", back: 660},
	{kills: at(crash.AfterGive, 1), over: aps, do: buyAndReturn, want: "captured", back: 660},
	{kills: at(crash.BeforeAnswer, 2), over: aps, do: buyAndReturn, want: "captured", back: 660},

	{kills: at(crash.BeforeReceived, 1), over: v1, mode: asksPIN, do: buyByPIN, want: "captured"},
	{kills: at(crash.BeforeReceived, 1), over: aps, mode: late, do: buyOrGiveUp, want: "cancelled"},
	{kills: at(crash.AfterReceived, 1), over: aps, mode: asksPIN, do: buyByPIN, want: "captured"},
	{kills: at(crash.AfterReceived, 1), over: v1, mode: late, do: buyOrGiveUp, want: "cancelled"},

	{kills: at(crash.AfterInquiry, 1), over: v1, mode: drops, do: buy, want: "captured"},
	{kills: at(crash.AfterLease, 1), over: aps, mode: drops, do: buy, want: "captured"},
	{kills: at(crash.AfterInquiry, 1), over: v1, mode: deaf, short: true, do: buy,
		want: "cancelled"},
	{kills: at(crash.InBatch, 4), over: aps, mode: deaf, short: true, do: buy, want: "cancelled"},
	{kills: at(crash.BeforeUndo, 1), over: v1, mode: deaf, short: true, do: buy,
		want: "cancelled"},

	{kills: []kill{{crash.AfterCall, 1}, {crash.AfterInquiry, 1}, {crash.AfterLease, 1}}, over: v1,
		do: buy, want: "captured"},
	{kills: []kill{{crash.BeforeUndo, 1}, {crash.BeforeUndo, 1}, {crash.AfterUndo, 1}}, over: aps,
		do: buyAndCancel, want: "cancelled"},
	{kills: []kill{{crash.BeforeGive, 1}, {crash.AfterLease, 1}, {crash.AfterGive, 1}}, over: v1,
		do: buyAndReturn, want: "captured", back: 660},
}

// name is short and unique enough: the test runner numbers what is left.
func (s scenario) name() string {
	var b strings.Builder
	for _, k := range s.kills {
		fmt.Fprintf(&b, "%s-%d-", k.point, k.nth)
	}
	b.WriteString(s.over)
	for _, wallet := range []speech{s.with, s.and} {
		if wallet != "" {
			b.WriteString("-" + string(wallet))
		}
	}
	if s.away > 0 {
		b.WriteString("-away")
	}
	if s.life > 0 {
		b.WriteString("-lapse")
	}
	if s.mode != good {
		b.WriteString("-" + s.mode)
	}
	return b.String()
}

// wallets are those of the payers.
func (s scenario) wallets() []speech {
	if s.and == "" {
		return []speech{s.with}
	}
	return []speech{s.with, s.and}
}

// split deals scenarios out to worlds. One after which its world is of no use is the last there.
func split(all []scenario, worlds int) [][]scenario {
	dealt := make([][]scenario, worlds)
	n := 0
	for _, last := range []bool{false, true} {
		for _, s := range all {
			if s.asking == last {
				dealt[n%worlds] = append(dealt[n%worlds], s)
				n++
			}
		}
	}
	return dealt
}

// chosen are the scenarios of an engine.
func chosen(all []scenario, engine db.Engine) (some []scenario) {
	for _, s := range all {
		if engine == db.SQLite || s.both {
			some = append(some, s)
		}
	}
	return some
}

// The goal is that a death at any point costs nobody money: in the end both sides have the same
// final states, and a client that repeats itself hears the same answer for ever. The method: a
// network that kills itself at the point, a bank's client that plays its part before and after,
// the lists of both sides, and the verifier.
func TestNobodyLosesMoneyWhereverTheProcessDies(t *testing.T) {
	t.Parallel()
	all := map[db.Engine][][]scenario{}
	most := 0
	for _, engine := range dbtest.Engines {
		worlds := split(scenarios, series)
		for _, more := range [][]scenario{coded, orderly} {
			here := chosen(more, engine)
			worlds = append(worlds, split(here, (len(here)+perWorld-1)/perWorld)...)
		}
		all[engine], most = worlds, max(most, len(worlds))
	}
	// The engines take turns, so that few worlds at once share the one PostgreSQL server.
	for i := range most {
		for _, engine := range dbtest.Engines {
			if i < len(all[engine]) {
				t.Run(fmt.Sprintf("%s/%d", engine, i), func(t *testing.T) {
					t.Parallel()
					playAll(t, newWorld(t, engine), all[engine][i])
				})
			}
		}
	}
}

// playAll runs scenarios one after the other in a world. What follows a failure there would prove
// nothing, so it is not run.
func playAll(t *testing.T, w *world, all []scenario) {
	t.Helper()
	for _, s := range all {
		if !t.Failed() {
			t.Run(s.name(), func(t *testing.T) { s.run(t, w) })
		}
	}
}

// series is how many worlds share the scenarios of an engine, and perWorld how many of the others
// share one.
const (
	series   = 10
	perWorld = 5
)

// shared are deaths of one of two processes, at points that the other one cannot pass instead.
var shared = []scenario{
	{kills: at(crash.AfterCall, 1), over: v1, spare: true, do: buy, want: "captured"},
	{kills: at(crash.InBatch, 2), over: aps, spare: true, do: buy, want: "captured"},
	{kills: at(crash.BeforeUndo, 1), over: v1, spare: true, do: buyAndCancel, want: "cancelled"},
	{kills: at(crash.AfterGive, 1), over: aps, spare: true, do: buyAndReturn, want: "captured",
		back: 660},
}

// The goal is that a dead process need not come back: another one finishes its work. The method:
// two processes on one PostgreSQL database; the bank's client turns to the other when one is dead.
func TestAnotherProcessFinishesTheWorkOfADeadOne(t *testing.T) {
	t.Parallel()
	for _, s := range shared {
		t.Run(s.name(), func(t *testing.T) {
			t.Parallel()
			s.run(t, newWorld(t, db.Postgres))
		})
	}
}

func (s scenario) run(t *testing.T, w *world) {
	w.within(t)
	deadline := patience
	if s.short {
		deadline = time.Second
	}
	var spare *program.Server
	if s.spare {
		w.start(deadline)
		spare = w.network.Load()
	}
	var p *play
	for i, k := range s.kills {
		start := w.start
		if i > 0 {
			start = w.startMortal
		}
		start(deadline, "WATARI_CRASH_AT="+string(k.point),
			fmt.Sprintf("WATARI_CRASH_NTH=%d", k.nth))
		if p == nil {
			w.misbehave(s.with.in(w), s.mode, 1)
			p = s.newPlay(w)
		}
		s.do(p)
		w.awaitDeath()
	}
	if s.spare {
		w.moveTo(spare)
	} else {
		w.start(deadline)
	}
	s.do(p)
	agree := func() error { return w.agreeBut(s.asking) }
	settled := w.until(settleMax, "both sides agree", agree)
	s.do(p) // the answers are the same for ever, and nothing happens any more
	if !settled {
		return
	}
	if err := agree(); err != nil {
		t.Errorf("after one more repeat: %v", err)
	}
	s.check(t, p)
}

// check compares the end with what the scenario wants, and all that was heard with the end.
func (s scenario) check(t *testing.T, p *play) {
	books, err := p.w.books()
	if err != nil {
		t.Fatal(err)
	}
	state, back, made := "", int64(0), 0
	for _, b := range books {
		if b.RequestID == p.sale.request {
			state, back, made = b.State, b.Refunded, made+1
		}
	}
	if made > 1 || state != s.want || back != s.back {
		t.Errorf("%d payments, %q with %d refunded; want one at most, %q with %d", made, state,
			back, s.want, s.back)
	}
	// Final words may only be what is true in the end; but a payment that its bank cancelled was
	// truly paid before.
	truth := map[string]word{"captured": paid, "cancelled": closed, "declined": declined,
		"": refused}[s.want]
	if s.over == aps && truth == refused {
		truth = closed
	}
	last := len(p.sold) - 1
	for i, h := range p.sold {
		undone := truth == closed && len(p.undone) > 0 && h.word == paid
		undone = undone || h.word == kept
		if h.final() && h.word != truth && !undone || i == last && !h.final() {
			t.Errorf("sale: answer %d of %+v, want %s", i, p.sold, truth)
			break
		}
	}
	wantLast(t, "cancel", p.undone, closed)
	wantLast(t, "refund", p.given, paid)
}

// wantLast wants nothing else in the end, and never another final word.
func wantLast(t *testing.T, what string, all []heard, want word) {
	for i, h := range all {
		if h.final() && h.word != want || i == len(all)-1 && h.word != want {
			t.Errorf("%s: answer %d of %+v, want %s", what, i, all, want)
			return
		}
	}
}

// row is a row of the crash tables: its number, and the points in its second column.
var row = regexp.MustCompile(`(?m)^\| *(\d+) *\|([^|]*)\|`)

// The goal is a table that says of every point who repairs it, and tests that prove it. The
// method: the points in the second column of the tables of ARCHITECTURE.md, those of kit/crash,
// and those that a scenario kills at must be the same.
func TestEveryPointHasARowAndAScenario(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	var rows, killed []string
	code := regexp.MustCompile("`([a-z-]+)`")
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		for _, point := range code.FindAllStringSubmatch(m[2], -1) {
			rows = append(rows, point[1])
		}
	}
	for _, s := range slices.Concat(scenarios, coded, orderly, hooked) {
		for _, k := range s.kills {
			if k.point != outside {
				killed = append(killed, string(k.point))
			}
		}
	}
	// The test of visit/order kills at these: nothing is sold to visitors here.
	for _, p := range []crash.Point{crash.BeforeOpen, crash.AfterOpen, crash.BeforeReturn,
		crash.AfterReturn} {
		killed = append(killed, string(p))
	}
	var points []string
	for _, p := range crash.Points() {
		points = append(points, string(p))
	}
	slices.Sort(points)
	for what, got := range map[string][]string{"rows": rows, "scenarios": killed} {
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, points) {
			t.Errorf("%s: got %q, want %q", what, got, points)
		}
	}
}

// The goal is that real wallets always get the time of their protocol. The method: a network that
// is no sandbox is told another one, and so is a sandbox in words that are no time.
func TestOnlyASandboxHasAnotherDeadline(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--sandbox-deadline=1s"},
		{"--sandbox", "--sandbox-deadline=-1s"}} {
		cmd := exec.Command(program.Crashing(t), append([]string{"serve", "--listen=127.0.0.1:0",
			"--data=" + t.TempDir()}, args...)...)
		text, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(text), "sandbox-deadline") {
			t.Errorf("serve %q: %v, %s", args, err, text)
		}
	}
}
