package sandbox

import "testing"

// Goal: what is noted while the wallets run does not make them begin anew, which would cost their
// callers an answer. Method: what tells them to, before and after a key and a note are kept.
func TestNotesLeaveTheWalletsAlone(t *testing.T) {
	t.Parallel()
	s, err := OpenStore(t.Context(), t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	before, err := s.facts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	key, err := s.ResellerKey(t.Context())
	if err == nil {
		err = s.Note(t.Context(), "told", "once")
	}
	if again, err := s.ResellerKey(t.Context()); err != nil || again != key || key == "" {
		t.Errorf("the key is %q, then %q (%v)", key, again, err)
	}
	after, err2 := s.facts(t.Context())
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	if before.stampOf("weilai") != after.stampOf("weilai") {
		t.Errorf("what a wallet is run with changed from %q to %q", before.stamp, after.stamp)
	}
}
