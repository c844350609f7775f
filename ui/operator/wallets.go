package operator

import (
	"net/http"
	"slices"
	"time"

	"github.com/a-h/templ"

	"watari/kit/clock"
	"watari/pay/link/guard"
	"watari/pay/party"
	"watari/pay/watch"
	"watari/ui/console"
)

// walletLine is a wallet with its health: as a line of steps, over the whole period, and now.
type walletLine struct {
	party.Wallet
	Steps  []watch.Health // without gaps: a step in which no node ran has no minutes
	Period watch.Health
	Now    watch.Health // the last minutes
}

// circuitMinutes is how long a circuit that opened is shown as open.
const circuitMinutes = 2

// condition is how a wallet is, in one word: "wallet.<condition>".
func (w walletLine) condition() (string, look) {
	switch {
	case w.Issuer.Status != party.Open:
		return "closed", look{console.Plain, "lock"}
	case w.Now.Minutes == 0:
		return "unwatched", look{console.Wait, "eye"}
	case w.Now.Down():
		return "down", look{console.Stop, ""}
	case w.Now.Calls() == 0:
		return "idle", look{console.Plain, "wait"}
	case w.Now.Failing(), w.Now.Calls() == w.Now.Silent():
		return "failing", look{console.Wait, "alert"}
	}
	return "well", look{console.Good, ""}
}

func conditionBadge(v *console.Visit, w walletLine) templ.Component {
	name, l := w.condition()
	return v.Badge(l.tone, l.icon, v.T("wallet."+name))
}

// walletLines reads the health of every wallet over a time until now.
func (p *pages) walletLines(
	v *console.Visit, reach, step time.Duration,
) ([]walletLine, error) {
	wallets, err := p.Directory.Wallets(v.Ctx())
	if err != nil {
		return nil, err
	}
	until := v.Now.Truncate(time.Minute).Add(time.Minute)
	from := until.Add(-reach)
	all, err := p.Watch.History(v.Ctx(), watch.Span{From: from, Until: until, Step: step})
	if err != nil {
		return nil, err
	}
	recent, err := p.Watch.Recent(v.Ctx(), nowMinutes)
	if err != nil {
		return nil, err
	}
	circuits, err := p.Watch.Recent(v.Ctx(), circuitMinutes)
	if err != nil {
		return nil, err
	}
	lines := make([]walletLine, len(wallets))
	at := map[int64]int{}
	for i, w := range wallets {
		lines[i] = walletLine{Wallet: w, Steps: make([]watch.Health, reach/step),
			Now: recent[w.Issuer.No]}
		for s := range lines[i].Steps {
			lines[i].Steps[s].From = from.Add(time.Duration(s) * step)
		}
		lines[i].Now.AskCircuit = circuits[w.Issuer.No].AskCircuit
		lines[i].Now.FollowCircuit = circuits[w.Issuer.No].FollowCircuit
		at[w.Issuer.No] = i
	}
	for _, h := range all {
		i, known := at[h.IssuerNo]
		if s := int(h.From.Sub(from) / step); known && s >= 0 && s < len(lines[i].Steps) {
			lines[i].Steps[s] = h
		}
	}
	for i := range lines {
		lines[i].Period = watch.Sum(lines[i].Steps)
	}
	return lines, nil
}

// of takes one figure of every step; -1 is a gap.
func of(steps []watch.Health, figure func(watch.Health) int64) []int64 {
	list := make([]int64, len(steps))
	for i, h := range steps {
		list[i] = -1
		if h.Minutes > 0 {
			list[i] = figure(h)
		}
	}
	return list
}

// orGap is a share or a time, -1 where there is none.
func orGap(n int64, ok bool) int64 {
	if !ok {
		return -1
	}
	return n
}

// reach is a time that a wallet's page can show.
type reach struct {
	id         string
	long, step time.Duration
}

// reaches are the times to choose from; the words are "reach.<id>".
var reaches = []reach{
	{"1h", time.Hour, time.Minute}, {"6h", 6 * time.Hour, 5 * time.Minute},
	{"24h", 24 * time.Hour, 15 * time.Minute}, {"7d", 7 * 24 * time.Hour, time.Hour},
	{"30d", 30 * 24 * time.Hour, 4 * time.Hour},
}

func reachOf(id string) reach {
	i := slices.IndexFunc(reaches, func(r reach) bool { return r.id == id })
	return reaches[max(i, 0)]
}

// listWallets draws the health of every wallet.
func (p *pages) listWallets(v *console.Visit) error {
	r := reachOf(v.R.FormValue("reach"))
	lines, err := p.walletLines(v, r.long, r.step)
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, console.Page{Title: v.T("nav.wallets"), Tab: "wallets",
		Lead: v.T("wallets.lead"), Wide: true, Refresh: refreshEvery},
		walletsPage(v, lines, r))
}

// showWallet draws the health of one wallet.
func (p *pages) showWallet(v *console.Visit) error {
	who, err := p.Directory.ByID(v.Ctx(), v.R.PathValue("id"))
	if err != nil {
		return err
	}
	r := reachOf(v.R.FormValue("reach"))
	lines, err := p.walletLines(v, r.long, r.step)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(lines, func(w walletLine) bool { return w.Issuer.No == who.No })
	if i < 0 {
		return v.NotFound()
	}
	alerts, err := p.Watch.List(v.Ctx(), watch.Filter{Live: true, Limit: liveShown})
	if err != nil {
		return err
	}
	alerts = slices.DeleteFunc(alerts, func(a watch.Alert) bool {
		return a.Subject != who.ID && factsOf(a).Wallet != who.ID &&
			factsOf(a).Participant != who.ID
	})
	sortAlerts(alerts)
	return v.Show(http.StatusOK, console.Page{Title: who.Name, Tab: "wallets", Wide: true,
		Refresh: refreshEvery,
		Crumbs:  []console.Link{{Text: v.T("nav.wallets"), Href: Prefix + "/wallets"}},
		Actions: []console.Action{
			{Text: v.T("wallet.payments"), Icon: "search",
				Href: Prefix + "/payments?wallet=" + who.ID},
			{Text: v.T("wallet.terms"), Icon: "bank", Href: participantPath(who.ID)},
		}}, walletPage(v, lines[i], r, alerts))
}

// reachTabs leads to other times.
func reachTabs(v *console.Visit, on reach) (tabs []console.Tab) {
	for _, r := range reaches {
		tabs = append(tabs, console.Tab{Text: v.T("reach." + r.id), Href: v.Here("reach", r.id),
			On: r.id == on.id})
	}
	return tabs
}

// labels are the steps in words.
func labels(v *console.Visit, steps []watch.Health, r reach) (list []string) {
	for _, h := range steps {
		text := v.Lang.Time(h.From)
		if r.long > 24*time.Hour {
			text = v.Lang.Day(h.From.In(clock.JST)) + " " + text
		}
		list = append(list, text)
	}
	return list
}

// walletFigures are the figures at the top of a wallet's page.
func walletFigures(v *console.Visit, w walletLine, r reach) []console.Stat {
	h := w.Period
	approved, anyApproved := h.Approved()
	answered, anyAnswered := h.Answered()
	dash := func(text string, ok bool) string {
		if !ok {
			return "–"
		}
		return text
	}
	half, timed := h.Percentile(50)
	most, _ := h.Percentile(95)
	silent := console.Stat{Label: v.T("wallet.silent"), Value: v.Number(h.Silent()),
		Note: v.T("wallet.barred", "n", v.Number(h.AskBarred+h.FollowBarred))}
	if h.Silent() > 0 {
		silent.Tone = console.Wait
	}
	return []console.Stat{
		{Label: v.T("wallet.asked"), Value: v.Number(h.Asked()), Note: v.T("reach." + r.id),
			Spark:      of(w.Steps, watch.Health.Asked),
			SparkTitle: v.T("wallet.asked")},
		{Label: v.T("wallet.approved"), Value: dash(thousandths(approved), anyApproved),
			Note: v.T("wallet.approved.note", "yes", v.Number(h.Asks.Yes),
				"no", v.Number(h.Asks.No))},
		{Label: v.T("wallet.answered"), Value: dash(thousandths(answered), anyAnswered),
			Note: v.T("wallet.answered.note")},
		{Label: v.T("wallet.p50"), Value: dash(millis(half), timed),
			Note: v.T("wallet.p95", "time", dash(millis(most), timed))},
		silent,
	}
}

// outcomeChart shows how new requests ended.
func outcomeChart(v *console.Visit, w walletLine, r reach) console.LineChart {
	return console.LineChart{Title: v.T("wallet.chart.outcomes"),
		Labels: labels(v, w.Steps, r), LabelTitle: v.T("c.time"), Series: []console.Series{
			{Name: v.T("wallet.yes"), Values: of(w.Steps, func(h watch.Health) int64 {
				return h.Asks.Yes
			})},
			{Name: v.T("wallet.no"), Values: of(w.Steps, func(h watch.Health) int64 {
				return h.Asks.No
			})},
			{Name: v.T("wallet.silent"), Values: of(w.Steps, func(h watch.Health) int64 {
				return h.Silent() + h.AskBarred
			})},
		}}
}

// speedChart shows how long answers took.
func speedChart(v *console.Visit, w walletLine, r reach) console.LineChart {
	took := func(percent int64) func(watch.Health) int64 {
		return func(h watch.Health) int64 {
			d, ok := h.Percentile(percent)
			return orGap(d.Milliseconds(), ok)
		}
	}
	return console.LineChart{Title: v.T("wallet.chart.speed"), Labels: labels(v, w.Steps, r),
		LabelTitle: v.T("c.time"),
		Shown: func(n int64) string {
			return millis(time.Duration(n) * time.Millisecond)
		},
		Series: []console.Series{{Name: v.T("wallet.half"), Values: of(w.Steps, took(50))},
			{Name: v.T("wallet.most"), Values: of(w.Steps, took(95))}}}
}

// answerChart shows the share of calls with an answer.
func answerChart(v *console.Visit, w walletLine, r reach) console.LineChart {
	return console.LineChart{Title: v.T("wallet.chart.answered"), Labels: labels(v, w.Steps, r),
		LabelTitle: v.T("c.time"), Top: 1000, Shown: thousandths,
		Series: []console.Series{{Name: v.T("wallet.answered"), Values: of(w.Steps,
			func(h watch.Health) int64 { return orGap(h.Answered()) })}}}
}

// hourChart shows the payments of the last hour on the first page.
func hourChart(v *console.Visit, o overview) console.LineChart {
	paid, lost := make([]int64, len(o.Minutes)), make([]int64, len(o.Minutes))
	for i, m := range o.Minutes {
		paid[i], lost[i] = m.Sales, m.Declined+m.Cancelled
	}
	return console.LineChart{Title: v.T("overview.hour"), Labels: o.Labels,
		LabelTitle: v.T("c.time"), Series: []console.Series{
			{Name: v.T("overview.paid"), Values: paid},
			{Name: v.T("overview.lost"), Values: lost}}}
}

// strip is a step of the line of blocks that shows when a wallet answered: its class and words.
type strip struct{ class, text string }

// strips make of steps at most 60 blocks: good, wait, stop, idle or gap.
func strips(v *console.Visit, steps []watch.Health, r reach) (list []strip) {
	each := (len(steps) + 59) / 60
	for i := 0; i < len(steps); i += each {
		h := watch.Sum(steps[i:min(i+each, len(steps))])
		s := strip{"gap", v.T("wallet.unwatched")}
		switch answered, any := h.Answered(); {
		case h.Minutes == 0:
		case h.AskCircuit == guard.Open || h.FollowCircuit == guard.Open ||
			any && answered < 500:
			s = strip{"stop", v.T("wallet.down")}
		case any && answered < 990:
			s = strip{"wait", v.T("wallet.failing")}
		case any:
			s = strip{"good", v.T("wallet.well")}
		default:
			s = strip{"idle", v.T("wallet.idle")}
		}
		label := v.Lang.Time(steps[i].From)
		if r.long > 24*time.Hour {
			label = v.Lang.Day(steps[i].From.In(clock.JST)) + " " + label
		}
		s.text = label + ": " + s.text
		list = append(list, s)
	}
	return list
}

// stripTitle says in words how much of a period a wallet answered.
func stripTitle(v *console.Visit, list []strip) string {
	bad := 0
	for _, s := range list {
		if s.class == "stop" || s.class == "wait" {
			bad++
		}
	}
	return v.T("wallet.strip", "bad", v.Number(int64(bad)), "all", v.Number(int64(len(list))))
}

// circuitFacts are how the circuits of a wallet stand.
func circuitFacts(v *console.Visit, w walletLine) []console.Fact {
	state := func(s guard.State) templ.Component {
		if s == "" {
			s = guard.Closed
		}
		return badge(v, circuitLooks, "circuit", s)
	}
	return []console.Fact{
		{Name: v.T("wallet.circuit.ask"), Value: state(w.Now.AskCircuit)},
		{Name: v.T("wallet.circuit.follow"), Value: state(w.Now.FollowCircuit)},
		{Name: v.T("wallet.followups"), Value: console.Text(v.T("wallet.followups.text",
			"n", v.Number(w.Period.FollowProof), "silent", v.Number(w.Period.FollowSilent)))},
		{Name: v.T("wallet.undecided"), Value: console.Text(v.Number(w.Period.Asks.Waiting))},
	}
}

// stripKey says what the blocks of the line mean.
func stripKey(v *console.Visit) []strip {
	return []strip{{"good", v.T("wallet.well")}, {"wait", v.T("wallet.failing")},
		{"stop", v.T("wallet.down")}, {"idle", v.T("wallet.idle")}}
}
