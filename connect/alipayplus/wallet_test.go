package alipayplus_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/connect/alipayplus"
	"watari/connect/alipayplus/sign"
	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/pay/link/linktest"
)

// testWallet is a wallet on a real socket that is strict with what it gets: it verifies the
// network's signature, decodes strictly, and keeps books. It lies on command.
type testWallet struct {
	t       testing.TB
	network *keyPair // verified with
	own     *keyPair // signs with
	other   *keyPair // of BadSignature
	server  *httptest.Server
	late    time.Duration
	slow    time.Duration

	mu       sync.Mutex
	mode     linktest.Mode
	payments map[string]*debit
	refunds  map[string]string // refund id → the wallet's id
	seen     []*http.Request
	bodies   [][]byte
}

// debit is one payment in the wallet's books.
type debit struct {
	req              *wire.WalletPayRequest
	id               string
	state            string // pending, paid, declined, closed
	debits, returned int
	value, refunded  int64
}

const (
	walletNo     = 7
	walletID     = "wallet-7"
	walletClient = "WALLET_CLIENT_7"
	ourClient    = "NETWORK_CLIENT" // as the network names itself to wallets
)

func newTestWallet(t testing.TB, slow, late time.Duration) *testWallet {
	t.Helper()
	w := &testWallet{t: t, network: keyNamed(t, "network"), own: keyNamed(t, "wallet"),
		other: keyNamed(t, "stranger"), mode: linktest.Approve, slow: slow, late: late,
		payments: map[string]*debit{}, refunds: map[string]string{}}
	w.server = httptest.NewServer(w)
	t.Cleanup(w.server.Close)
	t.Cleanup(w.server.CloseClientConnections)
	return w
}

func (w *testWallet) Set(m linktest.Mode) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mode = m
}

func (w *testWallet) now() linktest.Mode {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.mode
}

func (w *testWallet) Debits(id string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if d := w.payments[id]; d != nil {
		return d.debits
	}
	return 0
}

func (w *testWallet) Taken(id string) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.payments[id]
	if d == nil || d.debits == 0 || d.state == "closed" {
		return 0
	}
	return d.value - d.refunded
}

func (w *testWallet) Refunds(id string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, done := w.refunds[id]; done {
		return 1
	}
	return 0
}

func (w *testWallet) Confirm(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if d := w.payments[id]; d != nil && d.state == "pending" {
		d.state, d.debits = "paid", d.debits+1
	}
}

// ServeHTTP verifies, does what is asked, and answers as the mode says.
func (w *testWallet) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	w.mu.Lock()
	w.seen, w.bodies = append(w.seen, r), append(w.bodies, body)
	w.mu.Unlock()
	at := r.Header.Get("Request-Time")
	header, err := sign.ParseHeader(r.Header.Get("Signature"))
	if err == nil {
		err = sign.Verify(w.network.public(), sign.Message{Method: r.Method, Path: r.URL.Path,
			ClientID: ourClient, At: at, Body: body}, header.Value)
	}
	if err != nil || header.Version != w.network.version {
		w.t.Errorf("the network's request does not verify: %v", err)
		return
	}
	mode := w.now()
	if mode == linktest.Deaf ||
		mode == linktest.Silence && r.URL.Path == alipayplus.PathPay {
		<-r.Context().Done()
		return
	}
	answer, message := w.handle(r.URL.Path, body, mode)
	switch mode {
	case linktest.Slow:
		time.Sleep(w.slow)
	case linktest.Late:
		<-r.Context().Done()
		return
	case linktest.Drop:
		panic(http.ErrAbortHandler)
	}
	w.reply(rw, r, mode, answer, message)
}

// reply signs an answer, or whatever the mode makes of it.
func (w *testWallet) reply(
	rw http.ResponseWriter, r *http.Request, mode linktest.Mode, m wire.Message, body []byte,
) {
	if body == nil {
		body = wire.Encode(m)
	}
	key, version, now, status := w.own, w.own.version, clock.Now(), http.StatusOK
	switch mode {
	case linktest.BadSignature:
		key = w.other
	case linktest.WrongKey:
		version = 99
	case linktest.Skewed:
		now = now.Add(-6 * time.Hour)
	case linktest.ServerError:
		status = http.StatusInternalServerError
	case linktest.Redirect:
		rw.Header().Set("Location", w.server.URL+"/elsewhere")
		status = http.StatusTemporaryRedirect
	case linktest.Garbage:
		body = []byte("<html>out of order</html>")
	case linktest.Huge:
		body = append(body[:len(body)-1], []byte(`,"padding":"`+
			strings.Repeat("x", 2<<20)+`"}`)...)
	}
	at := strconv.FormatInt(now.UnixMilli(), 10)
	header, err := sign.Sign(key.signer, sign.Message{Method: r.Method, Path: r.URL.Path,
		ClientID: ourClient, At: at, Body: body})
	if err != nil {
		w.t.Errorf("sign: %v", err)
		return
	}
	header = strings.Replace(header, fmt.Sprintf("keyVersion=%d", key.version),
		fmt.Sprintf("keyVersion=%d", version), 1)
	if mode != linktest.Unsigned {
		rw.Header()["signature"] = []string{header}
	}
	rw.Header()["response-time"] = []string{at}
	rw.Header()["client-id"] = []string{ourClient}
	rw.WriteHeader(status)
	rw.Write(body)
}

// handle does what is asked and returns the answer, or its body as it stands.
func (w *testWallet) handle(path string, body []byte, mode linktest.Mode) (wire.Message, []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	id := func(own string) string {
		if mode == linktest.WrongID {
			return "another"
		}
		return own
	}
	switch path {
	case alipayplus.PathPay:
		var m wire.WalletPayRequest
		w.strict(body, &m)
		res := w.pay(&m, mode)
		res.PaymentRequestID = id(res.PaymentRequestID)
		return res, nil
	case alipayplus.PathInquiry:
		var m wire.WalletInquiryRequest
		w.strict(body, &m)
		res := w.inquire(&m, mode)
		res.PaymentRequestID = id(res.PaymentRequestID)
		return res, nil
	case alipayplus.PathCancel:
		var m wire.WalletCancelRequest
		w.strict(body, &m)
		d := w.payments[m.PaymentRequestID]
		if d == nil {
			d = &debit{id: "W-closed"}
			w.payments[m.PaymentRequestID] = d
		}
		d.state = "closed"
		return &wire.WalletCancelResponse{Result: wire.ResultOf(wire.CodeSuccess),
			PaymentRequestID: id(m.PaymentRequestID)}, nil
	case alipayplus.PathRefund:
		var m wire.WalletRefundRequest
		w.strict(body, &m)
		res := w.refund(&m)
		res.RefundRequestID = id(m.RefundRequestID)
		return res, nil
	}
	w.t.Errorf("the network calls %s", path)
	return &wire.Ack{Result: wire.ResultOf(wire.CodeNoInterface)}, nil
}

func (w *testWallet) strict(body []byte, m wire.Message) {
	if err := wire.DecodeRequest(body, m); err != nil {
		w.t.Errorf("the network sends %s: %v", body, err)
	}
}

// result is how a payment stands.
func (d *debit) result() wire.Result {
	switch d.state {
	case "paid":
		return wire.ResultOf(wire.CodeSuccess)
	case "pending":
		return wire.ResultOf(wire.CodeInProcess)
	case "closed":
		return wire.ResultOf(wire.CodeOrderClosed)
	}
	return wire.ResultOf(wire.CodeBalance)
}

func (d *debit) told() wire.Debited {
	if d.req == nil {
		return wire.Debited{}
	}
	return wire.Debited{PaymentRequestID: d.req.PaymentRequestID, PaymentID: d.id,
		PaymentTime: "20261122125902+0800", CustomerID: "U1",
		PaymentAmount: d.req.PaymentAmount, PayToAmount: d.req.PayToAmount}
}

func (w *testWallet) pay(m *wire.WalletPayRequest, mode linktest.Mode) *wire.WalletPayResponse {
	d := w.payments[m.PaymentRequestID]
	if d == nil {
		value, _ := strconv.ParseInt(m.PayToAmount.Value, 10, 64)
		d = &debit{req: m, id: fmt.Sprintf("W-%d", len(w.payments)+1), value: value}
		w.payments[m.PaymentRequestID] = d
		switch mode {
		case linktest.Decline:
			d.state = "declined"
		case linktest.Pending:
			d.state = "pending"
		case linktest.Late:
			d.state = "pending"
			request := m.PaymentRequestID
			time.AfterFunc(w.late, func() { w.Confirm(request) })
		default:
			d.state, d.debits = "paid", 1
		}
	}
	res := &wire.WalletPayResponse{Result: d.result(), Debited: d.told()}
	// As documented, the answer to pay names no amount; only the liars' does.
	res.PaymentAmount, res.PayToAmount = nil, nil
	if mode == linktest.OtherAmount {
		res.PayToAmount = &wire.Amount{Currency: m.PayToAmount.Currency, Value: "1"}
	}
	return res
}

func (w *testWallet) inquire(
	m *wire.WalletInquiryRequest, mode linktest.Mode,
) *wire.WalletInquiryResponse {
	d := w.payments[m.PaymentRequestID]
	if d == nil {
		return &wire.WalletInquiryResponse{Result: wire.ResultOf(wire.CodeOrderNotExist),
			Debited: wire.Debited{PaymentRequestID: m.PaymentRequestID}}
	}
	state := d.result()
	res := &wire.WalletInquiryResponse{Result: wire.ResultOf(wire.CodeSuccess),
		PaymentResult: &state, Debited: d.told()}
	if mode == linktest.OtherAmount {
		res.PaymentAmount = &wire.Amount{Currency: "JPY", Value: "1"}
	}
	return res
}

func (w *testWallet) refund(m *wire.WalletRefundRequest) *wire.WalletRefundResponse {
	refuse := func(c wire.Code) *wire.WalletRefundResponse {
		return &wire.WalletRefundResponse{Result: wire.ResultOf(c)}
	}
	d := w.payments[m.PaymentRequestID]
	theirs, done := w.refunds[m.RefundRequestID]
	value, _ := strconv.ParseInt(m.RefundFromAmount.Value, 10, 64)
	switch {
	case done:
	case d == nil || d.id != m.PaymentID:
		return refuse(wire.CodeOrderNotExist)
	case d.state != "paid":
		return refuse(wire.CodeOrderStatus)
	case d.refunded+value > d.value:
		return refuse(wire.CodeRefundAmount)
	default:
		d.refunded += value
		theirs = fmt.Sprintf("WR-%d", len(w.refunds)+1)
		w.refunds[m.RefundRequestID] = theirs
	}
	return &wire.WalletRefundResponse{Result: wire.ResultOf(wire.CodeSuccess), RefundID: theirs,
		RefundTime: "2026-11-22T13:00:00+08:00", RefundAmount: m.RefundAmount,
		RefundFromAmount: m.RefundFromAmount}
}
