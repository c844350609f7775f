package order

import (
	"context"
	"net/http"

	"watari/kit/fault"
	"watari/kit/web"
	"watari/pay/ledger"
)

type owedInput struct {
	web.Paging
	Place     string `query:"place" maxLength:"64"`
	ClosureID string `query:"closure_id" maxLength:"64" doc:"Only what this closure gives back."`
}

type owedOutput struct{ Body web.List[ReturnResource] }

type retryAllInput struct {
	Body struct {
		Place     string `json:"place,omitempty" maxLength:"64"`
		ClosureID string `json:"closure_id,omitempty" maxLength:"64"`
	}
}

type retryAllOutput struct {
	Body struct {
		Retried int `json:"retried" doc:"Refunds that are asked for anew."`
	}
}

type repayInput struct {
	OrderPath
	ReturnID string `path:"return_id" maxLength:"64"`
	Body     struct {
		How string `json:"how" minLength:"1" maxLength:"200" doc:"For example \"in cash at counter 2\"."`
	}
}

// registerOwed adds the operations on what no wallet has given back.
func (s *Service) registerOwed(w *web.Server) {
	tags := []string{"Visitors' orders"}
	const all = "/v1/visitor-order-returns"
	web.Register(w, web.Op{ID: "list-failed-visitor-order-returns", Method: http.MethodGet,
		Path: all, Summary: "List refunds that failed and are owed, the newest first", Tags: tags,
		Roles: readers, Description: "A wallet refused them, or its time for refunds is over.",
		Faults: []*fault.Problem{ErrCursor}}, s.apiOwed)
	web.Register(w, web.Op{ID: "retry-visitor-order-returns", Method: http.MethodPost,
		Path: all + "/retry", Summary: "Ask the wallets again for refunds that failed", Tags: tags,
		Roles: givers, Description: "At most 1,000 at once: call it until none is left.",
		WhileSuspended: true, Faults: []*fault.Problem{ErrBusy, ledger.ErrClosed}}, s.apiRetryAll)
	web.Register(w, web.Op{ID: "repay-visitor-order-return", Method: http.MethodPost,
		Path:    "/v1/visitor-orders/{order_id}/returns/{return_id}/repay",
		Summary: "Keep that a refund that failed was given back by other means", Tags: tags,
		Roles: givers, WhileSuspended: true, Faults: []*fault.Problem{ErrNotFound,
			ErrReturnUnknown, ErrState, ErrRequest, ErrBusy, ledger.ErrClosed}}, s.apiRepay)
}

// owedBy are the returns that a caller may see.
func owedBy(ctx context.Context, place, closure string) OwedFilter {
	c := caller(ctx)
	return OwedFilter{AcquirerNo: c.ParticipantNo, MerchantNo: c.MerchantNo, StoreNo: c.StoreNo,
		Place: place, MassID: closure}
}

func (s *Service) apiOwed(ctx context.Context, in *owedInput) (*owedOutput, error) {
	f := owedBy(ctx, in.Place, in.ClosureID)
	f.After, f.Limit = in.Cursor, in.Limit
	rs, next, err := s.Owed(ctx, f)
	items := make([]ReturnResource, len(rs))
	for i := range rs {
		items[i] = rs[i].Resource()
	}
	return &owedOutput{web.ListOf(items, next)}, err
}

func (s *Service) apiRetryAll(ctx context.Context, in *retryAllInput) (*retryAllOutput, error) {
	n, err := s.RetryAll(ctx, owedBy(ctx, in.Body.Place, in.Body.ClosureID), caller(ctx).Actor)
	out := &retryAllOutput{}
	out.Body.Retried = n
	return out, err
}

func (s *Service) apiRepay(ctx context.Context, in *repayInput) (*returnOutput, error) {
	r, err := s.returnOf(ctx, in.OrderID, in.ReturnID)
	if err != nil {
		return nil, err
	}
	done, err := s.Repay(ctx, r.ID, in.Body.How, caller(ctx).Actor)
	return &returnOutput{done.Resource()}, err
}

// returnOf finds a return of an order that the caller may see.
func (s *Service) returnOf(ctx context.Context, orderID, returnID string) (Return, error) {
	o, err := s.visible(ctx, orderID)
	if err != nil {
		return Return{}, err
	}
	all, err := s.Returns(ctx, o.ID)
	for _, r := range all {
		if r.ID == returnID {
			return r, err
		}
	}
	if err == nil {
		err = ErrReturnUnknown.Newf("the order has no return %q", returnID)
	}
	return Return{}, err
}
