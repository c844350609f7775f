package visitor

import (
	"context"

	"watari/kit/i18n"
	"watari/visit/park"
)

// waitedFor are the names of the products that places on waiting lists are for, by the ids of
// the places.
func (g *parkPages) waitedFor(
	ctx context.Context, waits []park.Wait,
) (map[string]i18n.Text, error) {
	names := map[string]i18n.Text{}
	for _, w := range waits {
		p, err := g.Parks.Product(ctx, w.ParkID, w.Product)
		if err != nil {
			return nil, err
		}
		names[w.ID] = p.Name
	}
	return names, nil
}
