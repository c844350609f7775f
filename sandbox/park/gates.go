package park

import (
	"context"
	"errors"
	"fmt"

	"watari/kit/i18n"
	"watari/visit/park"
	"watari/visit/park/gate"
)

// TryLabel is the device of each gate that the first page of the sandbox hands out.
const TryLabel = "Sandbox"

// labels are the devices of the staff at each gate.
var labels = []string{"Phone 1", "Phone 2"}

// gates are those of the park: two entrances, and the lanes of the rides that are sold singly.
func gates() []gate.Gate {
	var out []gate.Gate
	for _, s := range entrances() {
		out = append(out, gate.Gate{Code: s.Code, Name: s.Name})
	}
	for _, p := range products() {
		if p.Place != "" {
			out = append(out, gate.Gate{Code: rideGate(p.Place), Name: laneName(p.Place),
				Products: []string{p.Code}})
		}
	}
	return out
}

// laneName is what the lane of a ride is called.
func laneName(place string) i18n.Text {
	lane := named("{}, ticket lane", "{} 乗車券レーン", "{} 持票通道", "{} 持票通道",
		"{} 이용권 전용")
	return filled(lane, rideName(place))
}

// plantGates adds the gates with their devices, unless there are any.
func (n Network) plantGates(ctx context.Context, p park.Park) error {
	there, err := n.Gates.Gates(ctx, p.ID)
	if err != nil || len(there) > 0 {
		return err
	}
	for _, g := range gates() {
		g.ParkID = p.ID
		g, err := n.Gates.AddGate(ctx, g, actor)
		if errors.Is(err, gate.ErrCodeTaken) {
			continue // another process adds it, and its devices
		}
		if err != nil {
			return fmt.Errorf("gate %s: %w", g.Code, err)
		}
		for _, label := range labels {
			_, link, err := n.Gates.AddDevice(ctx, p.ID, g.ID, label, actor)
			if err != nil {
				return err
			}
			if _, _, err := n.Gates.Activate(ctx, link); err != nil {
				return err
			}
		}
	}
	return nil
}

// OpenGate makes a fresh link to the device of a gate that is there to be tried, and returns its
// secret. Who opened it before is signed out when the link is used.
//
// Errors: gate.ErrUnknown.
func (n Network) OpenGate(ctx context.Context, gateID string) (string, error) {
	p, err := n.Parks.Find(ctx, Slug)
	if err != nil {
		return "", err
	}
	ds, err := n.Gates.Devices(ctx, p.ID)
	if err != nil {
		return "", err
	}
	for _, d := range ds {
		if d.GateID == gateID && d.Label == TryLabel {
			_, secret, err := n.Gates.NewLink(ctx, p.ID, d.ID, actor)
			return secret, err
		}
	}
	_, secret, err := n.Gates.AddDevice(ctx, p.ID, gateID, TryLabel, actor)
	return secret, err
}
