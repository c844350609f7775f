package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"watari/connect/alipayplus/upstream"
	"watari/connect/linepay"
	"watari/connect/paypay"
	"watari/connect/wechatpay"
	"watari/kit/clock"
	"watari/kit/web"
	"watari/pay/link"
	"watari/pay/party"
)

// walletsPath is where wallets tell us things: the connector's folder and the issuer's id follow.
const walletsPath = "/wallets/"

// credentialsLook is how often a file of credentials is looked at for a change.
const credentialsLook = 2 * time.Second

// validator is what a connector asks of its credentials.
type validator interface{ Validate() error }

// vault reads what wallets gave us to call them with: <data>/wallets/<issuer id>.json, readable by
// nobody else. It is safe for concurrent use.
type vault[C validator] struct {
	folder string
	mu     sync.Mutex
	kept   map[string]sealed[C]
}

type sealed[C validator] struct {
	value   C
	changed time.Time
	looked  time.Time
}

func openVault[C validator](folder string) *vault[C] {
	return &vault[C]{folder: folder, kept: map[string]sealed[C]{}}
}

// of returns the credentials of a wallet. A file that has changed is read anew.
func (v *vault[C]) of(issuerID string) (C, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := clock.Now()
	was, ok := v.kept[issuerID]
	if ok && now.Sub(was.looked) < credentialsLook {
		return was.value, nil
	}
	var none C
	if issuerID == "" || strings.ContainsAny(issuerID, `/\`) || strings.HasPrefix(issuerID, ".") {
		return none, fmt.Errorf("no file can be named after the wallet %q", issuerID)
	}
	path := filepath.Join(v.folder, issuerID+".json")
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return none, fmt.Errorf("no credentials of %s: write %s", issuerID, path)
	case err != nil:
		return none, err
	case info.Mode().Perm()&0o077 != 0:
		return none, fmt.Errorf("%s is readable by others: set its mode to 0600", path)
	case ok && info.ModTime().Equal(was.changed):
		was.looked = now
		v.kept[issuerID] = was
		return was.value, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return none, err
	}
	fresh := sealed[C]{changed: info.ModTime(), looked: now}
	if err := json.Unmarshal(raw, &fresh.value); err != nil {
		return none, fmt.Errorf("%s is not JSON of credentials: %w", path, err)
	}
	if err := fresh.value.Validate(); err != nil {
		return none, fmt.Errorf("%s: %w", path, err)
	}
	v.kept[issuerID] = fresh
	return fresh.value, nil
}

// wallets are the connectors to wallets that have protocols of their own.
type wallets struct {
	wechat    *wechatpay.Client
	paypay    *paypay.Client
	line      *linepay.Client
	upstream  *upstream.Client
	paypayOf  func(string) (paypay.Credentials, error)
	directory *party.Directory
	notices   *paypay.Server
}

// newWallets makes the connectors; deadline is how long an outcome may stay unknown, 0 as each
// protocol has it.
func newWallets(folder string, d *party.Directory, deadline time.Duration) *wallets {
	w := &wallets{directory: d, paypayOf: openVault[paypay.Credentials](folder).of}
	w.paypay = paypay.NewClient(paypay.ClientConfig{Credentials: w.paypayOf,
		Deadline: deadline})
	w.wechat = wechatpay.NewClient(wechatpay.ClientConfig{Deadline: deadline,
		Credentials: openVault[wechatpay.Credentials](folder).of})
	w.line = linepay.NewClient(linepay.ClientConfig{Deadline: deadline,
		Credentials: openVault[linepay.Credentials](folder).of})
	w.upstream = upstream.NewClient(upstream.ClientConfig{
		Credentials: openVault[upstream.Credentials](folder).of})
	return w
}

// connectors adds them to the others.
func (w *wallets) connectors(to map[string]link.Connector) {
	for _, c := range []link.Connector{w.wechat, w.paypay, w.line, w.upstream} {
		to[c.Name()] = c
	}
}

// issuer finds a wallet that speaks a protocol.
func (w *wallets) issuer(protocol string) func(context.Context, string) (int64, error) {
	return func(ctx context.Context, id string) (int64, error) {
		p, err := w.directory.ByID(ctx, id)
		if err == nil && p.Connector != protocol {
			err = party.ErrWalletUnknown.Newf("no wallet %s", id)
		}
		return p.No, err
	}
}

// register serves what wallets tell us.
func (w *wallets) register(s *web.Server, n *node, public string) {
	s.Handle("POST "+walletsPath+"wechatpay/{issuer}", wechatpay.NewServer(
		wechatpay.ServerConfig{Receiver: n.payments, Issuers: w.issuer("wechatpay"),
			Client: w.wechat, Logger: n.logger,
			Endpoint: func(ctx context.Context, id string) (link.Endpoint, error) {
				p, err := n.directory.ByID(ctx, id)
				return link.Endpoint{IssuerNo: p.No, IssuerID: p.ID, ClientID: clientID,
					BaseURL: p.BaseURL}, err
			}}))
	w.notices = paypay.NewServer(paypay.ServerConfig{Receiver: n.payments,
		Issuers: w.issuer("paypay"), Credentials: w.paypayOf, Logger: n.logger})
	s.Handle("POST "+walletsPath+"paypay/{issuer}", w.notices)
	s.Handle("POST "+walletsPath+upstream.Name+"/{issuer}", upstream.NewServer(
		upstream.ServerConfig{Receiver: n.payments, Issuers: w.issuer(upstream.Name),
			Client: w.upstream, Logger: n.logger}))
	if public != "" {
		s.Handle("GET "+linepay.Prefix, linepay.NewServer(linepay.ServerConfig{
			Receiver: n.payments, Issuers: w.issuer("linepay"), Origin: public,
			Logger: n.logger}))
	}
}

// close drops idle connections.
func (w *wallets) close() {
	if w.notices != nil {
		w.notices.Close()
	}
	w.wechat.Close()
	w.paypay.Close()
	w.line.Close()
	w.upstream.Close()
}
