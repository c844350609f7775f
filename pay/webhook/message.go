package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"watari/kit/event"
	"watari/pay/party"
	"watari/pay/payment"
)

// Message is the body of what is sent.
type Message struct {
	Type      string    `json:"type"`      // such as payment.captured
	Timestamp time.Time `json:"timestamp"` // when it happened
	Data      any       `json:"data"`      // what it is about, as /v1 shows it
}

// encode writes a message.
func encode(kind string, at time.Time, data any) (string, error) {
	text, err := json.Marshal(Message{Type: kind, Timestamp: at, Data: data})
	if err != nil {
		return "", fmt.Errorf("write the message: %w", err)
	}
	return string(text), nil
}

// forMerchant is what a merchant sees of fees: not what banks pay each other (W8).
func forMerchant(f payment.FeesOf) payment.FeesOf { return payment.FeesOf{MDR: f.MDR} }

// stateOf is what a message tells of things that are read elsewhere, or have no resource.
type stateOf struct {
	ID         string `json:"id"`
	MerchantID string `json:"merchant_id,omitempty"`
	Name       string `json:"name,omitempty"`
	Status     string `json:"status"`
}

// body makes the body of an event's message for a merchant, or for its acquirer.
func (s *Service) body(ctx context.Context, k Kind, e event.Event, merchant bool) (
	string, error,
) {
	var data map[string]any
	var err error
	switch what, _, _ := strings.Cut(k.Name, "."); what {
	case "payment", "refund", "capture":
		data, err = s.paymentData(ctx, k, e, merchant)
	case "merchant", "store":
		data, err = s.partyData(ctx, what, e)
	case "application":
		data = map[string]any{what: stateOf{ID: e.Subject, Status: partOf(e, "to")}}
	default:
		_, state, _ := strings.Cut(e.Kind, ".")
		data = map[string]any{what: stateOf{ID: e.Subject, Status: state}}
	}
	if err != nil {
		return "", err
	}
	return encode(k.Name, e.At, data)
}

// thin is the body when the resource cannot be shown: its receiver reads it by its id.
func thin(k Kind, e event.Event) (string, error) {
	what, _, _ := strings.Cut(k.Name, ".")
	data := map[string]any{"payment": map[string]string{"id": e.Subject}}
	switch what {
	case "payment":
	case "refund", "capture":
		data[what] = map[string]string{"id": partOf(e, what)}
	default:
		data = map[string]any{what: map[string]string{"id": e.Subject}}
	}
	return encode(k.Name, e.At, data)
}

// partOf is a text among the data of an event: the id of a refund, or a state.
func partOf(e event.Event, what string) string {
	var parts map[string]any
	if json.Unmarshal(e.Data, &parts) != nil {
		return ""
	}
	text, _ := parts[what].(string)
	return text
}

func (s *Service) paymentData(
	ctx context.Context, k Kind, e event.Event, merchant bool,
) (map[string]any, error) {
	p, err := s.Payments.Find(ctx, e.AcquirerNo, payment.ChannelAPI,
		payment.Ref{PaymentID: e.Subject})
	if err != nil {
		return nil, fmt.Errorf("find the payment: %w", err)
	}
	r, err := s.Payments.Show(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("show the payment: %w", err)
	}
	if merchant {
		r.Fees = forMerchant(r.Fees)
	}
	data := map[string]any{"payment": r}
	switch what, _, _ := strings.Cut(k.Name, "."); what {
	case "refund":
		f, err := s.Payments.FindRefund(ctx, e.AcquirerNo, partOf(e, what))
		if err != nil {
			return nil, fmt.Errorf("find the refund: %w", err)
		}
		r := f.Resource()
		if merchant {
			r.Fees = forMerchant(r.Fees)
		}
		data[what] = r
	case "capture":
		r, err := s.capture(ctx, p, partOf(e, what))
		if err != nil {
			return nil, err
		}
		if merchant {
			r.Fees = forMerchant(r.Fees)
		}
		data[what] = r
	}
	return data, nil
}

func (s *Service) capture(
	ctx context.Context, p *payment.Payment, id string,
) (r payment.CaptureResource, err error) {
	all, err := s.Payments.Captures(ctx, p.AcquirerNo, p.ID)
	for i := range all {
		if all[i].ID == id {
			return all[i].Resource(), nil
		}
	}
	return r, errors.Join(fmt.Errorf("the payment has no capture %s", id), err)
}

// partyData is about a merchant or a store: with the status that the event gave it.
func (s *Service) partyData(
	ctx context.Context, what string, e event.Event,
) (map[string]any, error) {
	to := partOf(e, "to")
	if what == "store" {
		p, err := s.Directory.Store(ctx, e.StoreNo)
		if err != nil {
			return nil, fmt.Errorf("find the store: %w", err)
		}
		return map[string]any{what: stateOf{p.Store.ID, p.Merchant.ID, p.Store.Name, to}}, nil
	}
	m, err := s.Directory.Merchant(ctx, merchantOf(e))
	if err != nil {
		return nil, fmt.Errorf("find the merchant: %w", err)
	}
	return map[string]any{what: stateOf{m.ID, "", m.Name, to}}, nil
}

// merchantOf is the number of the merchant that an event is filed under; 0 when it is not.
func merchantOf(e event.Event) int64 {
	digits, ok := strings.CutPrefix(e.Subject, string(party.KindMerchant)+":")
	no, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil {
		return 0
	}
	return no
}

// sign returns the headers of a message: with a signature of each secret, the newest first.
func sign(id string, now time.Time, body string, secrets []string) (map[string]string, error) {
	var signatures []string
	for _, secret := range secrets {
		key, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			return nil, errors.New("the secret is not Base64")
		}
		one, err := key.Sign(id, now, []byte(body))
		if err != nil {
			return nil, fmt.Errorf("sign: %w", err)
		}
		signatures = append(signatures, one)
	}
	return map[string]string{
		standardwebhooks.HeaderWebhookID:        id,
		standardwebhooks.HeaderWebhookTimestamp: strconv.FormatInt(now.Unix(), 10),
		standardwebhooks.HeaderWebhookSignature: strings.Join(signatures, " "),
		"Content-Type":                          "application/json; charset=utf-8",
		"User-Agent":                            "watari-webhook",
	}, nil
}
