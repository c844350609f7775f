package sandbox_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"log/slog"
	"net"

	"watari/sandbox"
)

// Goal: B3: one process runs the counterparties; when it ends another does, at the same address.
// Method: two hosts on one store; end the one that holds the port, twice.
func TestPortIsTakenOver(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s *site) {
		one, two := s.seeded(), s.seeded()
		at := one.baseURL(t) + "/sandbox-identity"
		stopOne := start(t, one.config())
		eventually(t, "the first answers", func() bool { return get(t, at) != "" })
		identity := get(t, at)
		stopTwo := start(t, two.config())

		stopOne()
		eventually(t, "the second takes over", func() bool { return get(t, at) == identity })
		if status, _ := control(t, one.baseURL(t), "/users/user-01"); status != http.StatusOK {
			t.Errorf("control interface after the take-over: %d", status)
		}
		start(t, one.config())
		stopTwo()
		eventually(t, "the first takes over again", func() bool { return get(t, at) == identity })
		if now := two.baseURL(t); now+"/sandbox-identity" != at {
			t.Errorf("moved to %s", now)
		}
	})
}

func control(t *testing.T, base, path string) (int, string) {
	t.Helper()
	resp, err := http.Get(base + "/control" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode, resp.Header.Get("Content-Type")
}

// Goal: B4: a stranger on the port does not stop the sandbox, and the network calls it where it
// went. Method: hold the port by another HTTP server, then by a socket that says nothing.
func TestStrangerOnThePortIsAvoided(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s *site) {
		p := s.seeded()
		was := p.baseURL(t)
		stranger := httptest.NewUnstartedServer(http.NotFoundHandler())
		stranger.Listener.Close()
		stranger.Listener = listen(t, was)
		stranger.Start()
		defer stranger.Close()

		start(t, p.config())

		now := p.baseURL(t)
		if now == was {
			t.Fatalf("the network still calls the wallet at %s", was)
		}
		eventually(t, "the wallet answers", func() bool {
			return strings.Contains(get(t, now+"/sandbox-identity"), "identity")
		})
		c := s.write(p)
		if c.Wallets[0].ControlURL != now+"/control" {
			t.Errorf("sandbox.json has %s, want %s", c.Wallets[0].ControlURL, now)
		}
	})
}

func listen(t *testing.T, base string) net.Listener {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Goal: counterparties that start before anything is seeded wait for it; then the whole site is
// there: phones, the front door, the control interface. Method: start, then seed.
func TestHostWaitsForTheSeeding(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s *site) {
		waiting, p := s.process(), s.process()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- sandbox.Run(ctx, waiting.config()) }()

		if err := sandbox.Seed(t.Context(), p.network, p.store); err != nil {
			t.Fatal(err)
		}

		// The seeded address was a free port then; a stranger may have it now, and the wallet
		// moves: its address is read until it is the wallet's own that answers.
		var base string
		eventually(t, "the wallet answers", func() bool {
			base = p.baseURL(t)
			return strings.Contains(get(t, base+"/phone/user-03"), "王雨桐")
		})
		if body := get(t, base+"/"); !strings.Contains(body, "林晓月") {
			t.Errorf("front door: %q", body)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		if body := get(t, base+"/"); body != "" {
			t.Errorf("answers after its end: %q", body)
		}
	})
}

// Goal: a wallet that cannot reach the network says so, and goes to the process that announced
// itself; one that is gone is not asked first. Method: announce a dead and a live address.
func TestWalletCallsWhereTheNetworkIs(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s *site) {
		p := s.seeded()
		start(t, p.config())
		base := p.baseURL(t)
		var asked []string
		network := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter,
			r *http.Request,
		) {
			asked = append(asked, r.URL.Path)
			w.WriteHeader(http.StatusTeapot)
		}))
		defer network.Close()
		log := slog.New(slog.DiscardHandler)
		stopDead, err := sandbox.Announce(t.Context(), p.store, "http://127.0.0.1:9", log)
		if err != nil {
			t.Fatal(err)
		}
		defer stopDead()
		stop, err := sandbox.Announce(t.Context(), p.store, network.URL, log)
		if err != nil {
			t.Fatal(err)
		}

		for range 2 {
			resp, err := http.Post(base+"/control/users/user-01/payment-code", "", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusServiceUnavailable {
				t.Errorf("got %d, want 503: nobody signed", resp.StatusCode)
			}
			stop()
		}
		if fmt.Sprint(asked) != "[/aps/api/v1/codes/getPaymentCode]" {
			t.Errorf("the network was asked %v, want once, before it left", asked)
		}
	})
}
