package visitor_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"sync"
	"testing"

	"watari/kit/seal"
	"watari/sandbox/alipay"
	"watari/sandbox/linepay"
	"watari/sandbox/paypay"
	"watari/sandbox/wallet"
	"watari/sandbox/wechatpay"
)

// deal is what was agreed with a wallet: its half of the agreement on payments, and both halves of
// the application for sign-in.
type deal struct{ secrets, network, own json.RawMessage }

// deals are made once for all tests, because keys take their time.
var deals = sync.OnceValues(func() (map[string]deal, error) {
	type maker = func(string) (json.RawMessage, json.RawMessage, error)
	type appMaker = func(string, json.RawMessage) (json.RawMessage, json.RawMessage, error)
	payments := map[string]maker{"wechatpay": wechatpay.Credentials,
		"linepay": linepay.Credentials, "paypay": paypay.Credentials}
	apps := map[string]appMaker{"alipayplus": alipay.SignInCredentials,
		"wechatpay": wechatpay.SignInCredentials, "linepay": linepay.SignInCredentials,
		"paypay": paypay.SignInCredentials}
	all := map[string]deal{}
	for protocol, app := range apps {
		var d deal
		var err error
		if pay := payments[protocol]; pay != nil {
			if _, d.secrets, err = pay(protocol); err != nil {
				return nil, err
			}
		}
		if d.network, d.own, err = app(protocol, d.secrets); err != nil {
			return nil, err
		}
		all[protocol] = d
	}
	return all, nil
})

// walletKey signs for all wallets that sign.
var walletKey = sync.OnceValues(func() (*rsa.PrivateKey, error) {
	return rsa.GenerateKey(rand.Reader, 2048)
})

// alipayFront is the wallet of a protocol that signs in both directions.
func alipayFront(t testing.TB, p wallet.Parts) wallet.Front {
	t.Helper()
	key, err := walletKey()
	if err != nil {
		t.Fatal(err)
	}
	if p.Signer, err = seal.NewSigner(key, 1); err != nil {
		t.Fatal(err)
	}
	p.ClientID, p.NetworkClientID = "WALLET", "WATARI"
	p.NetworkKeys = map[int]*rsa.PublicKey{1: &key.PublicKey}
	return alipay.New(p)
}
