package people_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/hotp"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/foureyes"
	"watari/kit/seal"
)

var sets = []fs.FS{people.Migrations, access.Migrations, event.Migrations(),
	foureyes.Migrations()}

const good = "correct horse battery"

// office is a database with people in it.
type office struct {
	*people.People
	t    testing.TB
	db   *db.DB
	log  *event.Log
	desk *foureyes.Desk
	ring *seal.Ring
}

var (
	root  = access.Caller{Role: access.Operator, Actor: "person:root", Label: "root@x.example"}
	admin = access.Caller{Role: access.Acquirer, ParticipantNo: 1, Actor: "key:1", Label: "bank"}
	owner = access.Caller{Role: access.MerchantOwner, ParticipantNo: 1, MerchantNo: 5,
		Actor: "key:2", Label: "shop"}
	here = people.From{Address: "192.0.2.7", Agent: "Test/1"}
)

// bank1 is a place at bank 1, shop a place at its merchant 5.
func bank1(r access.Role) people.Place { return people.Place{Role: r, ParticipantNo: 1} }

func shop(r access.Role) people.Place {
	return people.Place{Role: r, ParticipantNo: 1, MerchantNo: 5}
}

// open makes an office; strict asks for second factors.
func open(t testing.TB, d *db.DB, strict bool) *office {
	t.Helper()
	ring, err := seal.New(map[int][]byte{1: make([]byte, seal.KeyBytes)})
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, db: d, log: event.NewLog(d), ring: ring}
	o.desk = foureyes.New(d, o.log, 1)
	people.Attend(o.desk)
	o.People = people.New(people.Config{DB: d, Log: o.log, Lane: 1, Ring: ring, Desk: o.desk,
		PublicURL: "http://127.0.0.1:8080", Sandbox: !strict})
	return o
}

// each runs on both engines.
func each(t *testing.T, strict bool, fn func(t *testing.T, o *office)) {
	t.Helper()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) { fn(t, open(t, d, strict)) })
}

func (o *office) do(what string, err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatalf("%s: %v", what, err)
	}
}

// refused wants a problem.
func (o *office) refused(what string, err error, want *fault.Problem) {
	o.t.Helper()
	if !errors.Is(err, want) {
		o.t.Errorf("%s: got %v, want %s", what, err, want.Slug)
	}
}

// invite makes a link by whoever may.
func (o *office) invite(email string, at people.Place) people.Link {
	o.t.Helper()
	by := admin
	if at.Role == access.Operator {
		link, err := o.InviteOperator(o.t.Context(), "command", email, "")
		o.do("invite", err)
		return link
	}
	by.ParticipantNo = at.ParticipantNo
	link, err := o.Invite(o.t.Context(), by, people.Invitation{Email: email, Place: at})
	o.do("invite "+email, err)
	return link
}

// join brings somebody in and returns the step.
func (o *office) join(email string, at people.Place) people.Step {
	o.t.Helper()
	step, err := o.Accept(o.t.Context(), people.Acceptance{Secret: o.invite(email, at).Secret,
		Name: "高山 花子", Lang: "ja", Password: good, From: here})
	o.do("accept "+email, err)
	return step
}

func (o *office) signIn(email, password string) (people.Step, error) {
	return o.SignIn(o.t.Context(), people.Attempt{Email: email, Password: password, From: here})
}

// who returns whose session it is.
func (o *office) who(secret string) people.Person {
	o.t.Helper()
	_, who, err := o.Session(o.t.Context(), secret)
	o.do("session", err)
	return who
}

// code is what an app shows.
func (o *office) code(secret string, at time.Time) string {
	o.t.Helper()
	code, err := hotp.GenerateCode(secret, uint64(at.Unix()/30))
	o.do("make a code", err)
	return code
}

// enrol sets up an app for somebody who has a ticket, and returns its secret.
func (o *office) enrol(step people.Step) (string, people.Enrolled) {
	o.t.Helper()
	h := people.Holder{Ticket: step.Ticket}
	app, err := o.EnrolTOTP(o.t.Context(), h)
	o.do("begin with an app", err)
	out, err := o.ConfirmTOTP(o.t.Context(), h, o.code(app.Secret, clock.Now()), here)
	o.do("end with an app", err)
	return app.Secret, out
}

// kinds are the kinds of all events, in order.
func (o *office) kinds() string {
	o.t.Helper()
	all, _, err := o.log.Read(o.t.Context(), event.Cursor{}, event.Filter{}, 1000)
	o.do("read events", err)
	var kinds []string
	for _, e := range all {
		kinds = append(kinds, strings.TrimPrefix(e.Kind, "person."))
	}
	return strings.Join(kinds, " ")
}

// exec changes the database behind everybody's back.
func (o *office) exec(q string, args ...any) {
	o.t.Helper()
	o.do(q, o.db.Update(o.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, q, args...)
		return err
	}))
}

// texts reads one column.
func (o *office) texts(q string) (all []string) {
	o.t.Helper()
	scan := func(r db.Row) (s string, err error) { return s, r.Scan(&s) }
	o.do(q, o.db.View(o.t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		all, err = db.All(ctx, tx, scan, q)
		return err
	}))
	return all
}

// known is an office that knows one merchant, 5 of bank 1, with the store 9.
func known(t testing.TB, d *db.DB) *office {
	o := open(t, d, false)
	c := o.People.Config
	c.Exists = func(_ context.Context, at people.Place) (bool, error) {
		return at.ParticipantNo == 1 && (at.MerchantNo == 0 || at.MerchantNo == 5) &&
			(at.StoreNo == 0 || at.StoreNo == 9), nil
	}
	o.People = people.New(c)
	return o
}
