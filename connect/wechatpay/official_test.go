package wechatpay_test

import (
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/downloader"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"watari/connect/wechatpay/wire"
	"watari/kit/clock"
	front "watari/sandbox/wechatpay"
)

// elsewhere sends what is meant for the network to another host.
type elsewhere struct{ host string }

func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = "http", e.host
	return http.DefaultTransport.RoundTrip(r)
}

// official is the official library's own client, as its documents set it up.
func (r *rig) official(privateKey string, certificates bool) (*core.Client, error) {
	key, err := utils.LoadPrivateKey(privateKey)
	r.must(err)
	u, err := url.Parse(r.server.URL)
	r.must(err)
	here := option.WithHTTPClient(&http.Client{Transport: elsewhere{u.Host},
		Timeout: 10 * time.Second})
	if !certificates {
		public, err := utils.LoadPublicKey(r.creds.PublicKey)
		r.must(err)
		return core.NewClient(r.t.Context(), here, option.WithWechatPayPublicKeyAuthCipher(
			r.creds.MchID, r.creds.SerialNo, key, r.creds.PublicKeyID, public))
	}
	blind, err := core.NewClient(r.t.Context(), here, option.WithMerchantCredential(
		r.creds.MchID, r.creds.SerialNo, key), option.WithoutValidator())
	r.must(err)
	list, err := downloader.NewCertificateDownloaderWithClient(r.t.Context(), blind,
		r.creds.APIv3Key)
	if err != nil {
		return nil, err
	}
	cert, _ := list.Get(r.t.Context(), list.GetNewestSerial(r.t.Context()))
	return core.NewClient(r.t.Context(), here, option.WithWechatPayAuthCipher(r.creds.MchID,
		r.creds.SerialNo, key, []*x509.Certificate{cert}))
}

// The goal is that the wallet of the sandbox is what the official library takes for the network:
// its own client makes an order and asks how it stands, with a public key and with downloaded
// certificates, and is refused with another key.
func TestOfficialClientTalksToTheSandbox(t *testing.T) {
	t.Parallel()
	const host = "https://apihk.mch.weixin.qq.com"
	for _, certificates := range []bool{false, true} {
		r := newRig(t, front.Deal{PublicKey: !certificates})
		order := map[string]any{"mchid": r.creds.MchID, "appid": r.creds.AppID,
			"description": "Sanmachi-sushi", "out_trade_no": "ORDER-1|*", "trade_type": "NATIVE",
			"merchant_category_code": "5812", "notify_url": "https://shop.example/notify",
			"time_expire": wire.FormatTime(clock.Now().Add(time.Hour)),
			"amount":      map[string]any{"total": 1980, "currency": "JPY"}}
		c, err := r.official(r.creds.PrivateKey, certificates)
		r.must(err)

		made, err := c.Post(t.Context(), host+"/v3/global/transactions/native", order)

		if err != nil {
			t.Fatalf("make an order: %v", err)
		}
		var prepared wire.Prepared
		r.must(core.UnMarshalResponse(made.Response, &prepared))
		if !strings.HasPrefix(prepared.CodeURL, "weixin://wxpay/bizpayurl?pr=") {
			t.Errorf("got %+v", prepared)
		}
		asked, err := c.Get(t.Context(), host+"/v3/global/transactions/out-trade-no/"+
			url.PathEscape("ORDER-1|*")+"?mchid="+r.creds.MchID)
		if err != nil {
			t.Fatalf("query: %v", err)
		}
		var stands map[string]any
		r.must(json.NewDecoder(asked.Response.Body).Decode(&stands))
		if stands["trade_state"] != "NOTPAY" || stands["out_trade_no"] != "ORDER-1|*" {
			t.Errorf("got %v", stands)
		}

		wrong := newRig(t, front.Deal{PublicKey: !certificates}).creds.PrivateKey
		c, err = r.official(wrong, certificates)
		if err == nil {
			_, err = c.Post(t.Context(), host+"/v3/global/transactions/native", order)
		}
		if !core.IsAPIError(err, "SIGN_ERROR") {
			t.Errorf("with another key: got %v", err)
		}
	}
}
