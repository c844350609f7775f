package wechatpay_test

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/connect/wechatpay"
	"watari/connect/wechatpay/wire"
	"watari/kit/clock"
	"watari/kit/fault"
	"watari/kit/money"
	"watari/pay/link"
	front "watari/sandbox/wechatpay"
)

var (
	errGone = fault.Define("test-wechatpay-gone", fault.NotFound, "There is no such payment")
	errBusy = fault.Define("test-wechatpay-busy", fault.Unavailable, "Too busy")
	errDiff = fault.Define("test-wechatpay-diff", fault.Conflict, "It differs")
)

// receiver stands for the core: it keeps what it is told.
type receiver struct {
	mu      sync.Mutex
	err     error
	notices []link.Notice
	pokes   []string
	told    chan struct{}
}

func (k *receiver) Notify(_ context.Context, no int64, n link.Notice) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if no != walletNo {
		return fmt.Errorf("wallet %d", no)
	}
	if k.err == nil {
		k.notices = append(k.notices, n)
		k.told <- struct{}{}
	}
	return k.err
}

func (k *receiver) Poke(_ context.Context, no int64, id string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if no != walletNo {
		return fmt.Errorf("wallet %d", no)
	}
	if k.err == nil {
		k.pokes = append(k.pokes, id)
		k.told <- struct{}{}
	}
	return k.err
}

func (k *receiver) set(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.err = err
}

func (k *receiver) counts() (notices, pokes int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.notices), len(k.pokes)
}

// listen starts our side's server for a rig.
func (r *rig) listen(c *wechatpay.Client) (*receiver, *httptest.Server) {
	k := &receiver{told: make(chan struct{}, 64)}
	mux := http.NewServeMux()
	mux.Handle("/wallets/wechatpay/{issuer}", wechatpay.NewServer(wechatpay.ServerConfig{
		Receiver: k, Client: c, Logger: slog.New(slog.DiscardHandler),
		Issuers: func(_ context.Context, id string) (int64, error) {
			if id != walletID {
				return 0, errGone.Newf("no wallet %s", id)
			}
			return walletNo, nil
		},
		Endpoint: func(context.Context, string) (link.Endpoint, error) {
			return r.endpoint(), nil
		}}))
	s := httptest.NewServer(mux)
	r.t.Cleanup(s.Close)
	return k, s
}

// told waits for the core to be told.
func (k *receiver) await(t *testing.T) {
	t.Helper()
	select {
	case <-k.told:
	case <-time.After(time.Minute):
		t.Fatal("the core was not told within a minute")
	}
}

// The goal is that what the wallet of the sandbox tells on its own reaches the core: a paid order,
// and a refund. Method: the whole way, in both modes of keys, with a server that has not seen a
// certificate before.
func TestNoticesOfTheWalletReachTheCore(t *testing.T) {
	t.Parallel()
	for _, deal := range []front.Deal{{}, {Institution: true, PublicKey: true}} {
		r := newRig(t, deal)
		k, server := r.listen(r.client())
		c := r.client() // another node: it shares nothing with the one that is told
		to := r.endpoint()
		to.NotifyURL = server.URL + "/wallets/wechatpay/" + walletID
		p := r.order(link.WayOrder)
		f, _ := c.Prepare(t.Context(), to, p)

		r.scan(f.CodeText)

		k.await(t)
		n := k.notices[0]
		if n.OurRequestID != p.OurRequestID || n.Answer.Outcome != link.Approved ||
			*n.Answer.PayTo != p.PayTo || *n.Answer.Payer != money.MustNew(84_74, "CNY") ||
			n.Answer.TheirID == "" || n.Answer.Customer == "" || n.Answer.At.IsZero() {
			t.Errorf("got %+v", n)
		}
		a := c.Refund(t.Context(), to, link.Refund{About: aboutOf(p.Authorise, link.WayOrder),
			RefundID: "ref_1", Order: p.Order, PayTo: p.PayTo})
		if a.Outcome != link.Approved {
			t.Errorf("refund: got %+v", a)
		}
		k.await(t)
		if len(k.pokes) != 1 || k.pokes[0] != p.OurRequestID {
			t.Errorf("got pokes %v", k.pokes)
		}
	}
}

// The goal is that a notice that the core cannot take comes again. Method: the core is busy for a
// while.
func TestNoticeComesAgainUntilItIsTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t, front.Deal{PublicKey: true})
	c := r.client()
	k, server := r.listen(c)
	k.set(errBusy.Newf("busy"))
	to := r.endpoint()
	to.NotifyURL = server.URL + "/wallets/wechatpay/" + walletID
	p := r.order(link.WayOrder)
	f, _ := c.Prepare(t.Context(), to, p)
	r.scan(f.CodeText)
	time.Sleep(300 * time.Millisecond)
	if n, _ := k.counts(); n != 0 {
		t.Fatalf("taken %d times while busy", n)
	}

	k.set(nil)

	k.await(t)
}

// notice is a message as the network sends it.
type notice struct {
	event, plain, key, nonce string
	body                     []byte // instead of all these
	serial                   string
	stranger                 bool
	at                       time.Time
	unsigned                 bool
}

func (r *rig) notice(n notice) *http.Request {
	if n.key == "" {
		n.key = r.secrets.APIv3Key
	}
	if n.nonce == "" {
		n.nonce = "0123456789ab"
	}
	if n.serial == "" {
		n.serial = r.secrets.PublicKeyID
	}
	if n.at.IsZero() {
		n.at = clock.Now()
	}
	if n.body == nil {
		block, err := aes.NewCipher([]byte(n.key))
		r.must(err)
		aead, err := cipher.NewGCMWithNonceSize(block, len(n.nonce))
		r.must(err)
		n.body = wire.Encode(wire.Notice{ID: "EV-1", EventType: n.event,
			ResourceType: "encrypt-resource", Resource: &wire.Sealed{Algorithm: wire.Algorithm,
				Nonce: n.nonce, AssociatedData: "transaction",
				Ciphertext: base64.StdEncoding.EncodeToString(aead.Seal(nil, []byte(n.nonce),
					[]byte(n.plain), []byte("transaction")))}})
	}
	req := httptest.NewRequest(http.MethodPost, "/wallets/wechatpay/"+walletID,
		strings.NewReader(string(n.body)))
	key := r.key
	if n.stranger {
		key = strangerKey()
	}
	if !n.unsigned {
		signHeaders(req.Header, n.serial, key, n.at, n.body)
	}
	return req
}

func send(s *httptest.Server, req *http.Request) *httptest.ResponseRecorder {
	got := httptest.NewRecorder()
	s.Config.Handler.ServeHTTP(got, req)
	return got
}

// The goal is that nothing but a fresh notice of this network, sealed for us, reaches the core, and
// that the answer is the one that makes the network send it again.
func TestForgedStaleAndBrokenNoticesAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, front.Deal{PublicKey: true})
	k, server := r.listen(r.client())
	mine := fmt.Sprintf(`"mchid":%q`, r.secrets.MchID)
	paid := `{` + mine + `,"id":"T1","out_trade_no":"leg_1","trade_state":"SUCCESS"}`
	orderless := `{` + mine + `,"trade_state":"SUCCESS"}`
	foreign := strings.Replace(paid, r.secrets.MchID, "1", 1)
	const event = "TRANSACTION.SUCCESS"
	for name, x := range map[string]struct {
		notice
		want int
	}{
		"unsigned":              {notice{event: event, plain: paid, unsigned: true}, 401},
		"signed by a stranger":  {notice{event: event, plain: paid, stranger: true}, 401},
		"of an unknown serial":  {notice{event: event, plain: paid, serial: "5157F09E"}, 401},
		"of another key id":     {notice{event: event, plain: paid, serial: "PUB_KEY_ID_1"}, 401},
		"six minutes old":       {notice{event: event, plain: paid, at: minutes(-6)}, 401},
		"six minutes ahead":     {notice{event: event, plain: paid, at: minutes(6)}, 401},
		"sealed for another":    {notice{event: event, plain: paid, key: strings.Repeat("k", 32)}, 400},
		"with a short nonce":    {notice{event: event, plain: paid, nonce: "0123"}, 400},
		"not JSON":              {notice{body: []byte("<xml/>")}, 400},
		"without a resource":    {notice{body: []byte(`{"event_type":"TRANSACTION.SUCCESS"}`)}, 400},
		"with a member twice":   {notice{body: []byte(`{"id":"1","ID":"2"}`)}, 400},
		"sealed garbage":        {notice{event: event, plain: `nothing`}, 400},
		"of no order":           {notice{event: event, plain: orderless}, 400},
		"of another merchant":   {notice{event: event, plain: foreign}, 400},
		"of an unknown event":   {notice{event: "COMPLAINT.CREATE", plain: paid}, 400},
		"of a refund of nobody": {notice{event: "REFUND.SUCCESS", plain: `{` + mine + `}`}, 400},
		"too long":              {notice{body: []byte(strings.Repeat(" ", 65<<10))}, 400},
	} {
		got := send(server, r.notice(x.notice))
		if got.Code != x.want || !strings.HasPrefix(got.Body.String(), `{"code":"FAIL","message":`) {
			t.Errorf("%s: HTTP %d %s, want %d", name, got.Code, got.Body, x.want)
		}
	}
	if n, p := k.counts(); n+p != 0 {
		t.Errorf("the core was told %d and %d times", n, p)
	}
}

func minutes(n int) time.Time { return clock.Now().Add(time.Duration(n) * time.Minute) }

// The goal is that good notices are taken, each once under its nonce; that the state inside
// decides; and that states of refunds are found under both of their names.
func TestGoodNoticesAreTakenOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, front.Deal{PublicKey: true})
	k, server := r.listen(r.client())
	about := fmt.Sprintf(`"mchid":%q,"out_trade_no":"leg_1",`, r.secrets.MchID)
	for _, x := range []struct {
		event, plain string
		notices      int
	}{
		{"TRANSACTION.SUCCESS", `"transaction_id":"T1","trade_state":"SUCCESS"`, 1},
		{"TRANSACTION.SUCCESS", `"id":"T1","trade_state":"REFUND"`, 1},
		{"TRANSACTION.SUCCESS", `"id":"T1","trade_state":"USERPAYING"`, 0},
		{"REFUND.SUCCESS", `"out_refund_no":"r","refund_status":"SUCCESS"`, 0},
		{"REFUND.ABNORMAL", `"out_refund_no":"r","refund_status":"ABNORMAL"`, 0},
		{"REFUND.CLOSED", `"out_refund_no":"r","status":"CLOSED"`, 0},
	} {
		n0, p0 := k.counts()

		got := send(server, r.notice(notice{event: x.event,
			plain: `{` + about + x.plain + `}`}))

		n, p := k.counts()
		if got.Code != http.StatusNoContent || n-n0 != x.notices || p-p0 != 1-x.notices {
			t.Errorf("%s %s: HTTP %d, told %d and %d", x.event, x.plain, got.Code, n-n0, p-p0)
		}
	}
	if a := k.notices[0].Answer; a.TheirID != "T1" {
		t.Errorf("got %+v", a)
	}
}

// The goal is that the very same message is not taken twice, and that one that was not taken may
// come again as it was.
func TestReplayIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, front.Deal{PublicKey: true})
	k, server := r.listen(r.client())
	first := r.notice(notice{event: "TRANSACTION.SUCCESS", plain: fmt.Sprintf(
		`{"mchid":%q,"out_trade_no":"leg_1","trade_state":"SUCCESS"}`, r.secrets.MchID)})
	var text strings.Builder
	_ = first.Write(&text)
	_, body, _ := strings.Cut(text.String(), "\r\n\r\n")
	repeat := func() int {
		req := httptest.NewRequest(http.MethodPost, first.URL.Path, strings.NewReader(body))
		req.Header = first.Header
		return send(server, req).Code
	}
	k.set(errors.New("disk full"))
	if got := repeat(); got != http.StatusInternalServerError {
		t.Errorf("not taken: HTTP %d", got)
	}
	k.set(nil)
	if got := repeat(); got != http.StatusNoContent {
		t.Errorf("again: HTTP %d", got)
	}
	if got := repeat(); got != http.StatusUnauthorized {
		t.Errorf("replayed: HTTP %d", got)
	}
	if n, _ := k.counts(); n != 1 {
		t.Errorf("told %d times", n)
	}
}

// The goal is that the core's refusals are told by their kind, and nothing of their cause.
func TestRefusalsOfTheCoreAreAnswered(t *testing.T) {
	t.Parallel()
	r := newRig(t, front.Deal{PublicKey: true})
	k, server := r.listen(r.client())
	plain := fmt.Sprintf(`{"mchid":%q,"out_trade_no":"leg_1","trade_state":"SUCCESS"}`,
		r.secrets.MchID)
	for err, want := range map[error]int{errGone.Newf("secret"): 404, errBusy.Newf("secret"): 503,
		errDiff.Newf("secret"): 409, errors.New("secret"): 500,
		fmt.Errorf("wrap: %w", errGone): 404} {
		k.set(err)
		got := send(server, r.notice(notice{event: "TRANSACTION.SUCCESS", plain: plain}))
		if got.Code != want || strings.Contains(got.Body.String(), "secret") {
			t.Errorf("%v: HTTP %d %s, want %d", err, got.Code, got.Body, want)
		}
	}
	for _, req := range []*http.Request{
		httptest.NewRequest(http.MethodGet, "/wallets/wechatpay/"+walletID, nil),
		httptest.NewRequest(http.MethodPost, "/wallets/wechatpay/nobody", nil)} {
		if got := send(server, req); got.Code != 405 && got.Code != 404 {
			t.Errorf("%s %s: HTTP %d", req.Method, req.URL, got.Code)
		}
	}
}
