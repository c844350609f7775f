package party_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/pay/party"
)

// Goal: every change leaves an event with its actor, and no event holds a secret (R1, R10).
// Method: one of each change, then the whole log.
func TestEveryChangeIsAnEventWithItsActor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		s := n.shop(n.acquirer("GIFU", false), "1")
		hash, err := party.HashPIN("9753")
		want(t, "hash", err, nil)
		n.write(func(ctx context.Context, tx *db.Tx) error {
			return errors.Join(
				n.reg.AddKey(ctx, tx, "test", party.Key{ParticipantNo: s.acquirer.No, Version: 1,
					PublicDER: rsaKeys()[0]}),
				n.reg.RetireKey(ctx, tx, "test", s.acquirer.No, 1),
				n.reg.SetParticipant(ctx, tx, "test", s.acquirer.No,
					party.ParticipantTerms{Name: "Hida Bank", OnSight: true}),
				n.reg.SetMerchant(ctx, tx, "test", s.merchant.No,
					party.MerchantTerms{Name: "Soba", MCC: "5814"}),
				n.reg.SetStore(ctx, tx, "test", s.store.No, party.StoreTerms{Name: "Gero",
					Prefecture: "21", MCC: "5814", ManagerPINHash: hash, PINAboveMinor: 5000}),
				n.reg.SetTerminal(ctx, tx, "test", s.terminal.No, party.TerminalTerms{Label: "x"}),
				n.reg.SetStatus(ctx, tx, "test", party.KindTerminal, s.terminal.No, party.Closed),
				n.reg.SetLedger(ctx, tx, "test", true, "trial balance"),
			)
		})
		before, err := n.dir.Reference(t.Context())
		want(t, "reference", err, nil)

		all, _, err := n.log.Read(t.Context(), event.Cursor{}, event.Filter{}, 100)
		want(t, "events", err, nil)

		var kinds []string
		for _, e := range all {
			kinds = append(kinds, e.Kind)
			if e.Actor != "test" || e.At.IsZero() {
				t.Errorf("%s: actor %q, at %v", e.Kind, e.Actor, e.At)
			}
			if text := string(e.Data); strings.Contains(text, hash) || strings.Contains(text, "9753") {
				t.Errorf("%s tells a secret: %s", e.Kind, text)
			}
		}
		wanted := "participant.added agreement.added merchant.added store.added terminal.added " +
			"key.added key.retired participant.changed merchant.changed store.changed " +
			"terminal.changed terminal.close ledger.closed"
		if got := strings.Join(kinds, " "); got != wanted {
			t.Errorf("got  %s\nwant %s", got, wanted)
		}
		if !before.LedgerClosed || before.Version != int64(1+len(all)) {
			t.Errorf("%d events, reference %+v", len(all), before)
		}
		one, err := n.log.Subject(t.Context(), party.Subject(party.KindStore, s.store.No))
		if err != nil || len(one) != 2 || one[1].StoreNo != s.store.No {
			t.Errorf("events of the store: %+v, %v", one, err)
		}
	})
}

// Goal: closed is final, and the path back from suspended is open (R5). Method: every kind
// through every status.
func TestClosedIsFinal(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		s := n.shop(n.acquirer("GIFU", false), "1")
		for _, c := range []struct {
			kind party.Kind
			no   int64
			want *fault.Problem
		}{
			{party.KindTerminal, s.terminal.No, party.ErrTerminalNotOpen},
			{party.KindStore, s.store.No, party.ErrStoreNotOpen},
			{party.KindMerchant, s.merchant.No, party.ErrMerchantNotOpen},
			{party.KindParticipant, s.acquirer.No, party.ErrAcquirerNotOpen},
		} {
			for _, to := range []party.Status{party.Open, party.Suspended, party.Suspended,
				party.Open, party.Suspended, party.Closed, party.Closed} {
				n.status(c.kind, c.no, to)
			}
			want(t, string(c.kind), n.usable(s), c.want)
			for _, to := range []party.Status{party.Open, party.Suspended, "other"} {
				err := n.try(func(ctx context.Context, tx *db.Tx) error {
					return n.reg.SetStatus(ctx, tx, "test", c.kind, c.no, to)
				})
				want(t, string(c.kind)+" to "+string(to), err, party.ErrStatus)
			}
		}
		err := n.try(func(ctx context.Context, tx *db.Tx) error {
			return n.reg.SetStatus(ctx, tx, "test", party.KindStore, 99, party.Closed)
		})
		want(t, "no such store", err, party.ErrStoreUnknown)
	})
}

// invalid returns writes with one wrong field each, by its pointer.
func (n *node) invalid(s shop) map[string]func(context.Context, *db.Tx) error {
	long := strings.Repeat("長", 257)
	return map[string]func(context.Context, *db.Tx) error{
		"/id": func(ctx context.Context, tx *db.Tx) error {
			_, err := n.reg.AddMerchant(ctx, tx, "t", party.Merchant{AcquirerNo: s.acquirer.No,
				ID: " M2", Name: "x", MCC: "5812"})
			return err
		},
		"/name": func(ctx context.Context, tx *db.Tx) error {
			_, err := n.reg.AddMerchant(ctx, tx, "t", party.Merchant{AcquirerNo: s.acquirer.No,
				ID: "M2", Name: " \u3000", MCC: "5812"})
			return err
		},
		"/name_ja": func(ctx context.Context, tx *db.Tx) error {
			_, err := n.reg.AddMerchant(ctx, tx, "t", party.Merchant{AcquirerNo: s.acquirer.No,
				ID: "M2", Name: "x", NameJA: long, MCC: "5812"})
			return err
		},
		"/mcc": func(ctx context.Context, tx *db.Tx) error {
			_, err := n.reg.AddMerchant(ctx, tx, "t", party.Merchant{AcquirerNo: s.acquirer.No,
				ID: "M2", Name: "x", MCC: "58a2"})
			return err
		},
		"/prefecture": func(ctx context.Context, tx *db.Tx) error {
			_, err := n.reg.AddStore(ctx, tx, "t", party.Store{MerchantNo: s.merchant.No,
				ID: "S2", Name: "x", Prefecture: "48", MCC: "5812"})
			return err
		},
		"/per_day_max_minor": func(ctx context.Context, tx *db.Tx) error {
			_, err := n.reg.AddStore(ctx, tx, "t", party.Store{MerchantNo: s.merchant.No,
				ID: "S2", Name: "x", Prefecture: "47", MCC: "5812", PerDayMaxMinor: ptr(-1)})
			return err
		},
		"/label": func(ctx context.Context, tx *db.Tx) error {
			_, err := n.reg.AddTerminal(ctx, tx, "t", party.Terminal{StoreNo: s.store.No,
				ID: "T2", Label: "abc\u202edef"})
			return err
		},
		"/base_url": func(ctx context.Context, tx *db.Tx) error {
			_, err := n.reg.AddParticipant(ctx, tx, "t", party.Participant{ID: "W", Name: "x",
				BaseURL: "https://wallet.example/"})
			return err
		},
		"/zone": func(ctx context.Context, tx *db.Tx) error {
			_, err := n.reg.AddAgreement(ctx, tx, "t", party.Agreement{Role: party.Issuer,
				ParticipantNo: s.acquirer.No, Currency: "CNY", Zone: "Asia/Nowhere"})
			return err
		},
		"/currency": func(ctx context.Context, tx *db.Tx) error {
			_, err := n.reg.AddAgreement(ctx, tx, "t", party.Agreement{Role: party.Issuer,
				ParticipantNo: s.acquirer.No, Currency: "XXQ", Zone: "Asia/Tokyo"})
			return err
		},
		"/public_key": func(ctx context.Context, tx *db.Tx) error {
			return n.reg.AddKey(ctx, tx, "t", party.Key{ParticipantNo: s.acquirer.No,
				Version: 1, PublicDER: rsaKeys()[0][1:]})
		},
	}
}

// Goal: what is not valid is refused with its field, and nothing is written. Method: a table
// of wrong fields.
func TestInvalidFieldsAreNamed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		s := n.shop(n.acquirer("GIFU", false), "1")
		for pointer, add := range n.invalid(s) {
			err := n.try(add)

			var e *fault.Error
			if !errors.As(err, &e) || e.Problem != party.ErrInvalid || len(e.Fields) != 1 ||
				e.Fields[0].Pointer != pointer {
				t.Errorf("%s: got %v", pointer, err)
			}
		}
	})
}

// Goal: an id is used once by its owner, and freely by others. Method: repeats.
func TestIDIsTakenOnceByItsOwner(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		n := newNode(t, d)
		s := n.shop(n.acquirer("GIFU", false), "1")
		n.shop(n.acquirer("KYOTO", false), "1") // another owner, the same ids
		n.issuer("ALI", "alipay")

		for what, add := range map[string]func(context.Context, *db.Tx) error{
			"participant": func(ctx context.Context, tx *db.Tx) error {
				_, err := n.reg.AddParticipant(ctx, tx, "t", party.Participant{ID: "GIFU", Name: "x"})
				return err
			},
			"client": func(ctx context.Context, tx *db.Tx) error {
				_, err := n.reg.AddParticipant(ctx, tx, "t", party.Participant{ID: "NEW", Name: "x",
					ClientID: "CLIENT_KYOTO"})
				return err
			},
			"group": func(ctx context.Context, tx *db.Tx) error {
				_, err := n.reg.AddParticipant(ctx, tx, "t", party.Participant{ID: "NEW", Name: "x",
					CodeGroup: "alipay"})
				return err
			},
			"merchant": func(ctx context.Context, tx *db.Tx) error {
				_, err := n.reg.AddMerchant(ctx, tx, "t", party.Merchant{
					AcquirerNo: s.acquirer.No, ID: "M1", Name: "x", MCC: "5812"})
				return err
			},
			"store": func(ctx context.Context, tx *db.Tx) error {
				_, err := n.reg.AddStore(ctx, tx, "t", party.Store{MerchantNo: s.merchant.No,
					ID: "S1", Name: "x", MCC: "5812", Prefecture: "01"})
				return err
			},
			"terminal": func(ctx context.Context, tx *db.Tx) error {
				_, err := n.reg.AddTerminal(ctx, tx, "t", party.Terminal{StoreNo: s.store.No,
					ID: "T1"})
				return err
			},
		} {
			want(t, what, n.try(add), party.ErrTaken)
		}
	})
}

// Goal: writers on two nodes follow one another, with no number given twice and no deadlock
// (R2). Method: both nodes add shops at once.
func TestWritersOnTwoNodesFollowOneAnother(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			location := dbtest.Migrated(t, e, sets()...)
			nodes := []*node{newNode(t, dbtest.Open(t, location, db.Options{})),
				newNode(t, dbtest.Open(t, location, db.Options{}))}
			a := nodes[0].acquirer("GIFU", false)
			const each = 10
			var mu sync.Mutex
			numbers := map[int64]bool{}
			var writers sync.WaitGroup
			for which, n := range nodes {
				writers.Go(func() {
					for i := range each {
						s := n.shop(a, name("", which*each+i))
						mu.Lock()
						numbers[s.terminal.No] = true
						mu.Unlock()
					}
				})
			}
			writers.Wait()

			if len(numbers) != 2*each {
				t.Errorf("%d numbers for %d terminals", len(numbers), 2*each)
			}
			time.Sleep(500 * time.Millisecond) // the other node's last version is seen by then
			ref, err := nodes[1].dir.Reference(t.Context())
			if err != nil || ref.Version != 1+2+3*2*each {
				t.Errorf("version %d after %d changes, %v", ref.Version, 2+3*2*each, err)
			}
		})
	}
}

// Goal: a name is stored as it reads: normal form C, trimmed, without invisible characters
// (R8). Method: any text as a name is refused or cleaned; cleaning again changes nothing.
func TestNamesAreCleanOrRefused(t *testing.T) {
	t.Parallel()
	n := newNode(t, dbtest.New(t, db.SQLite, sets()...))
	a := n.acquirer("GIFU", false)
	count := 0
	rapid.Check(t, func(r *rapid.T) {
		given := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
			" Cafe\u0301 ", "か\u3099", "\u3000喫茶\u3000", "a\u200bb", "\u202eevil", "a\nb",
		})).Draw(r, "name")
		count++
		var m party.Merchant
		err := n.try(func(ctx context.Context, tx *db.Tx) (err error) {
			m, err = n.reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: a.No,
				ID: name("M", count), Name: given, MCC: "5812"})
			return err
		})
		if errors.Is(err, party.ErrInvalid) {
			return
		}
		if err != nil {
			r.Fatal(err)
		}
		if m.Name != strings.TrimSpace(m.Name) || !norm.NFC.IsNormalString(m.Name) ||
			m.Name == "" || utf8.RuneCountInString(m.Name) > party.NameMax ||
			strings.ContainsAny(m.Name, "\x00\n\u202e\u200b") {
			r.Fatalf("%q was kept as %q", given, m.Name)
		}
	})
}
