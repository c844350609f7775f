package client

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"watari/api/client"
	"watari/test/program"
)

// sandbox is a running sandbox with a client of its first bank.
type sandbox struct {
	t     *testing.T
	serve *program.Server
	about program.Sandbox
	bank  *client.ClientWithResponses
}

func newSandbox(t *testing.T) *sandbox {
	t.Helper()
	s := &sandbox{t: t, serve: program.Serve(t, "--sandbox")}
	s.about = s.serve.Sandbox(t)
	s.bank = s.connect(s.about.Acquirers[0].APIKey)
	return s
}

func (s *sandbox) connect(key string) *client.ClientWithResponses {
	s.t.Helper()
	c, err := client.Connect(s.serve.BaseURL, key)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// store is a store of the first bank.
func (s *sandbox) store() program.Store {
	s.t.Helper()
	for _, one := range s.about.Stores {
		if one.AcquirerID == s.about.Acquirers[0].ID {
			return one
		}
	}
	s.t.Fatal("the bank has no store")
	return program.Store{}
}

// code is one that a user of the Alipay+ wallet shows.
func (s *sandbox) code() string {
	s.t.Helper()
	for _, w := range s.about.Wallets {
		for _, u := range s.about.Users {
			if w.Protocol != "alipayplus" || u.Wallet != w.ID {
				continue
			}
			r, err := http.Post(w.ControlURL+"/users/"+u.ID+"/payment-code", "", nil)
			if err != nil {
				s.t.Fatal(err)
			}
			defer r.Body.Close()
			var shown struct{ Code string }
			if err := json.NewDecoder(r.Body).Decode(&shown); err != nil {
				s.t.Fatal(err)
			}
			return shown.Code
		}
	}
	s.t.Fatal("nobody has the wallet")
	return ""
}

func (s *sandbox) do(what string, a client.Answer, err error) {
	s.t.Helper()
	if err == nil {
		err = client.Refused(a)
	}
	if err != nil {
		s.t.Fatalf("%s: %v", what, err)
	}
}

// The goal is a Go client that works: what it sends is understood, what comes back is read into its
// types, refusals too. The method: a sale with its refund, lists, and wrong calls, in a sandbox.
func TestGeneratedClientTalksToASandbox(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	ctx, code, yen := t.Context(), s.code(), func(v int64) client.AppAmountForm {
		return client.AppAmountForm{Currency: "JPY", Value: v}
	}
	sold, err := s.bank.CreatePaymentWithResponse(ctx,
		&client.CreatePaymentParams{IdempotencyKey: "sale-" + code},
		client.PaymentSaleBody{StoreID: s.store().ID, Code: &code, Amount: yen(1980)})
	s.do("sell", sold, err)
	p := sold.JSON201
	if p.State != "captured" || *p.Amount != yen(1980) || p.Wallet == nil || p.CreatedAt == nil {
		t.Errorf("sold: %s", sold.Body)
	}
	given, err := s.bank.CreateRefundWithResponse(ctx, p.ID,
		&client.CreateRefundParams{IdempotencyKey: "half-" + code},
		client.PaymentRefundInputBody{Amount: yen(990)})
	s.do("refund", given, err)
	if f := given.JSON201; f.State != "succeeded" || f.PaymentID != p.ID || f.Amount != yen(990) {
		t.Errorf("given back: %s", given.Body)
	}
	limit := int64(1)
	all, err := s.bank.ListPaymentsWithResponse(ctx, &client.ListPaymentsParams{Limit: &limit})
	s.do("list", all, err)
	if items := all.JSON200.Items; len(items) != 1 || items[0].ID != p.ID ||
		items[0].RefundedMinor != 990 {
		t.Errorf("listed: %s", all.Body)
	}
	hooks, err := s.bank.ListWebhookKindsWithResponse(ctx)
	s.do("list kinds", hooks, err)
	if len(hooks.JSON200.Items) < 10 {
		t.Errorf("kinds: %s", hooks.Body)
	}

	again, err := s.bank.CreateRefundWithResponse(ctx, p.ID,
		&client.CreateRefundParams{IdempotencyKey: "more-" + code},
		client.PaymentRefundInputBody{Amount: yen(991)})
	s.refused(again, err, http.StatusUnprocessableEntity, "/problems/refund-amount-exceeded")
	bad, err := s.bank.CreateWebhookEndpointWithResponse(ctx, client.WebhookTermsBody{URL: "x"})
	s.refused(bad, err, http.StatusUnprocessableEntity, "/problems/webhook-endpoint-invalid")
	if problem := bad.ApplicationProblemJSONDefault; problem.Errors == nil ||
		(*problem.Errors)[0].Pointer != "/url" || !strings.Contains(problem.Error(), "/url") {
		t.Errorf("the problem: %s", bad.Body)
	}
	nobody, err := s.connect("wk_none").ReadPaymentWithResponse(ctx, p.ID)
	s.refused(nobody, err, http.StatusUnauthorized, "/problems/unauthenticated")
	other, err := s.connect(s.about.Acquirers[1].APIKey).ReadPaymentWithResponse(ctx, p.ID)
	s.refused(other, err, http.StatusNotFound, "/problems/payment-not-found")
}

// refused wants a problem.
func (s *sandbox) refused(a client.Answer, err error, status int, kind string) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	problem, ok := errors.AsType[*client.Problem](client.Refused(a))
	if !ok || a.StatusCode() != status || problem.Type != kind {
		s.t.Errorf("HTTP %s %v, want %d %s", a.Status(), problem, status, kind)
	}
}
