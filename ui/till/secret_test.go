package till_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"watari/kit/event"
	"watari/pay/party"
	"watari/ui/till"
)

// lame are terminals that cannot be written.
type lame struct{ terminals }

func (lame) Activate(context.Context, string) (string, party.Terminal, error) {
	return "", party.Terminal{}, errors.New("no disk")
}

// Goal: a link that opens a till does not stand in the log: while the disk is gone it is not used
// up. Method: open one then, and read the log.
func TestTheLogHoldsNoActivationLink(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var log bytes.Buffer
	pages := till.New(till.Config{Payments: r.Service, Terminals: lame{terminals{r.reg, r.dir}},
		Events: event.NewLog(r.db), Wallets: r.dir, Done: r.done,
		Logger: slog.New(slog.NewTextHandler(&log, nil))})
	const secret = "0123456789abcdefghjkmnpqrstvwxyz"
	w := httptest.NewRecorder()
	pages.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/till/activate/"+secret, nil))
	if w.Code != http.StatusInternalServerError || strings.Contains(log.String(), secret) ||
		!strings.Contains(log.String(), "/till/activate/{secret}") {
		t.Errorf("status %d, the log says %s", w.Code, &log)
	}
}
