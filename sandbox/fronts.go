package sandbox

import (
	"encoding/json"

	"watari/sandbox/alipay"
	"watari/sandbox/linepay"
	"watari/sandbox/paypay"
	"watari/sandbox/seed"
	"watari/sandbox/wallet"
	"watari/sandbox/wechatpay"
)

// protocol is what the sandbox knows of a protocol that its wallets speak.
type protocol struct {
	terms func() wallet.Terms
	// credentials makes what network and wallet know of their agreement, once for each wallet:
	// the file that the network reads (JSON), and what the front is given as Parts.Secrets. nil
	// where the directory's keys are enough.
	credentials func(issuerID string) (network, secrets json.RawMessage, err error)
	front       func(wallet.Parts) (wallet.Front, error)
	// signIn makes what network and wallet know of the network's application for sign-in, once for
	// each wallet; agreement is what the wallet has of credentials, nil where there are none.
	signIn func(issuerID string, agreement json.RawMessage) (network, own json.RawMessage,
		err error)
}

// protocols are the fronts that there are, by the folder of their connector. A wallet whose
// protocol is not here is not planted.
var protocols = map[string]protocol{
	"alipayplus": {terms: alipay.Terms, signIn: alipay.SignInCredentials,
		front: func(p wallet.Parts) (wallet.Front, error) { return alipay.New(p), nil }},
	"wechatpay": {terms: wechatpay.Terms, credentials: wechatpay.Credentials,
		signIn: wechatpay.SignInCredentials,
		front:  func(p wallet.Parts) (wallet.Front, error) { return wechatpay.New(p) }},
	"paypay": {terms: paypay.Terms, credentials: paypay.Credentials,
		signIn: paypay.SignInCredentials,
		front:  func(p wallet.Parts) (wallet.Front, error) { return paypay.New(p) }},
	"linepay": {terms: linepay.Terms, credentials: linepay.Credentials,
		signIn: linepay.SignInCredentials,
		front:  func(p wallet.Parts) (wallet.Front, error) { return linepay.New(p) }},
}

// Wallets are the wallets that the sandbox has: those whose protocol it can speak.
func Wallets() []seed.Wallet {
	var all []seed.Wallet
	for _, w := range seed.Wallets() {
		p, spoken := protocols[w.Profile.Protocol]
		if !spoken {
			continue
		}
		w.Profile.Terms = p.terms()
		all = append(all, w)
	}
	return all
}
