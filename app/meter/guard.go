package meter

import (
	"github.com/prometheus/client_golang/prometheus"

	"watari/pay/link/guard"
)

// Wallets shows at /metrics how the wallets answer: what a guard knows of them.
type Wallets struct {
	guard                            *guard.Guard
	state, running, opened, notAsked *prometheus.Desc
}

// NewWallets returns a collector over a guard.
func NewWallets(g *guard.Guard) Wallets {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("watari_wallet_"+name, help,
			append([]string{"wallet", "lane"}, labels...), nil)
	}
	return Wallets{guard: g,
		state: describe("circuit", "1 for the state in which a wallet's circuit is: closed, "+
			"half_open while one call probes it, open while it is not called.", "state"),
		running:  describe("calls", "Calls to the wallet that run now."),
		opened:   describe("circuit_opened_total", "How often the circuit opened."),
		notAsked: describe("not_asked_total", "Calls that were not made, by why.", "why")}
}

// Describe is part of prometheus.Collector.
func (w Wallets) Describe(out chan<- *prometheus.Desc) {
	out <- w.state
	out <- w.running
	out <- w.opened
	out <- w.notAsked
}

// Collect is part of prometheus.Collector.
func (w Wallets) Collect(out chan<- prometheus.Metric) {
	for _, s := range w.guard.Stats() {
		gauge := func(d *prometheus.Desc, n int, labels ...string) {
			out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n),
				append([]string{s.IssuerID, string(s.Lane)}, labels...)...)
		}
		counter := func(d *prometheus.Desc, n int64, labels ...string) {
			out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n),
				append([]string{s.IssuerID, string(s.Lane)}, labels...)...)
		}
		for _, state := range guard.States() {
			is := 0
			if s.State == state {
				is = 1
			}
			gauge(w.state, is, string(state))
		}
		gauge(w.running, s.InFlight)
		counter(w.opened, s.Opened)
		counter(w.notAsked, s.Barred, "open")
		counter(w.notAsked, s.Crowded, "crowded")
	}
}
