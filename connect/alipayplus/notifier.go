package alipayplus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"watari/connect/alipayplus/call"
	"watari/connect/alipayplus/wire"
	"watari/kit/check"
	"watari/kit/outbound"
	"watari/pay/payment"
)

// ErrNotFinal says that a payment has no result yet that an acquirer could be told.
var ErrNotFinal = errors.New("the payment has no final result yet")

// ErrAddress says that a notice can never be sent where the payment wants it.
var ErrAddress = errors.New("the address of the notice is not an https URL")

// NotifierConfig is what a Notifier is made of. Directory, Signers and Seal are required.
type NotifierConfig struct {
	Directory Directory
	Signers   call.Signers
	Seal      Unsealer
	// ClientID is how the network names itself; "" uses the acquirer's own client id, as the
	// network's documents have it.
	ClientID string
	Logger   *slog.Logger  // nil is slog.Default
	Timeout  time.Duration // of one try; 0 is 5 s
	Skew     time.Duration // 0 is sign.Skew
	// Local allows addresses that are not on the public internet, and plain HTTP: in the
	// sandbox everybody is on one machine.
	Local bool
	// Dial opens connections; nil is the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Notifier tells acquirers how payments ended. It makes and sends notices and decides nothing
// about when and how often. It is safe for concurrent use.
type Notifier struct {
	teller
	caller   *call.Caller
	clientID string
	timeout  time.Duration
	local    bool
}

// Notice is a message that is ready to be sent, once or again. Its body never changes.
type Notice struct {
	AcquirerNo int64
	ClientID   string
	URL        string
	Body       []byte
}

// NewNotifier makes a Notifier. It panics when a required field is missing.
func NewNotifier(c NotifierConfig) *Notifier {
	check.That(c.Directory != nil && c.Signers != nil && c.Seal != nil,
		"alipayplus: a part of the notifier's configuration is missing")
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Timeout == 0 {
		c.Timeout = inquiryMax
	}
	n := &Notifier{clientID: c.ClientID, timeout: c.Timeout, local: c.Local,
		teller: teller{directory: c.Directory, seal: c.Seal, log: c.Logger}}
	guard := outbound.PublicOnly
	if c.Local {
		guard = nil
	}
	n.caller = call.New(call.Config{Signers: c.Signers, Keys: c.Directory, Skew: c.Skew,
		Guard: guard, Dial: c.Dial})
	return n
}

// Close ends idle connections to acquirers.
func (n *Notifier) Close() { n.caller.Close() }

// Build makes the notice of a payment that has its final result. A payment that was made and then
// cancelled is told as made: its acquirer cancelled it and knows.
//
// Errors: ErrNotFinal; those of Directory.Participant.
func (n *Notifier) Build(ctx context.Context, p *payment.Payment) (Notice, error) {
	result := first(p)
	if result.Status == wire.Unclear || p.ID == "" {
		return Notice{}, ErrNotFinal
	}
	acquirer, err := n.participant(ctx, p.AcquirerNo)
	if err != nil {
		return Notice{}, err
	}
	m := &wire.PaymentNotice{PaymentResult: result}
	if m.Paid, err = n.paid(ctx, acquirer.ID, p); err != nil {
		return Notice{}, err
	}
	m.PaymentRequestID = p.RequestID
	client := n.clientID
	if client == "" {
		client = acquirer.ClientID
	}
	return Notice{AcquirerNo: p.AcquirerNo, ClientID: client, URL: p.NotifyURL,
		Body: wire.Encode(m)}, nil
}

// Send delivers a notice once. nil means that the acquirer has it: its answer was signed and its
// result S. After any other error than ErrAddress the same notice has to be sent again, later.
func (n *Notifier) Send(ctx context.Context, notice Notice) error {
	if !call.IsHTTP(notice.URL) || !n.local && !strings.HasPrefix(notice.URL, "https://") {
		return ErrAddress
	}
	ctx, cancel := context.WithTimeout(ctx, n.timeout)
	defer cancel()
	body, err := n.caller.Post(ctx, call.Target{ParticipantNo: notice.AcquirerNo,
		ClientID: notice.ClientID, URL: notice.URL}, notice.Body)
	if err != nil {
		return fmt.Errorf("send the notice: %w", err)
	}
	var ack wire.Ack
	if err := wire.DecodeAnswer(body, &ack); err != nil {
		return fmt.Errorf("read the acknowledgement: %w", err)
	}
	if ack.Result.Status != wire.Success {
		return fmt.Errorf("the acquirer answers %s %s", ack.Result.Status, ack.Result.Code)
	}
	return nil
}
