package network

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db/dbtest"
	"watari/test/program"
)

const (
	// descriptors is the limit on open files of the server that the crowd presses against.
	descriptors = 512
	// crowdSize is more than the server may ever have open.
	crowdSize = 700
)

// The goal is that a crowd of connections keeps nobody out for long and breaks nothing. The method:
// a server with few descriptors; another process, this one, opens more connections than that and
// leaves them silent, half spoken or idle; meanwhile banks pay on new connections, and afterwards,
// when the crowd is gone, all pay at once.
func TestACrowdOfConnectionsKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	for _, engine := range dbtest.Engines {
		t.Run(engine.String(), func(t *testing.T) {
			t.Parallel()
			args := fresh(t, engine)
			limited := append([]string{fmt.Sprintf(`ulimit -n %d; exec "$0" serve "$@"`,
				descriptors), program.Binary(t), "--listen=127.0.0.1:0"}, args...)
			w := open(t, program.Start(t, program.Options{Binary: "/bin/sh", Command: "-c",
				Args: limited}), args)

			leave := w.besiege(t)
			for i := range 6 {
				if err := w.payInACrowd(i); err != nil {
					t.Errorf("in the crowd: %v", err)
				}
			}
			leave()
			if err := crowd(40, 20, func(i int) error { return w.payInACrowd(i) }); err != nil {
				t.Errorf("after the crowd: %v", err)
			}
			log := w.server.Log()
			if !strings.Contains(log, "no room for more connections") {
				t.Error("the log does not tell the operator that there was no room")
			}
			if strings.Contains(log, "too many open files") {
				t.Errorf("the process ran out of descriptors:\n%s", log)
			}
			w.agree(settleWait)
		})
	}
}

// besiege opens the crowd. The function that it returns closes it.
func (w *world) besiege(t *testing.T) (leave func()) {
	t.Helper()
	address := strings.TrimPrefix(w.server.BaseURL, "http://")
	says := []string{"", "GET /healthz HTTP/1.1\r\nHost: " + address + "\r\n",
		"GET /healthz HTTP/1.1\r\nHost: " + address + "\r\n\r\n"}
	var mu sync.Mutex
	var open []net.Conn
	err := crowd(crowdSize, 50, func(i int) error {
		c, err := net.DialTimeout("tcp", address, answerWait)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		open = append(open, c)
		_, _ = c.Write([]byte(says[i%len(says)])) // it may have been closed already
		return nil
	})
	if err != nil {
		t.Fatalf("open connections: %v", err)
	}
	return func() {
		for _, c := range open {
			_ = c.Close()
		}
	}
}

// patienceInACrowd is how long a bank tries to get one payment through.
const patienceInACrowd = 30 * time.Second

// payInACrowd pays, as a bank would whose connection may be refused: the same request again, soon.
func (w *world) payInACrowd(i int) error {
	end := clock.Now().Add(patienceInACrowd)
	s, err := w.sale(i)
	for err != nil && clock.Now().Before(end) {
		time.Sleep(100 * time.Millisecond)
		s, err = w.sale(i)
	}
	if err != nil {
		return err
	}
	for {
		got, err := s.pay(documented(), nil)
		if err == nil {
			return notRefused(got, nil)
		}
		if clock.Now().After(end) {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
}
