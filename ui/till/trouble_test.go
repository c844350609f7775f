package till_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"watari/kit/event"
	"watari/kit/web"
	"watari/pay/payment"
	"watari/ui/till"
)

// broken is the payment service of a machine whose disk has gone.
type broken struct {
	*payment.Service
	cause error
}

func (b *broken) Sell(context.Context, payment.Sale) (*payment.Payment, error) {
	return nil, b.cause
}

func (b *broken) List(
	ctx context.Context, f payment.Filter,
) ([]payment.Payment, string, error) {
	if f.States == nil {
		return nil, "", b.cause
	}
	return b.Service.List(ctx, f)
}

func (b *broken) Refunds(context.Context, int64, string) ([]payment.Refund, error) {
	panic(b.cause)
}

// breakDown puts the pages before a service that fails, on a real server.
func (r *rig) breakDown(b *browser, cause error) {
	r.t.Helper()
	pages := till.New(till.Config{Payments: &broken{r.Service, cause},
		Terminals: terminals{r.reg, r.dir}, Events: event.NewLog(r.db), Wallets: r.dir,
		Done: r.done, Logger: slog.New(slog.DiscardHandler)})
	server := web.New(web.Config{Log: slog.New(slog.DiscardHandler)})
	server.Handle("/till/", pages)
	s := httptest.NewServer(server)
	r.t.Cleanup(s.Close)
	// The cookie belongs to the host, whatever the port.
	b.base = s.URL
}

// Goal: what goes wrong inside is told by the request's id alone. Method: a list that cannot be
// read, and a panic; the page has the id of the header and nothing of the cause.
func TestErrorPageHasOnlyTheRequestID(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.till(0, "en")
	at := b.paid("1980", sale1)
	r.breakDown(b, errors.New("disk /dev/sda1 is gone"))
	for _, path := range []string{"/till/day", at} {
		p := b.get(path).is(500)
		p.has("h1", "Something went wrong")
		id := p.header.Get("X-Request-Id")
		if id == "" || p.text("main code") != id {
			t.Errorf("%s: the page has the id %q, the header %q", path, p.text("main code"), id)
		}
		if strings.Contains(p.source, "sda1") {
			t.Errorf("%s: the page tells the cause", path)
		}
	}
}

// Goal: a sale that got no answer is never called declined, and asking again uses the same id and
// code (U1). Method: a service that fails, and one that is busy.
func TestSaleWithoutAnswerIsAskedAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cause error
		why   string
	}{"failing": {errors.New("no disk"), "Nobody knows yet"},
		"busy": {payment.ErrBusy.Newf("later"), "The network is busy."}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			b := r.till(0, "en")
			r.breakDown(b, c.cause)
			code := r.code()

			p := b.post("/till/sales", "amount", "1980", "code", code, "request", sale1).
				is(http.StatusServiceUnavailable)

			p.has(".verdict.wait h1", "No answer yet")
			p.has(".because h2", c.why)
			if p.header.Get("Till-Answer") != "" {
				t.Error("a script would stop asking")
			}
			for field, want := range map[string]string{"request": sale1, "code": code,
				"amount": "1980"} {
				if got := p.value("form[data-sale] input[name="+field+"]", "value"); got != want {
					t.Errorf("asking again sends %s %q, want %q", field, got, want)
				}
			}
		})
	}
}
