package wechatpay_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"watari/connect/wechatpay"
	"watari/pay/link"
	"watari/pay/link/linktest"
	front "watari/sandbox/wechatpay"
)

// count is how often the wallet was called at a path.
func (r *rig) count(call string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.calls {
		if c == call {
			n++
		}
	}
	return n
}

const fetchCall = "GET /v3/global/certificates"

// The goal is that certificates are fetched when they are first needed, once for all who need them,
// and not again for a serial that is not the network's.
func TestCertificatesAreFetchedOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, front.Deal{})
	c := r.client()
	var wg sync.WaitGroup
	for range 16 {
		s := r.sale()
		wg.Go(func() {
			if a := r.inquire(c, s, link.WayCode); !a.NoSuch {
				t.Errorf("got %+v", a)
			}
		})
	}
	wg.Wait()
	if n := r.count(fetchCall); n != 1 {
		t.Errorf("fetched %d times, want once", n)
	}

	r.Set(linktest.WrongKey)
	for range 4 {
		if a := r.inquire(c, r.sale(), link.WayCode); a.NoSuch || a.Cause == nil {
			t.Errorf("got %+v", a)
		}
	}
	if n := r.count(fetchCall); n != 1 {
		t.Errorf("fetched %d times for unknown serials, want none more", n-1)
	}
	r.Set(linktest.Approve)
	list, err := c.Certificates(t.Context(), r.endpoint())
	if err != nil || len(list) != 1 || fmt.Sprintf("%X", list[0].SerialNumber) == "" {
		t.Errorf("got %v, %v", list, err)
	}
}

// The goal is that a list of certificates is believed only when each is sealed with our key and
// the whole is signed by one of them. Method: lies, and an APIv3 key that is not the wallet's.
func TestCertificatesOfStrangersAreNotBelieved(t *testing.T) {
	t.Parallel()
	r := newRig(t, front.Deal{})
	c := r.client()
	for _, mode := range append(linktest.Lies(), linktest.Deaf) {
		if mode == linktest.WrongID {
			continue // the list is about no order
		}
		r.Set(mode)
		if list, err := c.Certificates(t.Context(), r.endpoint()); err == nil {
			t.Errorf("%s: believed %d", mode, len(list))
		}
	}
	r.Set(linktest.Approve)
	r.creds.APIv3Key = strings.Repeat("k", 32)
	if list, err := r.client().Certificates(t.Context(), r.endpoint()); err == nil {
		t.Errorf("another key: believed %d", len(list))
	}
}

// The goal is that certificates in the credentials spare the fetching, in public-key mode too.
func TestPinnedCertificatesAreBelieved(t *testing.T) {
	t.Parallel()
	r := newRig(t, front.Deal{})
	r.creds.Certificates = r.secrets.Certificate
	if a := r.inquire(r.client(), r.sale(), link.WayCode); !a.NoSuch {
		t.Errorf("got %+v", a)
	}
	if n := r.count(fetchCall); n != 0 {
		t.Errorf("fetched %d times", n)
	}
}

// The goal is that changed credentials are used at once, without a restart.
func TestChangedCredentialsAreUsed(t *testing.T) {
	t.Parallel()
	r, other := newRig(t, front.Deal{PublicKey: true}), newRig(t, front.Deal{PublicKey: true})
	c, good := r.client(), r.creds

	for _, x := range []struct {
		creds  wechatpay.Credentials
		noSuch bool
	}{{good, true}, {other.creds, false}, {good, true}} {
		r.creds = x.creds
		if a := r.inquire(c, r.sale(), link.WayCode); a.NoSuch != x.noSuch {
			t.Errorf("got %+v, want no such order: %v", a, x.noSuch)
		}
	}
}

// The goal is that a wrong file of credentials is told by the field that is wrong, and never by
// what it holds.
func TestCredentialsNameTheWrongField(t *testing.T) {
	t.Parallel()
	r := newRig(t, front.Deal{Institution: true, PublicKey: true})
	r.must(r.creds.Validate())
	for field, change := range map[string]func(*wechatpay.Credentials){
		"mchid":                  func(c *wechatpay.Credentials) { c.MchID = "" },
		"appid":                  func(c *wechatpay.Credentials) { c.AppID = "wx 1" },
		"sub_mchid":              func(c *wechatpay.Credentials) { c.SubMchID = "1&x=2" },
		"sub_appid":              func(c *wechatpay.Credentials) { c.SubAppID, c.SubMchID = "wx1", "" },
		"serial_no":              func(c *wechatpay.Credentials) { c.SerialNo = `"` },
		"private_key":            func(c *wechatpay.Credentials) { c.PrivateKey = c.PublicKey },
		"api_v3_key":             func(c *wechatpay.Credentials) { c.APIv3Key = "short" },
		"public_key_id":          func(c *wechatpay.Credentials) { c.PublicKeyID = "5157F09E" },
		"public_key":             func(c *wechatpay.Credentials) { c.PublicKey = "" },
		"certificates":           func(c *wechatpay.Credentials) { c.Certificates = c.PublicKey },
		"merchant_category_code": func(c *wechatpay.Credentials) { c.MCC = "58" },
	} {
		bad := r.creds
		change(&bad)
		err := bad.Validate()
		if err == nil || !strings.HasPrefix(err.Error(), field) {
			t.Errorf("%s: got %v", field, err)
		}
	}
	for _, text := range []string{fmt.Sprint(r.creds), fmt.Sprintf("%#v", r.creds),
		fmt.Sprintf("%+v", &r.creds)} {
		if strings.Contains(text, r.creds.APIv3Key) || strings.Contains(text, "PRIVATE") {
			t.Errorf("printed: %.40s…", text)
		}
	}
}
