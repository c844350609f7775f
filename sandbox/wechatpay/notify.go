package wechatpay

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"watari/connect/wechatpay/wire"
	"watari/sandbox/wallet"
)

// Notify tells the network of a payment that was made and of a refund, at the address that the
// order or the refund named. Nothing else is told in this protocol, and nothing of payments by
// code, which name no address.
func (f *Front) Notify(ctx context.Context, n wallet.Notice) error {
	if n.Attempts > int64(len(Pauses())) {
		return nil // the real one gives up as well
	}
	var event, kind, to string
	var about any
	switch {
	case n.Kind == wallet.NoticePayment && n.State == wallet.Paid:
		event, kind, to = wire.EventPaid, "transaction", keptOf(n.Payment).NotifyURL
		t := f.transaction(n.Payment)
		t.TradeState, t.TradeStateDesc = wire.StateSuccess, wire.StateSuccess
		about = t
	case n.Kind == wallet.NoticeRefund && n.Refund.Succeeded:
		event, kind, to = wire.EventRefunded, "refund", n.Refund.Extra
		about = f.refundNotice(n)
	}
	if to == "" {
		return nil
	}
	sealed := f.keys.seal(wire.Encode(about), kind)
	sealed.OriginalType = kind
	body := wire.Encode(wire.Notice{ID: noticeID(n.ID), CreateTime: wire.FormatTime(n.At),
		EventType: event, ResourceType: "encrypt-resource", Summary: event, Resource: &sealed})
	return f.deliver(ctx, to, body)
}

// refundNotice is what a notice of a refund seals: the state has another name than in answers.
func (f *Front) refundNotice(n wallet.Notice) *wire.Refund {
	m := f.refunded(n.Refund, n.Payment)
	m.Merchant = f.merchant()
	m.Merchant.AppID, m.Merchant.SPAppID, m.Merchant.SubAppID = "", "", ""
	m.RefundStatus, m.Status, m.FundSource = m.Status, "", ""
	m.ID, m.RefundID = "", m.ID
	m.Amount.Total, m.Amount.PayerTotal = n.Payment.OrderMinor, n.Payment.DebitedMinor
	return m
}

// noticeID is the same in every attempt.
func noticeID(of string) string {
	s := fmt.Sprintf("%x", sha256.Sum256([]byte(of)))
	return s[:8] + "-" + s[8:12] + "-5" + s[13:16] + "-8" + s[17:20] + "-" + s[20:32]
}

// deliver sends a notice to its address, and when nobody is there to the same path of the
// network's other processes.
func (f *Front) deliver(ctx context.Context, to string, body []byte) error {
	u, err := url.Parse(to)
	if err != nil {
		return fmt.Errorf("the notice has no address: %w", err)
	}
	tried := f.once(ctx, to, body)
	if tried == nil || f.parts.Networks == nil {
		return tried
	}
	bases, err := f.parts.Networks(ctx)
	if err != nil {
		return fmt.Errorf("find the network: %w", err)
	}
	for _, base := range bases {
		if base+u.Path == to {
			continue
		}
		if err := f.once(ctx, base+u.Path, body); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%w: %w", wallet.ErrNetwork, tried)
}

func (f *Front) once(ctx context.Context, to string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, f.parts.Timing.Call)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make the notice: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Mozilla/4.0")
	asked := ""
	if f.keys.PublicKey {
		asked = f.keys.PublicKeyID
	}
	f.stamp(req.Header, asked, body, true)
	res, err := f.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(res.Body, bodyMax))
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusNoContent {
		return fmt.Errorf("the network answers HTTP %d %.200s", res.StatusCode, text)
	}
	return nil
}
