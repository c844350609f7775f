package web

import (
	"net/http"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"watari/kit/clock"
)

// buckets of the time of a request, in seconds: a payment answers in hundredths, waits for a
// wallet for seconds, and never takes longer than eight.
var buckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 7, 8, 10, 30}

// metrics are the figures of a server.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	problems *prometheus.CounterVec

	// cells remembers the figures of each address and status, for looking them up by labels
	// costs as much as everything else here.
	cells sync.Map // cellKey to *cell
}

type cellKey struct {
	name   string
	status int
}

// cell is the figures of one address and status.
type cell struct {
	count   prometheus.Counter
	seconds prometheus.Observer
}

// newMetrics registers the figures of a server.
func newMetrics(s *Server, registry *prometheus.Registry) *metrics {
	if registry == nil {
		registry = prometheus.NewRegistry()
		registry.MustRegister(collectors.NewGoCollector(),
			collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	}
	m := &metrics{
		registry: registry,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "watari_http_requests_total",
			Help: "Answered requests, by operation or address and status; 499: caller gone.",
		}, []string{"address", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "watari_http_request_seconds",
			Help:    "Time from the first byte of a request to the end of its answer.",
			Buckets: buckets,
		}, []string{"address"}),
		problems: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "watari_http_problems_total",
			Help: "Problems answered, by the last part of their type.",
		}, []string{"problem"}),
	}
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	count := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, value)
	}
	registry.MustRegister(m.requests, m.seconds, m.problems,
		gauge("watari_http_connections", "Open connections.",
			func() float64 { return float64(s.stats().Open) }),
		count("watari_http_connections_refused_total", "Connections answered 503.",
			func() float64 { return float64(s.stats().Refused) }),
		count("watari_http_connections_evicted_total", "Quiet connections closed to make room.",
			func() float64 { return float64(s.stats().Evicted) }))
	return m
}

// observe counts an exchange that is over.
func (m *metrics) observe(ex *exchange) {
	key := cellKey{ex.label(), ex.status}
	found, ok := m.cells.Load(key)
	if !ok {
		found, _ = m.cells.LoadOrStore(key, &cell{
			count:   m.requests.WithLabelValues(key.name, strconv.Itoa(key.status)),
			seconds: m.seconds.WithLabelValues(key.name),
		})
	}
	c := found.(*cell)
	c.count.Inc()
	if !ex.stream {
		c.seconds.Observe(clock.Now().Sub(ex.began).Seconds())
	}
}

// handler shows the figures in Prometheus' text form.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
