package meter_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"watari/app/bench"
	"watari/app/meter"
	"watari/pay/link"
	"watari/pay/link/guard"
)

// Goal: a wallet's circuits are seen. Method: one call to a wallet that answers, then the page.
func TestCircuitsAreShown(t *testing.T) {
	t.Parallel()
	g := guard.New(guard.Config{})
	g.Wrap(bench.Wallet{}).Authorise(context.Background(),
		link.Endpoint{IssuerNo: 2, IssuerID: "LIANHUA"},
		link.Authorise{OurRequestID: "leg_1"})
	registry := prometheus.NewRegistry()
	registry.MustRegister(meter.NewWallets(g))
	page := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(page,
		httptest.NewRequest("GET", "/metrics", nil))
	for _, line := range []string{
		`watari_wallet_calls{lane="ask",wallet="LIANHUA"} 0`,
		`watari_wallet_circuit{lane="ask",state="closed",wallet="LIANHUA"} 1`,
		`watari_wallet_circuit{lane="ask",state="half_open",wallet="LIANHUA"} 0`,
		`watari_wallet_circuit{lane="follow_up",state="open",wallet="LIANHUA"} 0`,
		`watari_wallet_circuit_opened_total{lane="ask",wallet="LIANHUA"} 0`,
		`watari_wallet_not_asked_total{lane="ask",wallet="LIANHUA",why="crowded"} 0`,
		`watari_wallet_not_asked_total{lane="follow_up",wallet="LIANHUA",why="open"} 0`,
	} {
		if !strings.Contains(page.Body.String(), line+"\n") {
			t.Errorf("no line %s in\n%s", line, page.Body)
		}
	}
}
