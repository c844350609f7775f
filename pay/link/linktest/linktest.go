package linktest

import (
	"context"
	"slices"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/pay/link"
)

// Mode is how a wallet behaves until it is told otherwise. Modes from BadSignature on are lies:
// the wallet does what it was asked and then answers so that the answer proves nothing.
type Mode string

// The modes.
const (
	Approve      Mode = "approve"       // does what it is asked and says so
	Decline      Mode = "decline"       // refuses to debit: the balance is not enough
	Pending      Mode = "pending"       // waits for its user, see Wallet.Confirm
	Silence      Mode = "silence"       // takes no payment and gives no answer to one
	Deaf         Mode = "deaf"          // does nothing and answers nothing, whatever is asked
	Slow         Mode = "slow"          // approves after a while, within the connector's time
	Late         Mode = "late"          // answers nothing, and debits when nobody waits any more
	Drop         Mode = "drop"          // does it and cuts the connection
	BadSignature Mode = "bad_signature" // signed with another key
	Unsigned     Mode = "unsigned"
	WrongKey     Mode = "wrong_key" // names a key version that nobody has
	ServerError  Mode = "server_error"
	Garbage      Mode = "garbage"      // not the protocol's syntax, well signed
	Huge         Mode = "huge"         // without end, well signed where that is possible
	WrongID      Mode = "wrong_id"     // about another request id, well signed
	Redirect     Mode = "redirect"     // sends the caller elsewhere
	Skewed       Mode = "skewed"       // signed at another time of the day
	OtherAmount  Mode = "other_amount" // names another amount, well signed
)

// Lies are the modes whose answers must never be believed.
func Lies() []Mode {
	return []Mode{BadSignature, Unsigned, WrongKey, ServerError, Garbage, Huge, WrongID, Redirect,
		Skewed}
}

// Wallet is the other side, and what its books hold. It is safe for concurrent use.
type Wallet interface {
	// Set changes the behaviour for all requests that come from now on.
	Set(m Mode)
	// Debits tells how often the user was debited under a request id.
	Debits(requestID string) int
	// Taken tells how much of the user's money the wallet holds for a request id, in minor
	// units of the pay-to currency: debited less returned.
	Taken(requestID string) int64
	// Refunds tells how often money was returned under a refund id.
	Refunds(refundID string) int
	// Confirm is the user's yes to a pending payment.
	Confirm(requestID string)
}

// Case is one connector with one wallet.
type Case struct {
	Connector link.Connector
	Endpoint  link.Endpoint
	Wallet    Wallet
	// Sale makes a payment that the wallet would approve, with a fresh request id and code.
	Sale func() link.Authorise
	// Patience is longer than any call of this connector may take.
	Patience time.Duration
	// NoTombstone says that the protocol cannot block an id that the wallet has not seen: the
	// cancel of one stays unknown until the payment can no longer arrive.
	NoTombstone bool
}

// rule is one sub-test, and the mode that its wallet has to be able to do.
type rule struct {
	name  string
	mode  Mode
	check func(t *testing.T, c Case)
}

// Run proves that a connector keeps the contract. f makes a fresh case for each rule. A wallet
// that was not made for this suite may be unable to behave in some modes; the rules that need
// one of those are left out.
func Run(t *testing.T, f func(t testing.TB) Case, unable ...Mode) {
	t.Helper()
	rules := []rule{
		{"CapabilitiesAreUsable", Approve, capabilities},
		{"ApprovalIsComplete", Approve, approval},
		{"DeclineHasItsReason", Decline, decline},
		{"PendingUserIsUnknownUntilConfirmed", Pending, pending},
		{"SilenceIsUnknown", Silence, silence},
		{"DeafWalletIsUnknown", Deaf, deaf},
		{"SlowAnswerCounts", Slow, slow},
		{"LateDebitIsFoundByInquiry", Late, late},
		{"DroppedAnswerIsUnknownAndFoundByInquiry", Drop, drop},
		{"RepeatDebitsOnce", Approve, duplicate},
		{"InquiryBeforePaymentIsUnknown", Approve, inquiryFirst},
		{"OtherAmountIsReported", OtherAmount, otherAmount},
		{"CancelOfUnknownIDBlocksThePayment", Approve, cancelFirst},
		{"CancelReturnsEverythingAndInquirySaysClosed", Approve, cancelled},
		{"RefundTwiceReturnsOnce", Approve, refunds},
		{"RefundIsNeverMoreThanWasPaid", Approve, overRefund},
		{"ConnectorReturnsWithItsContext", Silence, contextEnds},
		{"AnswersDoNotMixUnderLoad", Approve, load},
	}
	for _, mode := range Lies() {
		rules = append(rules, rule{"LieIsUnknown/" + string(mode), mode,
			func(t *testing.T, c Case) { lie(t, c, mode) }})
	}
	for _, r := range rules {
		if slices.Contains(unable, r.mode) {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			r.check(t, f(t))
		})
	}
}

// aboutOf names a payment to its wallet.
func aboutOf(r link.Authorise, theirID string) link.About {
	return link.About{OurRequestID: r.OurRequestID, AcquirerID: r.AcquirerID,
		IssuerID: r.IssuerID, TheirID: theirID, Way: link.WayCode, Order: r.Order,
		PayTo: r.PayTo, At: clock.Now()}
}

// The four calls, each with the patience of the case.

func (c Case) authorise(t testing.TB, r link.Authorise) link.Answer {
	t.Helper()
	return c.timed(t, "authorise", func(ctx context.Context) link.Answer {
		return c.Connector.Authorise(ctx, c.Endpoint, r)
	})
}

func (c Case) inquire(t testing.TB, r link.Authorise) link.Answer {
	t.Helper()
	return c.timed(t, "inquire", func(ctx context.Context) link.Answer {
		return c.Connector.Inquire(ctx, c.Endpoint, link.Inquire{About: aboutOf(r, "")})
	})
}

func (c Case) cancel(t testing.TB, r link.Authorise) link.Answer {
	t.Helper()
	return c.timed(t, "cancel", func(ctx context.Context) link.Answer {
		return c.Connector.Cancel(ctx, c.Endpoint, link.Cancel{About: aboutOf(r, "")})
	})
}

func (c Case) refund(t testing.TB, r link.Refund) link.Answer {
	t.Helper()
	return c.timed(t, "refund", func(ctx context.Context) link.Answer {
		return c.Connector.Refund(ctx, c.Endpoint, r)
	})
}

// timed makes one call and checks what is true of every answer.
func (c Case) timed(
	t testing.TB, what string, call func(ctx context.Context) link.Answer,
) link.Answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), c.Patience)
	defer cancel()
	a := call(ctx)
	if ctx.Err() != nil {
		t.Errorf("%s took longer than %s", what, c.Patience)
	}
	switch a.Outcome {
	case link.Approved, link.Declined:
		if a.NoSuch || a.UserActing {
			t.Errorf("%s: a final answer says that it is not known: %+v", what, a)
		}
	case link.Unknown:
		if a.Cause == nil {
			t.Errorf("%s: unknown without a cause: %+v", what, a)
		}
	default:
		t.Errorf("%s: %q is no outcome", what, a.Outcome)
	}
	if a.Outcome != link.Declined && a.Reason != link.ReasonNone {
		t.Errorf("%s: %s with the reason %s", what, a.Outcome, a.Reason)
	}
	return a
}

// wants checks an outcome.
func wants(t testing.TB, what string, a link.Answer, want link.Outcome) {
	t.Helper()
	if a.Outcome != want {
		t.Fatalf("%s: got %s (code %s, cause %v), want %s", what, a.Outcome, a.Code, a.Cause,
			want)
	}
}

// debits checks the wallet's books.
func (c Case) debits(t testing.TB, r link.Authorise, want int) {
	t.Helper()
	if got := c.Wallet.Debits(r.OurRequestID); got != want {
		t.Errorf("the user was debited %d times, want %d", got, want)
	}
	if taken := c.Wallet.Taken(r.OurRequestID); want == 0 && taken != 0 {
		t.Errorf("the wallet holds %d of the user's money, want none", taken)
	}
}

// await asks until the answer is final, as the core does, but faster.
func (c Case) await(t testing.TB, r link.Authorise) link.Answer {
	t.Helper()
	end := time.NewTimer(4 * c.Patience)
	defer end.Stop()
	for {
		if a := c.inquire(t, r); a.Outcome != link.Unknown {
			return a
		}
		select {
		case <-end.C:
			t.Fatalf("no final answer to inquiries within %s", 4*c.Patience)
		case <-time.After(c.Patience / 20):
		}
	}
}
