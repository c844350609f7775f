package payment

import (
	"encoding/json"
	"strings"

	"watari/kit/event"
	"watari/pay/link"
)

// Try is one attempt of a payer to pay an order with a wallet, as the events of the order tell.
type Try struct {
	IssuerID string
	LegID    string // our request id at the wallet
	State    TryState
	Reason   link.Reason // with TryDeclined
}

// TryState is how an attempt stands.
type TryState string

// The states of an attempt.
const (
	TryOpen     TryState = "asked"
	TryDeclined TryState = "declined"
	TryClosed   TryState = "closed" // the order was paid otherwise, cancelled, or given up
)

// Tries reads the attempts on an order from its events, in the order in which they began. Pages
// tell payers and shops by them what is going on; what is paid, the payment itself says.
func Tries(events []event.Event) []Try {
	var all []Try
	byLeg := map[string]int{}
	for _, e := range events {
		kind, ok := strings.CutPrefix(e.Kind, "leg.")
		if !ok {
			continue
		}
		var data struct {
			Leg    string      `json:"leg"`
			Reason link.Reason `json:"reason"`
		}
		if json.Unmarshal(e.Data, &data) != nil || data.Leg == "" {
			continue
		}
		i, known := byLeg[data.Leg]
		switch {
		case !known && kind == string(TryOpen):
			issuer, _ := strings.CutPrefix(e.Actor, "wallet:")
			byLeg[data.Leg] = len(all)
			all = append(all, Try{IssuerID: issuer, LegID: data.Leg, State: TryOpen})
		case known && kind == string(TryDeclined):
			all[i].State, all[i].Reason = TryDeclined, data.Reason
		case known && (kind == string(TryClosed) || kind == "cancelled" || kind == "stuck"):
			all[i].State = TryClosed
		}
	}
	return all
}
