package risk

import (
	"context"
	"fmt"
	"time"

	"watari/kit/db"
)

// IssuerDayKey names what was paid with a wallet on the day of t, in yen.
func IssuerDayKey(issuerNo int64, t time.Time) Key { return issuerDay(issuerNo, t) }

// StoreDayKey names what was paid at a store on the day of t, in yen.
func StoreDayKey(storeNo int64, t time.Time) Key { return storeDay(storeNo, t) }

// Standings returns what counters stand at, for people who look: without a lock, so a payment may
// have changed them since. Those that nobody has used are missing.
func Standings(ctx context.Context, tx *db.Tx, keys []Key) (map[Key]int64, error) {
	found := map[Key]int64{}
	err := readOnly(ctx, tx, keys, func(k Key, minor, _ int64) { found[k] = minor })
	if err != nil {
		return nil, fmt.Errorf("read counters: %w", err)
	}
	return found, nil
}
