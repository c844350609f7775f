package crash

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"watari/kit/crash"
	"watari/kit/db/dbtest"
)

// hooked are deaths while a bank is told how its payment ended.
var hooked = []scenario{
	{kills: at(crash.AfterLease, 1), over: v1, do: buy, want: "captured"},
	{kills: at(crash.AfterPost, 1), over: v1, do: buy, want: "captured"},
}

// listener is a bank's server that takes webhooks and checks their signatures.
type listener struct {
	t      *testing.T
	secret string

	mu   sync.Mutex
	told []string // webhook-id and body of each message
}

func (l *listener) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return
	}
	key, err := standardwebhooks.NewWebhook(l.secret)
	if err == nil {
		err = key.Verify(body, q.Header)
	}
	var m struct {
		Type string
		Data struct{ Challenge string }
	}
	if e := json.Unmarshal(body, &m); err != nil || e != nil {
		l.t.Errorf("the message %s: %v, %v", body, err, e)
		return
	}
	if m.Type == "endpoint.verify" {
		_, _ = io.WriteString(w, m.Data.Challenge)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = append(l.told, q.Header.Get("webhook-id")+" "+string(body))
}

func (l *listener) messages() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.told...)
}

// listen adds a verified endpoint of a bank that wants to hear of captures.
func (b plain) listen(t *testing.T) *listener {
	t.Helper()
	l := &listener{t: t}
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	var made struct {
		Secret   string
		Endpoint struct{ ID string }
	}
	status := b.call(http.MethodPost, b.w.path("/v1/webhook-endpoints"), "", map[string]any{
		"url": server.URL, "kinds": []string{"payment.captured"}}, &made)
	if l.secret = made.Secret; status != http.StatusCreated {
		t.Fatalf("add an endpoint: HTTP %d", status)
	}
	status = b.call(http.MethodPost, b.w.path("/v1/webhook-endpoints/%s/verify",
		made.Endpoint.ID), "", nil, nil)
	if status != http.StatusOK {
		t.Fatalf("verify the endpoint: HTTP %d", status)
	}
	return l
}

// The goal is that a bank hears of a payment although the network dies while it tells it: once or
// again, but then under the same webhook-id and with the same words. The method: a network that
// kills itself when it holds the message, and when the bank has answered; and its restart.
func TestWebhookIsSentAgainAfterADeath(t *testing.T) {
	t.Parallel()
	for _, engine := range dbtest.Engines {
		for _, s := range hooked {
			t.Run(fmt.Sprintf("%s/%s", engine, s.name()), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, engine)
				w.start(patience, "WATARI_CRASH_AT="+string(s.kills[0].point))
				p := s.newPlay(w)
				l := plain{w, w.about.Acquirers[0]}.listen(t)
				s.do(p)
				w.awaitDeath()
				w.start(patience)
				want := 1
				if s.kills[0].point == crash.AfterPost {
					want = 2
				}
				w.until(settleMax, "the bank is told", func() error {
					if n := len(l.messages()); n != want {
						return fmt.Errorf("%d messages, want %d", n, want)
					}
					return nil
				})
				time.Sleep(2 * time.Second)
				told := l.messages()
				if len(told) != want || told[0] != told[len(told)-1] {
					t.Errorf("told: %q", told)
				}
				s.do(p)
				s.check(t, p)
			})
		}
	}
}
