package wallet_test

import (
	"testing"

	"watari/kit/fsm/fsmtest"
	"watari/sandbox/wallet"
)

// Goal: the state table is sound and the schema knows the same states.
// Method: the checker of kit/fsm on the exported table.
func TestStateTableIsSound(t *testing.T) {
	t.Parallel()

	fsmtest.Check(t, wallet.Steps(), wallet.StateNew, wallet.StatesInSchema())
}
