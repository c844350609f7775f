package operator

import (
	"context"
	"net/http"
	"time"

	"watari/kit/clock"
	"watari/kit/foureyes"
	"watari/pay/party"
	"watari/pay/report"
	"watari/pay/watch"
	"watari/ui/console"
)

// How far back the first page looks, and how often it does.
const (
	hourMinutes  = 60
	nowMinutes   = 5
	refreshEvery = 10 // seconds
)

// overview is what stands on the first page.
type overview struct {
	Minutes  []report.Takings // the last hour, a minute each, the newest last
	Labels   []string
	Today    report.Takings
	Hours    [24]report.Takings
	Wallets  []walletLine
	Alerts   []watch.Alert
	Tally    watch.Tally
	Changes  int
	Closed   bool // the ledger is
	Names    map[int64]party.Participant
	Watching bool // some node has kept health in the last minutes
}

// recent is what was paid, and what was tried, in the last minutes, the one that grows included.
func (o overview) recent(minutes int) (t report.Takings) {
	for _, m := range o.Minutes[max(0, len(o.Minutes)-minutes):] {
		t = t.Plus(m)
	}
	return t
}

// hour is what was paid, and what was tried, in the last hour.
func (o overview) hour() (t report.Takings) {
	for _, m := range o.Minutes {
		t = t.Plus(m)
	}
	return t
}

// tried is how many payments were begun.
func tried(t report.Takings) int64 {
	return t.Sales + t.Declined + t.Cancelled + t.Open + t.Promised
}

// overview draws the first page.
func (p *pages) overview(v *console.Visit) error {
	o, err := p.gather(v)
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, console.Page{Title: v.T("nav.overview"), Tab: "overview",
		Wide: true, Refresh: refreshEvery}, overviewPage(v, o))
}

func (p *pages) gather(v *console.Visit) (o overview, err error) {
	ctx := v.Ctx()
	if o.Minutes, o.Labels, err = p.lastHour(ctx, v); err != nil {
		return o, err
	}
	today := v.Now.In(clock.JST).Format(time.DateOnly)
	if o.Hours, err = p.day.get(v.Now, today, dayKept, func() ([24]report.Takings, error) {
		return p.Reports.Hours(ctx, report.Scope{}, v.Now)
	}); err != nil {
		return o, err
	}
	for _, h := range o.Hours {
		o.Today = o.Today.Plus(h)
	}
	if o.Wallets, err = p.walletLines(v, hourMinutes*time.Minute, time.Minute); err != nil {
		return o, err
	}
	o.Watching = watched(o.Wallets)
	o.Alerts, err = p.Watch.List(ctx, watch.Filter{Live: true, Limit: liveShown})
	if err != nil {
		return o, err
	}
	sortAlerts(o.Alerts)
	if o.Tally, err = p.Watch.Counts(ctx); err != nil {
		return o, err
	}
	open, err := p.Desk.List(ctx, foureyes.Filter{State: foureyes.Open, Limit: liveShown})
	if err != nil {
		return o, err
	}
	o.Changes = len(open)
	ref, err := p.Directory.Reference(ctx)
	if err != nil {
		return o, err
	}
	o.Closed = ref.LedgerClosed
	o.Names, err = p.names(ctx)
	return o, err
}

// watched says whether some node keeps the health of wallets; where there is no wallet there is
// nothing to keep.
func watched(list []walletLine) bool {
	none := true
	for _, w := range list {
		if w.Now.Minutes > 0 {
			return true
		}
		none = none && w.Issuer.Status == party.Closed
	}
	return none
}

// liveShown is how many live alerts, and open changes, a page takes.
const liveShown = 200

// lastHour is what was taken in each minute of the last hour.
func (p *pages) lastHour(
	ctx context.Context, v *console.Visit,
) (list []report.Takings, labels []string, err error) {
	until := v.Now.Truncate(time.Minute).Add(time.Minute)
	from := until.Add(-hourMinutes * time.Minute)
	rows, err := p.minutes.get(v.Now, until.Format(time.RFC3339), minutesKept,
		func() ([]report.Row, error) {
			return p.Reports.By(ctx, report.Scope{}, report.Period{From: from, Until: until}, "",
				report.ByMinute)
		})
	if err != nil {
		return nil, nil, err
	}
	list = make([]report.Takings, hourMinutes)
	first := clock.Micros(from) / time.Minute.Microseconds()
	for _, r := range rows {
		if i := r.No(0) - first; i >= 0 && i < hourMinutes {
			list[i] = r.Takings
		}
	}
	for i := range list {
		labels = append(labels, v.Lang.Time(from.Add(time.Duration(i)*time.Minute)))
	}
	return list, labels, nil
}

// begun are the payments of each minute, for a picture.
func begun(minutes []report.Takings) []int64 {
	list := make([]int64, len(minutes))
	for i, m := range minutes {
		list[i] = tried(m)
	}
	return list
}

// sold are the yen of each hour of a day until now, for a picture.
func sold(hours [24]report.Takings, now time.Time) (list []int64) {
	for _, h := range hours[:now.In(clock.JST).Hour()+1] {
		list = append(list, max(h.SoldMinor, 0))
	}
	return list
}

// hourBars are the hours of today, for a picture.
func hourBars(v *console.Visit, o overview) (bars []console.Bar) {
	now := v.Now.In(clock.JST).Hour()
	for h, t := range o.Hours {
		label := time.Date(2000, 1, 1, h, 0, 0, 0, clock.JST)
		bars = append(bars, console.Bar{Label: v.Lang.Time(label),
			Short: decimal(int64(h), 0), Shown: minor(v, t.SoldMinor, yen),
			Value: max(t.SoldMinor, 0), Now: h == now})
	}
	return bars
}

// overviewStats are the figures at the top.
func overviewStats(v *console.Visit, o overview) []console.Stat {
	last := o.recent(nowMinutes)
	approval := console.Stat{Label: v.T("overview.approval"),
		Value: v.Percent(last.Sales, last.Sales+last.Declined),
		Note:  v.T("overview.last5", "n", v.Number(last.Sales+last.Declined))}
	if n := last.Approved(); n >= 0 && n < 700 && last.Sales+last.Declined >= 10 {
		approval.Tone = console.Wait
	}
	alerts := console.Stat{Label: v.T("nav.alerts"), Href: Prefix + "/alerts",
		Value: v.Number(o.Tally.Open[watch.Urgent] + o.Tally.Open[watch.Warning] +
			o.Tally.Open[watch.Notice]), Note: v.T("overview.alerts.none"), Tone: console.Good}
	switch {
	case o.Tally.Open[watch.Urgent] > 0:
		alerts.Tone = console.Stop
		alerts.Note = v.T("overview.alerts.urgent", "n", v.Number(o.Tally.Open[watch.Urgent]))
	case o.Tally.Open[watch.Warning]+o.Tally.Open[watch.Notice] > 0:
		alerts.Tone, alerts.Note = console.Wait, v.T("overview.alerts.some")
	case o.Tally.Acknowledged > 0:
		alerts.Note = v.T("overview.alerts.taken", "n", v.Number(o.Tally.Acknowledged))
	}
	return []console.Stat{
		{Label: v.T("overview.rate"), Value: decimal(tried(last)*10/nowMinutes, 1),
			Note:  v.T("overview.rate.note", "n", v.Number(tried(o.hour()))),
			Spark: begun(o.Minutes), SparkTitle: v.T("overview.rate.spark")},
		approval,
		{Label: v.T("overview.sold"), Value: minor(v, o.Today.SoldMinor, yen),
			Note:  v.T("overview.sold.note", "n", v.Number(o.Today.Sales)),
			Spark: sold(o.Hours, v.Now), SparkTitle: v.T("overview.sold.spark")},
		alerts,
		{Label: v.T("nav.changes"), Value: v.Number(int64(o.Changes)),
			Note: v.T("overview.changes"), Href: Prefix + "/changes"},
	}
}
