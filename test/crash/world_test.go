package crash

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/test/program"
)

// worldsMax is how many worlds live at once. They wait most of the time: for the schedule, which
// is in seconds, and for leases to end.
const worldsMax = "16"

// TestMain lets more tests run side by side than there are processors, unless it is told how
// many.
func TestMain(m *testing.M) {
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
		_ = flag.Set("test.parallel", worldsMax)
	}
	status := m.Run()
	templates.clean()
	os.Exit(status)
}

// Longest waits. Each is many times what an idle machine needs.
const (
	callMax   = 20 * time.Second  // for one answer
	deathMax  = 90 * time.Second  // until the network has killed itself
	settleMax = 150 * time.Second // until all is final after the last restart
	lookEvery = 250 * time.Millisecond
)

// rarely is for processes that live for seconds: collecting garbage is else a quarter of what their
// start costs.
const rarely = "GOGC=400"

// patience is how long an outcome may stay unknown where a test does not wait for that.
const patience = 30 * time.Second

// world is a sandbox whose network can be killed.
type world struct {
	t       *testing.T
	args    []string // --data and --database
	network atomic.Pointer[program.Server]
	base    atomic.Pointer[string] // where the network listens now
	heard   atomic.Int64           // answers so far
	about   program.Sandbox
	opening map[string]int64 // what each user began with, in minor units
	client  *http.Client
}

// newWorld starts the counterparties on a freshly seeded store. The network is not up yet.
func newWorld(t *testing.T, engine db.Engine) *world {
	t.Helper()
	w := &world{t: t, args: templates.world(t, engine),
		client: &http.Client{Timeout: callMax, Transport: &http.Transport{
			MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Second}}}
	t.Cleanup(w.client.CloseIdleConnections)
	program.Start(t, program.Options{Binary: program.Crashing(t), Command: "sandbox",
		Args: w.args, Env: []string{rarely}})
	return w
}

// within makes the world that of a sub-test, which ends with the network dead.
func (w *world) within(t *testing.T) { w.t = t }

// start starts the network, with more in its environment. How long an outcome may stay unknown is
// shorter than the protocol says.
func (w *world) start(deadline time.Duration, env ...string) {
	w.t.Helper()
	w.launch(false, deadline, env)
}

// startMortal is start of a network that may kill itself before it is ready, when what it has to
// repair leads it to the point.
func (w *world) startMortal(deadline time.Duration, env ...string) {
	w.t.Helper()
	w.launch(true, deadline, env)
}

func (w *world) launch(mortal bool, deadline time.Duration, env []string) {
	w.t.Helper()
	network := program.Start(w.t, program.Options{Binary: program.Crashing(w.t),
		Args:   append([]string{"--sandbox", "--listen=127.0.0.1:0"}, w.args...),
		Env:    append([]string{rarely, "WATARI_SANDBOX_DEADLINE=" + deadline.String()}, env...),
		MayEnd: mortal})
	w.network.Store(network)
	if network.BaseURL == "" {
		return // it is called where it was before, and does not answer
	}
	if len(w.about.Wallets) == 0 {
		w.about = network.Sandbox(w.t)
		w.open()
	}
	w.moveTo(network)
}

// open notes what the users have before anything is paid.
func (w *world) open() {
	w.t.Helper()
	w.opening = map[string]int64{}
	for _, user := range w.about.Users {
		a, err := w.account(user)
		if err != nil {
			w.t.Fatal(err)
		}
		w.opening[user.ID] = a.Balance.Value
	}
}

// awaitDeath waits until the network has killed itself.
func (w *world) awaitDeath() {
	w.t.Helper()
	select {
	case <-w.network.Load().Done():
	case <-time.After(deathMax):
		w.t.Fatalf("the network is alive %s after it should have killed itself", deathMax)
	}
	if status := w.network.Load().Stop(w.t); status != -1 {
		w.t.Errorf("the network ended with status %d, not by a signal", status)
	}
}

// storesOf returns the shops of a bank.
func (w *world) storesOf(bank program.Acquirer) (found []program.Store) {
	for _, s := range w.about.Stores {
		if s.AcquirerID == bank.ID {
			found = append(found, s)
		}
	}
	return found
}

// send sends a request and returns the status and the body of the answer. The status is 0 when
// there was none: nobody knows what became of the request.
func (w *world) send(request *http.Request) (int, http.Header, []byte) {
	response, err := w.client.Do(request)
	if err != nil {
		return 0, nil, nil
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, nil, nil
	}
	w.heard.Add(1)
	return response.StatusCode, response.Header, body
}

// ask sends JSON and reads JSON. It returns the status of the answer, 0 when there was none.
func (w *world) ask(method, url string, header http.Header, in, out any) int {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			w.t.Errorf("write %v: %v", in, err)
			return 0
		}
		body = strings.NewReader(string(text))
	}
	request, err := http.NewRequestWithContext(w.t.Context(), method, url, body)
	if err != nil {
		w.t.Errorf("make a request: %v", err)
		return 0
	}
	if header != nil {
		request.Header = header
	}
	request.Header.Set("Content-Type", "application/json")
	status, _, text := w.send(request)
	if out != nil && len(text) > 0 {
		if err := json.Unmarshal(text, out); err != nil {
			w.t.Errorf("%s %s: %v in %s", method, url, err, text)
			return 0
		}
	}
	return status
}

// verdict is what `watari verify --json` says.
type verdict struct {
	Holds    bool    `json:"holds"`
	Payments int     `json:"payments"`
	Refunds  int     `json:"refunds"`
	InFlight []entry `json:"in_flight"`
	Findings []entry `json:"findings"`
	Balance  []trial `json:"trial_balance"`
	status   int     // of the command
}

type entry struct{ ID, What, State, Rule, Text string }

type trial struct {
	Book     int64
	Currency string
	Debits   int64 `json:"debits_minor"`
	Credits  int64 `json:"credits_minor"`
}

// verify runs `watari verify` beside the running network.
func (w *world) verify() verdict {
	w.t.Helper()
	cmd := exec.Command(program.Crashing(w.t), append([]string{"verify", "--json"}, w.args...)...)
	cmd.Env = append(os.Environ(), rarely)
	var errs strings.Builder
	cmd.Stderr = &errs
	text, _ := cmd.Output()
	v := verdict{status: cmd.ProcessState.ExitCode()}
	if err := json.Unmarshal(text, &v); err != nil {
		w.t.Errorf("watari verify ended with status %d: %v\n%s%s", v.status, err, text, &errs)
	}
	return v
}

// until repeats look until it has no complaint, and reports the last one when time is over.
func (w *world) until(limit time.Duration, what string, look func() error) bool {
	w.t.Helper()
	end := clock.Now().Add(limit)
	for {
		err := look()
		if err == nil {
			return true
		}
		if clock.Now().After(end) {
			w.t.Errorf("%s: not within %s: %v", what, limit, err)
			return false
		}
		time.Sleep(2 * lookEvery)
	}
}

// moveTo makes another process of the network the one that is called and waited for.
func (w *world) moveTo(network *program.Server) {
	w.network.Store(network)
	w.base.Store(&network.BaseURL)
}

// path returns an address of the network as it listens now.
func (w *world) path(format string, args ...any) string {
	return *w.base.Load() + fmt.Sprintf(format, args...)
}
