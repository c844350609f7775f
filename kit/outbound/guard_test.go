package outbound_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"watari/kit/outbound"
)

// The goal is that nobody can send our messages into our own network. The method: a list of
// addresses of each kind, those among them that reach an IPv4 address through an IPv6 one.
func TestPrivateAddressesAreRefused(t *testing.T) {
	t.Parallel()
	for _, a := range []string{"127.0.0.1:443", "10.0.0.1:443", "172.16.5.5:443",
		"192.168.1.1:443", "169.254.169.254:80", "100.64.0.1:443", "0.0.0.0:443",
		"0.1.2.3:443", "192.0.0.8:443", "198.18.0.1:443", "240.0.0.1:443", "224.0.0.1:443",
		"255.255.255.255:443", "168.63.129.16:80",
		"[::ffff:168.63.129.16]:80", "[64:ff9b::168.63.129.16]:80", "[::1]:443",
		"[::]:443", "[fe80::1]:443", "[fe80::1%lo]:443",
		"[2001:db8::1%lo]:443", "[fd00::1]:443", "[fec0::1]:443", "[ff02::1]:443",
		"[::ffff:127.0.0.1]:443", "[::ffff:10.0.0.1]:443", "[::ffff:7f00:1]:443",
		"[::127.0.0.1]:443", "[::ffff:0:127.0.0.1]:443",
		"[64:ff9b::127.0.0.1]:443", "[64:ff9b::a9fe:a9fe]:443", "[64:ff9b::c0a8:101]:443",
		"[64:ff9b:1::1]:443", "[2002:7f00:1::1]:443", "[2002:a00:1::1]:443",
		"[2001:0:7f00:1::1]:443", "[100::1]:443", "[5f00::1]:443",
		"host:443", "localhost:443", "127.0.0.1", "0x7f000001:443", "2130706433:443", ""} {
		if !errors.Is(outbound.PublicOnly(a), outbound.ErrPrivate) {
			t.Errorf("%s is taken for a public address", a)
		}
	}
	for _, a := range []string{"203.0.113.7:443", "8.8.8.8:8443", "[2001:4860:4860::8888]:443",
		"[::ffff:8.8.8.8]:443", "[64:ff9b::8.8.8.8]:443", "[2002:808:808::1]:443"} {
		if err := outbound.PublicOnly(a); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
}

// names is a name server on loopback that knows a few names.
type names struct {
	conn    net.PacketConn
	asked   atomic.Int64
	answers func(host string, nth int64) []string
}

func newNames(t *testing.T, answers func(host string, nth int64) []string) *names {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &names{conn: conn, answers: answers}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			buf := make([]byte, 1500)
			size, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if reply, err := n.reply(buf[:size]); err == nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	return n
}

// reply answers one question.
func (n *names) reply(question []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil {
		return nil, err
	}
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	nth := int64(0)
	if q.Type == dnsmessage.TypeA {
		nth = n.asked.Add(1)
	}
	for _, a := range n.answers(strings.TrimSuffix(q.Name.String(), "."), nth) {
		ip := netip.MustParseAddr(a)
		h := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, Type: q.Type, TTL: 1}
		switch {
		case ip.Is4() && q.Type == dnsmessage.TypeA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: h,
				Body: &dnsmessage.AResource{A: ip.As4()}})
		case ip.Is6() && q.Type == dnsmessage.TypeAAAA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: h,
				Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
		}
	}
	return m.Pack()
}

func (n *names) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true,
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "udp", n.conn.LocalAddr().String())
		}}
}

// victim is a server of our own network that must not be asked.
func victim(t *testing.T) (port string, asked *atomic.Int64) {
	t.Helper()
	asked = &atomic.Int64{}
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked.Add(1)
	}))
	t.Cleanup(s.Close)
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, asked
}

// The goal is that a name is no way in: what its name server answers is looked at, all of it and
// nothing later. The method: a name server that answers with private addresses, mixed ones, and
// others at the second question; a server of ours at the port that is called.
func TestNamesOfPrivateAddressesAreRefused(t *testing.T) {
	t.Parallel()
	port, asked := victim(t)
	known := map[string][]string{
		"private.example": {"127.0.0.1"},
		"mixed.example":   {"203.0.113.7", "127.0.0.1"},
		"six.example":     {"::1"},
		"mixed6.example":  {"203.0.113.7", "fd00::1"},
		"mapped.example":  {"::ffff:127.0.0.1"},
		"nat64.example":   {"64:ff9b::7f00:1"},
		"meta.example":    {"169.254.169.254"},
	}
	n := newNames(t, func(host string, _ int64) []string { return known[host] })
	p := outbound.NewPoster(outbound.Options{Guard: outbound.PublicOnly,
		Resolver: n.resolver()})
	t.Cleanup(p.Close)
	for host := range known {
		_, err := p.Post(t.Context(), outbound.Message{URL: "http://" + host + ":" + port}, 1)
		if !errors.Is(err, outbound.ErrPrivate) {
			t.Errorf("%s: %v", host, err)
		}
	}
	for _, host := range []string{"127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost",
		"0.0.0.0", "127.1", "0x7f.1", "2130706433"} {
		_, err := p.Post(t.Context(), outbound.Message{URL: "http://" + host + ":" + port}, 1)
		if err == nil {
			t.Errorf("%s was called", host)
		}
	}
	if _, err := p.Post(t.Context(), outbound.Message{URL: "http://none.example"}, 1); err == nil {
		t.Error("a name without an address was called")
	}
	if asked.Load() != 0 {
		t.Errorf("our own server was asked %d times", asked.Load())
	}
}

// The goal is that a name server that changes its mind gets nowhere: a public answer first, a
// private one when it is asked again. The method: a guard that takes the first answer, too, so
// that the dial happens, and counts what the name server was asked.
func TestTheAnswerThatWasCheckedIsTheOneThatIsDialled(t *testing.T) {
	t.Parallel()
	port, asked := victim(t)
	n := newNames(t, func(_ string, nth int64) []string {
		if nth <= 1 {
			return []string{"127.0.0.2"} // stands for a public one that nobody answers at
		}
		return []string{"127.0.0.1"}
	})
	p := outbound.NewPoster(outbound.Options{Resolver: n.resolver(),
		Guard: func(address string) error {
			if strings.HasPrefix(address, "127.0.0.2:") {
				return nil
			}
			return outbound.ErrPrivate
		}})
	t.Cleanup(p.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err := p.Post(ctx, outbound.Message{URL: "http://rebind.example:" + port}, 1)
	if err == nil || errors.Is(err, outbound.ErrPrivate) {
		t.Errorf("the first answer was not dialled: %v", err)
	}
	if n.asked.Load() != 1 || asked.Load() != 0 {
		t.Errorf("the name was looked up %d times, our own server asked %d times",
			n.asked.Load(), asked.Load())
	}
}

// The goal is that what is posted arrives whole, that the answer is kept in part, and that its
// wish to be left alone is heard.
func TestPostKeepsTheBeginningOfTheAnswer(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.Method != http.MethodPost || q.Header.Get("X-A") != "b" || q.ContentLength != 4 {
			t.Errorf("%s %v, %d bytes", q.Method, q.Header, q.ContentLength)
		}
		w.Header().Set("Retry-After", "90")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte("0123456789"))
	}))
	t.Cleanup(s.Close)
	p := outbound.NewPoster(outbound.Options{})
	t.Cleanup(p.Close)
	a, err := p.Post(t.Context(), outbound.Message{URL: s.URL, Body: []byte("body"),
		Header: map[string]string{"X-A": "b"}}, 4)
	if err != nil || a.Status != http.StatusTooManyRequests || string(a.Body) != "0123" ||
		a.RetryAfter != 90*time.Second {
		t.Errorf("%+v, %v", a, err)
	}
	secret := "http://127.0.0.1:1/secret"
	_, err = p.Post(t.Context(), outbound.Message{URL: secret}, 4)
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("a port where nobody is: %v", err)
	}
}
