package signup_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/foureyes"
	"watari/kit/seal"
	"watari/pay/party"
	"watari/pay/party/signup"
)

// sets are the tables that a service needs.
func sets() []fs.FS {
	return []fs.FS{event.Migrations(), foureyes.Migrations(), party.Migrations,
		signup.Migrations}
}

// office is a node that takes merchants in, with two banks.
type office struct {
	*signup.Service
	t     testing.TB
	d     *db.DB
	log   *event.Log
	dir   *party.Directory
	reg   *party.Registry
	desk  *foureyes.Desk
	bank  int64
	other int64
}

// People of the bank.
var (
	ann = foureyes.Person{Name: "ann@gifu.example", Actor: "person:ann"}
	ben = foureyes.Person{Name: "ben@gifu.example", Actor: "person:ben"}
)

// each runs fn on both engines with an office.
func each(t *testing.T, fn func(t *testing.T, o *office)) {
	t.Helper()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		o := newOffice(t, d, ring(t))
		o.bank, o.other = o.acquirer("GIFU"), o.acquirer("KYOTO")
		fn(t, o)
	})
}

// ring is a sealing key for tests.
func ring(t testing.TB) *seal.Ring {
	t.Helper()
	r, err := seal.New(map[int][]byte{1: []byte(strings.Repeat("k", seal.KeyBytes))})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newOffice(t testing.TB, d *db.DB, r *seal.Ring) *office {
	t.Helper()
	o := &office{t: t, d: d, log: event.NewLog(d), dir: party.NewDirectory(d)}
	o.reg = party.NewRegistry(d, o.dir, o.log, event.FirstLane, party.DefaultSight())
	o.desk = foureyes.New(d, o.log, event.FirstLane)
	signup.Attend(o.desk, o.log, event.FirstLane, o.reg)
	o.Service = signup.New(signup.Config{DB: d, Log: o.log, Lane: event.FirstLane,
		Registry: o.reg, Directory: o.dir, Ring: r, Desk: o.desk,
		Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(o.Close)
	return o
}

// acquirer adds a bank and returns its number.
func (o *office) acquirer(id string) int64 {
	o.t.Helper()
	var p party.Participant
	err := o.reg.Change(o.t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = o.reg.AddParticipant(ctx, tx, "test", party.Participant{ID: id, Name: id})
		if err != nil {
			return err
		}
		_, err = o.reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: p.No,
			Role: party.Acquirer, Currency: "JPY", Zone: "Asia/Tokyo"})
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return p.No
}

// must fails the test on an error.
func must[T any](t testing.TB, v T, err error) T {
	t.Helper()
	if err != nil {
		var e *fault.Error
		if errors.As(err, &e) {
			t.Fatalf("%v %v", err, e.Fields)
		}
		t.Fatal(err)
	}
	return v
}

// refused wants an error of a problem, pointing at these fields.
func refused(t testing.TB, what string, err error, p *fault.Problem, pointers ...string) {
	t.Helper()
	if !errors.Is(err, p) {
		t.Errorf("%s: got %v, want %s", what, err, p.Slug)
		return
	}
	if pointers == nil {
		return
	}
	var e *fault.Error
	errors.As(err, &e)
	var got []string
	for _, f := range e.Fields {
		got = append(got, f.Pointer)
	}
	slices.Sort(got)
	slices.Sort(pointers)
	if !slices.Equal(got, pointers) {
		t.Errorf("%s points at %v, want %v: %v", what, got, pointers, e.Fields)
	}
}

// soba is a form without a mistake.
func soba() signup.Form {
	return signup.Form{Kind: signup.Corporation, LegalName: "株式会社飛騨そば",
		LegalNameKana: "かぶしきがいしゃひだそば", CorporateNumber: "8700110005901",
		Representative: signup.Representative{Name: "飛騨 太郎", Kana: "ヒダ タロウ",
			BirthDate: "1970-04-01"},
		Address: signup.Address{PostalCode: "506-0846", Prefecture: "21", City: "高山市",
			Line: "上三之町1-2", CityLatin: "Takayama"},
		Phone: "0577-00-1234", Email: "taro@soba.example.jp", TradeName: "Hida Soba",
		TradeNameJA: "飛騨そば", MCC: "5812", MDRPPM: 29_500,
		Bank: signup.Account{BankCode: "0152", BranchCode: "101", Type: signup.Ordinary,
			Number: "654321", HolderKana: "カブシキガイシャ　ヒダソバ"},
		Terminal: signup.Terminal{Label: "Till 1", CanRefund: true}}
}

// pdf is a document.
var pdf = []byte("%PDF-1.7\n1 0 obj\n")

// handedIn is an application that ann filled in and handed in, with its papers.
func (o *office) handedIn(f signup.Form) signup.Application {
	o.t.Helper()
	ctx := o.t.Context()
	a := must(o.t, first(o.Create(ctx, ann, o.bank, f)), nil)
	for _, p := range []signup.Paper{signup.Identity, signup.Registry} {
		must(o.t, first(o.AddDocument(ctx, ann, o.bank, a.ID, p, "scan.pdf", pdf)), nil)
	}
	a, err := o.Submit(ctx, ann, o.bank, a.ID, 0)
	return must(o.t, a, err)
}

// first passes a value on and panics on an error: for set-up.
func first[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// screened takes an application into review and clears it.
func (o *office) screened(a signup.Application) signup.Application {
	o.t.Helper()
	ctx := o.t.Context()
	_, err := o.Review(ctx, ben, o.bank, a.ID)
	must(o.t, 0, err)
	a, err = o.Screen(ctx, ben, o.bank, a.ID, signup.Clear, "lists of today: nothing")
	return must(o.t, a, err)
}

// signed is an approved application.
func (o *office) signed(f signup.Form) signup.Application {
	o.t.Helper()
	a := o.screened(o.handedIn(f))
	a, err := o.Approve(o.t.Context(), ben, o.bank, a.ID, a.Version, signup.Terms{})
	return must(o.t, a, err)
}

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, fn func() bool) {
	t.Helper()
	for range 3000 {
		if fn() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("not within a minute: %s", what)
}
