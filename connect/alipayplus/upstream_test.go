package alipayplus_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/connect/alipayplus"
	"watari/connect/alipayplus/sign"
	"watari/connect/alipayplus/upstream"
	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/link/linktest"
	"watari/pay/payment"
)

// The goal is that the core can rely on another network as on a wallet: the suite of the contract,
// against this network's own server and core, with everything damaged on the way that can be.
func TestUpstreamConnectorKeepsTheContract(t *testing.T) {
	t.Parallel()
	linktest.Run(t, func(t testing.TB) linktest.Case {
		f := newFront(t)
		return linktest.Case{Connector: f.upstreamClient(), Endpoint: f.endpoint(), Wallet: f,
			Sale: f.sale, Patience: 2 * callMax}
	})
}

// upstreamResults asks each call of a network that answers with a result.
func upstreamResults(t *testing.T, r *rig, answer func(path string) wire.Message,
) map[string]link.Answer {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, at := wire.Encode(answer(q.URL.Path)), wire.FormatTime(clock.Now())
		header, err := sign.Sign(r.network.signer, sign.Message{Method: q.Method,
			Path: q.URL.Path, ClientID: bankClient, At: at, Body: body})
		if err != nil {
			t.Errorf("sign: %v", err)
		}
		w.Header().Set("Signature", header)
		w.Header().Set("Response-Time", at)
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	c, ctx := r.upstreamClient(), context.Background()
	to := link.Endpoint{IssuerNo: 3, IssuerID: networkID, BaseURL: server.URL}
	s := sale("leg_1")
	about := link.About{OurRequestID: s.OurRequestID, TheirID: "P-1", IssuerID: networkID,
		Order: s.Order, PayTo: s.PayTo}
	_, prepared := c.Prepare(ctx, to, link.Prepare{Authorise: s, Way: link.WayOrder})
	return map[string]link.Answer{"pay": c.Authorise(ctx, to, s),
		"inquiry": c.Inquire(ctx, to, link.Inquire{About: about}),
		"cancel":  c.Cancel(ctx, to, link.Cancel{About: about}),
		"refund": c.Refund(ctx, to, link.Refund{About: about, RefundID: "rfd_1",
			Order: s.Order, PayTo: s.PayTo}),
		"prepare": prepared}
}

// The goal is the meaning of every result code for each call (U2). Every documented code is tried;
// the table says what is not the rule (S yes, F no, U unknown).
func TestEveryUpstreamResultHasItsOutcome(t *testing.T) {
	t.Parallel()
	r := &rig{t: t, network: keyNamed(t, "network")}
	for code, status := range wire.Codes() {
		result := wire.ResultOf(code)
		for call, a := range upstreamResults(t, r, func(path string) wire.Message {
			if path == alipayplus.PathInquiry {
				return &wire.InquiryResponse{PaymentResult: &result,
					Result: wire.ResultOf(wire.CodeSuccess)}
			}
			return &wire.Ack{Result: result}
		}) {
			want := map[wire.Status]link.Outcome{wire.Success: link.Approved,
				wire.Failure: link.Declined, wire.Unclear: link.Unknown,
				wire.Accepted: link.Unknown}[status]
			switch {
			case code == wire.CodeInconsistent || code == wire.CodeOrderNotExist:
				want = link.Unknown // they say nothing about the money
			case call == "cancel" && code == wire.CodeOrderClosed:
				want = link.Approved // closed is what was asked
			case call == "prepare" && want == link.Approved:
				want = link.Unknown // nobody has paid an order by making it
			}
			if a.Outcome != want || a.Outcome == link.Unknown && a.Cause == nil ||
				(a.Outcome == link.Declined) != (a.Reason != link.ReasonNone) {
				t.Errorf("%s answered %s: got %+v, want %s", call, code, a, want)
			}
		}
	}
}

// The goal is orders at another network: a code, an entry page and the cashier, each in the shape
// that was asked for, and the same order when it is asked for again.
func TestUpstreamMakesOrders(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	c := f.upstreamClient()
	for way, wants := range map[link.Way]func(form link.Form) bool{
		link.WayOrder: func(form link.Form) bool {
			return strings.HasPrefix(form.CodeText, publicURL+"/q/") && form.PageURL == "" &&
				form.Expires.After(clock.Now())
		},
		link.WayEntry: func(form link.Form) bool {
			return strings.HasPrefix(form.PageURL, publicURL+"/pay/") && form.CodeText == ""
		},
		link.WayPage: func(form link.Form) bool {
			return strings.HasPrefix(form.PageURL, publicURL+"/pay/") && form.CodeText == ""
		},
	} {
		s := f.sale()
		s.Code, s.Expires = "", clock.Now().Add(5*time.Minute)
		ask := link.Prepare{Authorise: s, Way: way, ReturnURL: "https://shop.example/done",
			UserAgent: "AlipayConnect/1.0", PayerIP: "203.0.113.9"}
		form, a := c.Prepare(t.Context(), f.endpoint(), ask)
		again, b := c.Prepare(t.Context(), f.endpoint(), ask)
		if a.Outcome != link.Unknown || !a.UserActing || !wants(form) {
			t.Errorf("%s: %+v, %+v", way, form, a)
		}
		if !b.UserActing || again.CodeText != form.CodeText || again.PageURL != form.PageURL {
			t.Errorf("%s again: %+v, %+v", way, again, b)
		}
		p := f.find(s.OurRequestID)
		if p == nil || p.Way != way {
			t.Fatalf("%s: the other network has %+v", way, p)
		}
		about := link.About{OurRequestID: s.OurRequestID, IssuerID: networkID, Way: way,
			Order: s.Order, PayTo: s.PayTo}
		open := c.Inquire(t.Context(), f.endpoint(), link.Inquire{About: about})
		if open.Outcome != link.Unknown || !open.UserActing {
			t.Errorf("%s: nobody has paid, and the inquiry says %+v", way, open)
		}
		m := f.scan(publicURL+"/q/"+strings.TrimPrefix(p.ID, "pay_"), "U1", nil)
		f.debit(m, "U1")
		paid := c.Inquire(t.Context(), f.endpoint(), link.Inquire{About: about})
		if paid.Outcome != link.Approved || paid.PayTo == nil || *paid.PayTo != s.PayTo ||
			paid.Customer != "U1" {
			t.Errorf("%s: paid, and the inquiry says %+v", way, paid)
		}
	}
}

// The goal is what is sent: the golden messages of a payment by code and of an entry code.
func TestUpstreamSendsTheDocumentedMessages(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	c := f.upstreamClient()
	s := f.sale()
	s.OurRequestID, s.Code = "leg_01jd9r2k7v0100407m3q5x8t2w4ya0", "251001029876543210987654"
	s.Expires = time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)
	s.PayTo = money.MustNew(1320, "USD")
	c.Authorise(t.Context(), f.endpoint(), s)
	compareGolden(t, "upstream_pay", f.seen[0])
	c.Prepare(t.Context(), f.endpoint(), link.Prepare{Authorise: s, Way: link.WayEntry,
		ReturnURL: "https://shop.example/done", UserAgent: "AlipayConnect/1.0",
		PayerIP: "203.0.113.9"})
	compareGolden(t, "upstream_entry", f.seen[1])
}

// The goal is that a settlement in another currency is told as it is, for the core to compare.
func TestUpstreamTellsWhatIsSettled(t *testing.T) {
	t.Parallel()
	r := &rig{t: t, network: keyNamed(t, "network")}
	all := upstreamResults(t, r, func(path string) wire.Message {
		ok := wire.ResultOf(wire.CodeSuccess)
		return &wire.InquiryResponse{Result: ok, PaymentResult: &ok, Paid: wire.Paid{
			AcquirerID: "gifu-bank", PaymentID: "P-1", CustomerID: "U9",
			PaymentAmount:    &wire.Amount{Currency: "JPY", Value: "1980"},
			SettlementAmount: &wire.Amount{Currency: "USD", Value: "1299"},
			SettlementQuote:  &wire.Quote{CurrencyPair: "JPY/USD", Price: "0.00656"}}}
	})
	want := money.MustNew(1299, "USD")
	for _, call := range []string{"pay", "inquiry"} {
		a := all[call]
		if a.PayTo == nil || *a.PayTo != want || a.Customer != "U9" || a.TheirID != "P-1" {
			t.Errorf("%s: got %+v", call, a)
		}
	}
}

// receiver is a core that remembers what it was told.
type receiver struct {
	mu   sync.Mutex
	told []link.Notice
	err  error
}

// Notify is part of link.Receiver.
func (r *receiver) Notify(_ context.Context, _ int64, n link.Notice) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.told = append(r.told, n)
	return r.err
}

// Poke is part of link.Receiver.
func (r *receiver) Poke(context.Context, int64, string) error { return nil }

// ourServer takes the notices of the rig's network, which sends them with its own notifier.
func (r *rig) ourServer(core *receiver) string {
	r.t.Helper()
	mux := http.NewServeMux()
	mux.Handle("POST /wallets/"+upstream.Name+"/{issuer}", upstream.NewServer(
		upstream.ServerConfig{Receiver: core, Client: r.upstreamClient(),
			Issuers: func(_ context.Context, id string) (int64, error) {
				if id != networkID {
					return 0, errors.New("no such network")
				}
				return 3, nil
			}}))
	server := httptest.NewServer(mux)
	r.t.Cleanup(server.Close)
	return server.URL + "/wallets/" + upstream.Name + "/" + networkID
}

// The goal is that what another network tells arrives whole, any number of times, and is answered
// with a signed S: the two halves of this program talk to each other.
func TestUpstreamNoticeArrives(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	core := &receiver{}
	p := r.paidPayment(r.ourServer(core))
	n := r.notifier(true)
	notice, err := n.Build(t.Context(), p)
	r.do("build", err)
	for range 2 {
		r.do("send", n.Send(t.Context(), notice))
	}
	for _, told := range core.told {
		a := told.Answer
		if told.OurRequestID != p.RequestID || a.Outcome != link.Approved ||
			a.TheirID != p.ID || a.Customer != "U1" || *a.Order != p.Order ||
			*a.PayTo != p.Settle || a.At.IsZero() {
			t.Errorf("told %+v", told)
		}
	}
	if len(core.told) != 2 {
		t.Errorf("told %d times", len(core.told))
	}
	r.wallet.Set(linktest.Decline)
	req := r.payRequest(1980)
	req.PaymentNotifyURL = notice.URL
	r.pay(req, wire.CodeBalance)
	notice, err = n.Build(t.Context(), r.core1(req.PaymentRequestID))
	r.do("build", err)
	r.do("send", n.Send(t.Context(), notice))
	if last := core.told[2].Answer; last.Outcome != link.Declined ||
		last.Reason != link.ReasonBalance {
		t.Errorf("told %+v", last)
	}
}

// The goal is that nothing is believed that the other network did not sign for us, and that what
// the core refuses is not acknowledged: it is sent again.
func TestForgedUpstreamNoticeIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	core := &receiver{}
	url := r.ourServer(core)
	notice := func(acquirer string) *wire.PaymentNotice {
		return &wire.PaymentNotice{PaymentResult: wire.ResultOf(wire.CodeSuccess),
			Paid: wire.Paid{AcquirerID: acquirer, PaymentRequestID: "leg_1", PaymentID: "P-1"}}
	}
	send := func(key, client string, m wire.Message, at time.Time) wire.Code {
		t.Helper()
		body := wire.Encode(m)
		k := keyNamed(t, key)
		header, err := sign.Sign(k.signer, sign.Message{Method: "POST",
			Path:     strings.TrimPrefix(url, url[:strings.Index(url, "/wallets")]),
			ClientID: client, At: wire.FormatTime(at), Body: body})
		r.do("sign", err)
		q, err := http.NewRequestWithContext(t.Context(), "POST", url,
			strings.NewReader(string(body)))
		r.do("make a request", err)
		q.Header.Set("Client-Id", client)
		q.Header.Set("Request-Time", wire.FormatTime(at))
		q.Header.Set("Signature", header)
		res, err := http.DefaultClient.Do(q)
		r.do("send", err)
		defer res.Body.Close()
		var ack wire.Ack
		raw := make([]byte, 4096)
		n, _ := res.Body.Read(raw)
		r.do("read "+string(raw[:n]), wire.DecodeAnswer(raw[:n], &ack))
		return ack.Result.Code
	}
	now := clock.Now()
	for name, got := range map[string]wire.Code{
		"another key " + string(wire.CodeKeyNotFound): send("stranger", bankClient,
			notice("gifu-bank"), now),
		"another client " + string(wire.CodeClient): send("network", "SOMEBODY",
			notice("gifu-bank"), now),
		"an old one " + string(wire.CodeSignature): send("network", bankClient,
			notice("gifu-bank"), now.Add(-time.Hour)),
		"another acquirer " + string(wire.CodeParam): send("network", bankClient,
			notice("kyoto-bank"), now),
		"another message " + string(wire.CodeParam): send("network", bankClient,
			&wire.Ack{Result: wire.ResultOf(wire.CodeSuccess)}, now),
	} {
		if !strings.HasSuffix(name, string(got)) {
			t.Errorf("%s: got %s", name, got)
		}
	}
	if len(core.told) != 0 {
		t.Errorf("the core was told %+v", core.told)
	}
	for want, err := range map[wire.Code]error{
		wire.CodeOrderNotExist: payment.ErrNotFound.Newf("no such payment"),
		wire.CodeInconsistent:  payment.ErrInconsistent.Newf("another amount"),
		wire.CodeUnknown:       errors.New("the disk is full"),
	} {
		core.err = err
		if got := send("network", bankClient, notice("gifu-bank"), now); got != want {
			t.Errorf("%v: answered %s, want %s", err, got, want)
		}
	}
}

// The goal is that credentials name the field that is wrong, and never what is in it.
func TestUpstreamCredentialsNameTheWrongField(t *testing.T) {
	t.Parallel()
	r := &rig{t: t, network: keyNamed(t, "network")}
	if err := r.credentials().Validate(); err != nil {
		t.Fatalf("good ones: %v", err)
	}
	for field, spoil := range map[string]func(c *upstream.Credentials){
		"client_id":    func(c *upstream.Credentials) { c.ClientID = "" },
		"acquirer_id":  func(c *upstream.Credentials) { c.AcquirerID = "a b" },
		"key_version":  func(c *upstream.Credentials) { c.KeyVersion = -1 },
		"private_key":  func(c *upstream.Credentials) { c.PrivateKey = []byte("secret") },
		"network_keys": func(c *upstream.Credentials) { c.NetworkKeys = nil },
		"network_client_id": func(c *upstream.Credentials) {
			c.NetworkClientID = strings.Repeat("x", 65)
		},
	} {
		c := r.credentials()
		spoil(&c)
		err := c.Validate()
		if err == nil || !strings.HasPrefix(err.Error(), field) ||
			strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v", field, err)
		}
	}
	if text := fmt.Sprintf("%v %+v %#v", r.credentials(), r.credentials(), r.credentials()); strings.
		Contains(text, bankClient) {
		t.Errorf("printed as %s", text)
	}
}
