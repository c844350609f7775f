package alipay

import (
	"bytes"
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"watari/connect/alipayplus/sign"
	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/sandbox/wallet"
)

// Paths of the network that a wallet calls.
const (
	pathGetCode   = "/aps/api/v1/codes/getPaymentCode"
	pathNotify    = "/aps/api/v1/payments/notifyPayment"
	pathInitiated = "/aps/api/v1/payments/userInitiatedPay"
)

// answerMax is the longest answer of the network that is read, in bytes.
const answerMax = 256 << 10

// network is the wallet's way to call the network: signed both ways, at whichever of its
// processes answers.
type network struct {
	me     identity
	bases  func(ctx context.Context) ([]string, error)
	client *http.Client
	call   time.Duration
}

// identity is who the wallet is on the wire, and whom it speaks to.
type identity struct {
	issuerID string // pspId
	clientID string // as the wallet names itself in what it sends
	signer   sign.Signer

	networkClientID string                 // as the network names itself in what it sends
	networkKeys     map[int]*rsa.PublicKey // by key version
}

func newNetwork(me identity, call time.Duration,
	bases func(context.Context) ([]string, error),
) *network {
	return &network{me: me, bases: bases, call: call, client: &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}}
}

// do sends a message to the first process that gives a signed answer.
//
// Errors: wallet.ErrNetwork, with what each process did.
func (n *network) do(ctx context.Context, path string, ask, answer wire.Message) error {
	bases, err := n.bases(ctx)
	if err != nil {
		return fmt.Errorf("find the network: %w", err)
	}
	if len(bases) == 0 {
		return fmt.Errorf("%w: it runs nowhere", wallet.ErrNetwork)
	}
	body := wire.Encode(ask)
	tried := wallet.ErrNetwork
	for _, base := range bases {
		if err = n.once(ctx, base, path, body, answer); err == nil {
			return nil
		}
		tried = fmt.Errorf("%w; %s: %w", tried, base, err)
	}
	return tried
}

func (n *network) once(ctx context.Context, base, path string, body []byte,
	answer wire.Message,
) error {
	ctx, cancel := context.WithTimeout(ctx, n.call)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path,
		bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make the request: %w", err)
	}
	at := wire.FormatTime(clock.Now())
	header, err := sign.Sign(n.me.signer, sign.Message{Method: http.MethodPost, Path: path,
		ClientID: n.me.clientID, At: at, Body: body})
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	req.Header.Set("Content-Type", "application/json; charset=UTF-8")
	req.Header.Set(sign.HeaderClient, n.me.clientID)
	req.Header.Set(sign.HeaderRequestTime, at)
	req.Header.Set(sign.HeaderSignature, header)

	resp, err := n.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(io.LimitReader(resp.Body, answerMax))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the answer is HTTP %d", resp.StatusCode)
	}
	if err := n.believe(path, resp.Header, got); err != nil {
		return err
	}
	return wire.DecodeAnswer(got, answer)
}

// believe checks the signature of an answer.
func (n *network) believe(path string, h http.Header, body []byte) error {
	return n.me.verify(h.Get(sign.HeaderSignature), sign.Message{Method: http.MethodPost,
		Path: path, ClientID: n.me.clientID, At: h.Get(sign.HeaderResponseTime), Body: body})
}

// errNoKey says that the network has no key of the version that it named.
var errNoKey = errors.New("no key of this version")

// verify checks a signature of the network.
//
// Errors: errNoKey, those of sign.Verify.
func (me identity) verify(header string, m sign.Message) error {
	h, err := sign.ParseHeader(header)
	if err != nil {
		return err
	}
	key := me.networkKeys[h.Version]
	if key == nil {
		return fmt.Errorf("%w: %d", errNoKey, h.Version)
	}
	return sign.Verify(key, m, h.Value)
}

// codes obtains payment codes for a user, 1 to 10, each usable once and for about a minute.
//
// Errors: wallet.ErrNetwork; a refusal of the network.
func (n *network) codes(ctx context.Context, userID string, count int) ([]wire.PaymentCode, error) {
	ask := &wire.PaymentCodeRequest{Region: "JP", CustomerID: userID,
		CodeQuantity: fmt.Sprint(count), Env: wire.Env{TerminalType: "APP", OSType: "ANDROID"}}
	var answer wire.PaymentCodeResponse
	if err := n.do(ctx, pathGetCode, ask, &answer); err != nil {
		return nil, err
	}
	if answer.Result.Status != wire.Success || len(answer.Codes) == 0 {
		return nil, fmt.Errorf("the network refuses codes: %s", answer.Result.Code)
	}
	return answer.Codes, nil
}

// notify tells the network how a payment ended, and tells whether it took that.
//
// Errors: wallet.ErrNetwork; any answer but S.
func (n *network) notify(ctx context.Context, m *wire.WalletNotice) error {
	var answer wire.Ack
	if err := n.do(ctx, pathNotify, m, &answer); err != nil {
		return err
	}
	if answer.Result.Status != wire.Success {
		return fmt.Errorf("the network answers %s %s: %s", answer.Result.Status,
			answer.Result.Code, strings.TrimSpace(answer.Result.Message))
	}
	return nil
}
