package party_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"testing"

	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/foureyes"
	"watari/pay/party"
)

// sets are the tables that these tests need.
func sets() []fs.FS {
	return []fs.FS{event.Migrations(), foureyes.Migrations(), party.Migrations}
}

// node is one process of the network: a database handle with a directory and a registry.
type node struct {
	t   testing.TB
	d   *db.DB
	log *event.Log
	dir *party.Directory
	reg *party.Registry
}

func newNode(t testing.TB, d *db.DB) *node {
	dir, log := party.NewDirectory(d), event.NewLog(d)
	return &node{t: t, d: d, log: log, dir: dir,
		reg: party.NewRegistry(d, dir, log, event.FirstLane, party.DefaultSight())}
}

// write runs fn in a transaction that must succeed.
func (n *node) write(fn func(ctx context.Context, tx *db.Tx) error) {
	n.t.Helper()
	if err := n.reg.Change(n.t.Context(), fn); err != nil {
		n.t.Fatalf("write: %v", err)
	}
}

// try runs fn in a transaction and returns its error.
func (n *node) try(fn func(ctx context.Context, tx *db.Tx) error) error {
	return n.reg.Change(n.t.Context(), fn)
}

func (n *node) status(kind party.Kind, no int64, to party.Status) {
	n.t.Helper()
	n.write(func(ctx context.Context, tx *db.Tx) error {
		return n.reg.SetStatus(ctx, tx, "test", kind, no, to)
	})
}

// shop is an acquirer with one merchant, store and terminal.
type shop struct {
	acquirer party.Participant
	merchant party.Merchant
	store    party.Store
	terminal party.Terminal
}

// acquirer adds an open acquirer with an agreement in yen.
func (n *node) acquirer(id string, onSight bool) party.Participant {
	n.t.Helper()
	var p party.Participant
	n.write(func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = n.reg.AddParticipant(ctx, tx, "test", party.Participant{
			ID: id, Name: "Bank " + id, ClientID: "CLIENT_" + id, OnSight: onSight})
		if err != nil {
			return err
		}
		_, err = n.reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: p.No,
			Role: party.Acquirer, Currency: "JPY", Zone: "Asia/Tokyo"})
		return err
	})
	return p
}

// issuer adds an open issuer with an agreement in yuan.
func (n *node) issuer(id, group string) party.Participant {
	n.t.Helper()
	var p party.Participant
	n.write(func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = n.reg.AddParticipant(ctx, tx, "test", party.Participant{ID: id,
			Name: "Wallet " + id, ClientID: "CLIENT_" + id, Connector: "alipayplus",
			BaseURL: "http://127.0.0.1:9001/" + id, CodeGroup: group, OwnCodes: true})
		if err != nil {
			return err
		}
		_, err = n.reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: p.No,
			Role: party.Issuer, Currency: "CNY", Zone: "Asia/Shanghai", SpreadPPM: 5000})
		return err
	})
	return p
}

// shop adds a merchant, a store and a terminal to an acquirer.
func (n *node) shop(acquirer party.Participant, suffix string) shop {
	n.t.Helper()
	s := shop{acquirer: acquirer}
	n.write(func(ctx context.Context, tx *db.Tx) (err error) {
		s.merchant, err = n.reg.AddMerchant(ctx, tx, "test", party.Merchant{
			AcquirerNo: acquirer.No, ID: "M" + suffix, Name: "Hida Ramen", NameJA: "飛騨ラーメン",
			MCC: "5812", MDRPPM: 19_800})
		if err != nil {
			return err
		}
		s.store, err = n.reg.AddStore(ctx, tx, "test", party.Store{
			MerchantNo: s.merchant.No, ID: "S" + suffix, Name: "Takayama", NameJA: "高山店",
			Prefecture: "21", MCC: "5812"})
		if err != nil {
			return err
		}
		s.terminal, err = n.reg.AddTerminal(ctx, tx, "test", party.Terminal{
			StoreNo: s.store.No, ID: "T" + suffix, Label: "Till 1", CanRefund: true})
		return err
	})
	return s
}

// find looks a shop up by its acquirer's ids.
func (n *node) find(s shop) (party.Point, error) {
	return n.dir.Point(n.t.Context(), s.acquirer.No, s.merchant.ID, s.store.ID, s.terminal.ID)
}

// usable looks a shop up and says whether it takes payments.
func (n *node) usable(s shop) error {
	p, err := n.find(s)
	if err != nil {
		return err
	}
	return p.Usable()
}

func want(t testing.TB, what string, err error, p *fault.Problem) {
	t.Helper()
	if p == nil && err != nil || p != nil && !errors.Is(err, p) {
		t.Errorf("%s: got %v, want %v", what, err, p)
	}
}

// rsaKey returns a public key of 2048 bits as SPKI; all tests share a few.
var rsaKeys = sync.OnceValue(func() [][]byte {
	var all [][]byte
	for range 2 {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		der, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
		if err != nil {
			panic(err)
		}
		all = append(all, der)
	}
	return all
})

func ptr(v int64) *int64 { return &v }

func name(prefix string, i int) string { return fmt.Sprintf("%s%03d", prefix, i) }
