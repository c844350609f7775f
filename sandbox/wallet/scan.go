package wallet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/money"
)

const (
	// hopsMax is how many addresses a scan follows.
	hopsMax = 4
	// settleMax is how long a scan waits for the end of what its user agreed to.
	settleMax = 15 * time.Second
	// settleEvery is how often it looks.
	settleEvery = 50 * time.Millisecond
	// openMax bounds one answer of a page, in time and bytes.
	openMax      = 15 * time.Second
	openMaxBytes = 256 << 10
)

// errNoAmount says that a scanned code needs an amount.
var errNoAmount = errors.New("the code needs an amount")

// Scan says what a text means that a user's phone scanned or opened: the wallet's own pay page,
// which it takes for the user, or what the front says. A question that it makes is of this user.
//
// Errors: ErrNoUser, those of Front.Scan.
func (w *Wallet) Scan(ctx context.Context, f Front, userID, text string, amount *money.Amount,
) (Scanned, error) {
	text = strings.TrimSpace(text)
	if _, err := w.Account(ctx, userID); err != nil {
		return Scanned{}, err
	}
	if requestID, mine := idIn(text, PayPath); mine {
		s, err := w.Take(ctx, requestID, userID)
		switch {
		case err != nil:
			return Scanned{}, err
		case s.Why == WhyNone:
			return Scanned{RequestID: requestID}, nil
		case s.Why != WhyUnknown:
			return Scanned{Why: s.Why}, nil
		}
	}
	got, err := f.Scan(ctx, userID, text, amount)
	if err == nil && got.Why != WhyNone {
		got = Scanned{Why: got.Why}
	}
	return got, err
}

// idIn returns what follows a path in an address.
func idIn(text, path string) (string, bool) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return "", false
	}
	return strings.CutPrefix(u.Path, path)
}

// controlScan is what a user does who scans a code and confirms with the right PIN. It answers
// when the wallet has paid or refused.
func (s *Server) controlScan(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		CodeValue string        `json:"code_value"`
		Amount    *money.Amount `json:"amount"`
	}
	if !readBody(w, r, &ask, `{"code_value": …, "amount": …}`) {
		return
	}
	user := r.PathValue("id")
	if consentID, is := idIn(ask.CodeValue, ConsentPath); is {
		s.controlConsent(w, r, user, consentID)
		return
	}
	requestID, err := s.scan(r.Context(), user, ask.CodeValue, ask.Amount)
	if err != nil {
		s.controlError(w, err)
		return
	}
	p, err := s.settle(r.Context(), user, requestID)
	if err != nil {
		s.controlError(w, err)
		return
	}
	reply(w, http.StatusOK, s.shown(p))
}

func (s *Server) controlConsent(w http.ResponseWriter, r *http.Request, user, consentID string) {
	c, err := s.wallet.GiveConsent(r.Context(), user, consentID, PIN)
	switch {
	case errors.Is(err, ErrNoConsent):
		problem(w, http.StatusConflict, "sandbox-scan-taken", "The consent waits for nobody")
	case err != nil:
		s.controlError(w, err)
	default:
		s.visit(r.Context(), c.ReturnURL)
		reply(w, http.StatusOK, map[string]any{"consent_id": c.ID, "state": c.State})
	}
}

// scan follows a text to the order that it leads to.
func (s *Server) scan(ctx context.Context, user, text string, amount *money.Amount,
) (requestID string, err error) {
	for range hopsMax {
		got, err := s.wallet.Scan(ctx, s.front, user, text, amount)
		switch {
		case err != nil:
			return "", err
		case got.RequestID != "":
			return got.RequestID, nil
		case got.NeedsAmount != "" && amount == nil:
			return "", errNoAmount
		case got.OpenURL == "":
			return "", fmt.Errorf("%w: %s", ErrNoQuestion, got.Why)
		}
		if text, err = s.open(ctx, got.OpenURL, amount); err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("%w: it leads on and on", ErrUnreadable)
}

// form is how a shop's page says how its payer gets to the order in this wallet.
type form struct {
	CodeText string            `json:"code_text"`
	PageURL  string            `json:"page_url"`
	AppURL   string            `json:"app_url"`
	Params   map[string]string `json:"params"`
}

// text is what the wallet scans or opens next.
func (f form) text() (string, error) {
	for _, t := range []string{f.CodeText, f.PageURL, f.AppURL} {
		if t != "" {
			return t, nil
		}
	}
	if len(f.Params) == 0 {
		return "", fmt.Errorf("%w: the shop's page leads nowhere", ErrUnreadable)
	}
	text, err := json.Marshal(f.Params)
	return string(text), err
}

// open does on a shop's page what its payer would: chooses this wallet, types the amount.
func (s *Server) open(ctx context.Context, page string, amount *money.Amount) (string, error) {
	var shown struct {
		Kind   string        `json:"kind"`
		Amount *money.Amount `json:"amount"`
	}
	page = WithWallet(page, s.wallet.profile.ID)
	if err := s.browse(ctx, http.MethodGet, page, nil, &shown); err != nil {
		return "", err
	}
	choice := map[string]any{"wallet": s.wallet.profile.ID}
	if shown.Amount == nil {
		if amount == nil {
			return "", errNoAmount
		}
		choice["amount"] = amount
	}
	var chosen struct {
		Form form `json:"form"`
	}
	if err := s.browse(ctx, http.MethodPost, page, choice, &chosen); err != nil {
		return "", err
	}
	return chosen.Form.text()
}

// WithWallet adds to an address which wallet opens it, as a wallet's browser says by its name.
func WithWallet(address, walletID string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	q := u.Query()
	q.Set("wallet", walletID)
	u.RawQuery = q.Encode()
	return u.String()
}

// browse calls a page in its machine form.
func (s *Server) browse(ctx context.Context, method, address string, ask, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, openMax)
	defer cancel()
	body, err := json.Marshal(ask)
	if err != nil {
		return fmt.Errorf("write what the user chose: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	req.Header.Set("Accept", "application/json")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, openMaxBytes))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%w: %s answers HTTP %d", ErrUnreadable, address, resp.StatusCode)
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%w: %s is no page of a shop", ErrUnreadable, address)
	}
	return nil
}

// visit is the user's browser going back to the shop; what comes of it is seen in the books.
func (s *Server) visit(ctx context.Context, address string) {
	if address == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, openMax)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err == nil {
		var resp *http.Response
		if resp, err = http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
			return
		}
	}
	s.log.Warn("wallet: go back to the shop", "error", err)
}

// settle confirms an order with the right PIN, and waits until it has come to an end or the user
// can do no more.
func (s *Server) settle(ctx context.Context, user, requestID string) (*Payment, error) {
	p, err := s.wallet.Payment(ctx, requestID)
	if err == nil && p == nil {
		err = fmt.Errorf("%w: the wallet took no notice of it", ErrUnreadable)
	} else if err == nil && p.UserID != user {
		err = fmt.Errorf("%w: %s", ErrNoQuestion, requestID)
	}
	if err != nil {
		return nil, err
	}
	if p.State == Asking {
		if p, err = s.wallet.Confirm(ctx, user, p.PaymentID, PIN); err != nil {
			return nil, err
		}
		s.visit(ctx, p.ReturnURL)
	}
	for end := clock.Now().Add(settleMax); !p.Ended() && p.State != Held; {
		if clock.Now().After(end) {
			break
		}
		pause(ctx, settleEvery)
		if p, err = s.wallet.Payment(ctx, requestID); err != nil {
			return nil, err
		}
	}
	return p, nil
}
