package wallet

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"watari/kit/money"
	"watari/kit/seal"
)

var (
	// ErrNetwork says that no process of the network gave an answer that can be believed. A
	// front wraps it.
	ErrNetwork = errors.New("the network gave no answer that can be believed")
	// ErrUnreadable says that a scanned text is nothing that this wallet can pay or open.
	ErrUnreadable = errors.New("nothing that this wallet can pay")
)

// Front is one protocol's side of a wallet: what the control interface, the phone and the
// notifier need of it. It is safe for concurrent use.
type Front interface {
	// Register adds the protocol's own paths, at the root of the wallet's own port. The paths
	// /phone/, /phone-assets/, /pay/, /consent/, /sign-in/, /control/, /assets/ and
	// /sandbox-identity are taken.
	Register(mux *http.ServeMux)
	// Code makes a fresh payment code for a user and has given it to Wallet.MintCode.
	//
	// Errors: ErrNetwork.
	Code(ctx context.Context, userID string) (Code, error)
	// Scan says what a text means that a user's phone scanned, opened or was handed: an order,
	// for which it has called Wallet.Take or Wallet.Open for this user; a shop that needs an
	// amount; an address to open. It is also given the address of the wallet's own pay page,
	// and the arguments of an in-page payment call as a JSON object.
	//
	// Errors: ErrUnreadable, ErrNetwork.
	Scan(ctx context.Context, userID, text string, amount *money.Amount) (Scanned, error)
	// Notify tells the network one time; an error means again later. What the protocol does not
	// tell returns nil.
	Notify(ctx context.Context, n Notice) error
	// Explain is the protocol's own code for a reason; never "".
	Explain(why Why) string
	// Close drops idle connections.
	Close()
}

// Scanned is what a scanned text means. One of RequestID, NeedsAmount, OpenURL and Why is set.
type Scanned struct {
	RequestID   string         // an order, now a question on the user's phone
	NeedsAmount money.Currency // the user types an amount in this currency, then Scan again
	Shop        string         // with NeedsAmount
	OpenURL     string         // an address that the wallet's own browser opens
	Why         Why            // it is an order that cannot be paid (any more)
}

// Parts are what a front is made of. A front takes what its protocol needs.
type Parts struct {
	Wallet *Wallet
	Timing Timing // filled
	Log    *slog.Logger
	// BaseURL is where this wallet is reached, without a trailing slash: its protocol and its
	// pages.
	BaseURL string
	// Networks returns where the network's processes listen, without a trailing slash, the one
	// to try first in front.
	Networks func(ctx context.Context) ([]string, error)
	// Secrets are what the wallet knows of its agreement with the network: the second result of
	// the front's credentials function. Not for Alipay+.
	Secrets json.RawMessage
	// SignIn are what the wallet knows of the network's application for sign-in.
	SignIn json.RawMessage

	// Of protocols that sign both ways with keys that the directory knows (Alipay+).
	ClientID        string                 // as the wallet names itself
	Signer          seal.Signer            // with the wallet's key
	NetworkClientID string                 // as the network names itself
	NetworkKeys     map[int]*rsa.PublicKey // by key version
}

// PayURL is the page on which a user of this wallet pays an order, for the answer to the network:
// the browser that comes there is asked for the user when the wallet does not know it.
func (p Parts) PayURL(requestID string) string { return p.BaseURL + PayPath + requestID }

// ConsentURL is PayURL for a consent.
func (p Parts) ConsentURL(consentID string) string { return p.BaseURL + ConsentPath + consentID }

// Paths of the pages that belong to no user yet; the id follows.
const (
	PayPath     = "/pay/"
	ConsentPath = "/consent/"
)
