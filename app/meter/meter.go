package meter

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"watari/pay/payment"
)

// scrapeMax is how long counting what is under way may take.
const scrapeMax = 2 * time.Second

// Meter shows how the payment path is doing at /metrics.
type Meter struct {
	payments *payment.Service
	batches  *prometheus.Desc
	orders   *prometheus.Desc
	open     *prometheus.Desc
}

// New returns a collector over the payment service.
func New(p *payment.Service) Meter {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("watari_"+name, help, labels, nil)
	}
	return Meter{payments: p,
		batches: describe("payment_batches_total", "Transactions of the payment path."),
		orders:  describe("payment_orders_total", "Orders in them: payments, answers, refunds."),
		open: describe("legs_open", "Legs on the schedule, by state: asked, unknown, or being "+
			"given back.", "state")}
}

// Describe is part of prometheus.Collector.
func (m Meter) Describe(out chan<- *prometheus.Desc) {
	out <- m.batches
	out <- m.orders
	out <- m.open
}

// Collect is part of prometheus.Collector.
func (m Meter) Collect(out chan<- prometheus.Metric) {
	st := m.payments.Stats()
	out <- prometheus.MustNewConstMetric(m.batches, prometheus.CounterValue, float64(st.Batches))
	out <- prometheus.MustNewConstMetric(m.orders, prometheus.CounterValue, float64(st.Items))
	ctx, cancel := context.WithTimeout(context.Background(), scrapeMax)
	defer cancel()
	open, err := m.payments.OpenLegs(ctx)
	if err != nil {
		return
	}
	for state, n := range open {
		out <- prometheus.MustNewConstMetric(m.open, prometheus.GaugeValue, float64(n),
			string(state))
	}
}
