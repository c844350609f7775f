package people_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/foureyes"
)

// cast is one person of each role at two banks and their merchants, by a name.
func (o *office) cast() map[string]people.Person {
	o.t.Helper()
	all := map[string]people.Person{}
	add := func(name string, at people.Place) {
		all[name] = o.join(name+"@x.example", at).Person
	}
	add("root", people.Place{Role: access.Operator})
	add("root2", people.Place{Role: access.Operator})
	for bank := int64(1); bank <= 2; bank++ {
		for _, r := range []access.Role{access.Acquirer, access.AcquirerClerk,
			access.AcquirerViewer} {
			add(fmt.Sprintf("%s-%d", r, bank), people.Place{Role: r, ParticipantNo: bank})
		}
		for _, r := range []access.Role{access.MerchantOwner, access.MerchantManager,
			access.MerchantCashier} {
			add(fmt.Sprintf("%s-%d", r, bank), people.Place{Role: r, ParticipantNo: bank,
				MerchantNo: 10 + bank})
		}
		add(fmt.Sprintf("manager-of-store-%d", bank), people.Place{
			Role: access.MerchantManager, ParticipantNo: bank, MerchantNo: 10 + bank,
			StoreNo: 100 + bank})
		add(fmt.Sprintf("cashier-of-store-%d", bank), people.Place{
			Role: access.MerchantCashier, ParticipantNo: bank, MerchantNo: 10 + bank,
			StoreNo: 100 + bank})
	}
	add("other-owner-1", people.Place{Role: access.MerchantOwner, ParticipantNo: 1,
		MerchantNo: 99})
	return all
}

// Goal: nobody sees or changes anybody beyond their own place (P9). Method: everybody tries
// everybody, against a table of what is allowed; all else must be answered as if nobody were
// there.
func TestNobodyReachesBeyondTheirPlace(t *testing.T) {
	t.Parallel()
	staff := func(n int) string {
		return fmt.Sprintf("merchant-manager-%d merchant-cashier-%d manager-of-store-%d "+
			"cashier-of-store-%d", n, n, n, n)
	}
	shops := func(n int) string { return fmt.Sprintf("merchant-owner-%d ", n) + staff(n) }
	may := map[string]struct{ see, change string }{
		"root":               {"*", "root2 acquirer-1 acquirer-2"},
		"root2":              {"*", "root acquirer-1 acquirer-2"},
		"acquirer-1":         {"-1", "acquirer-clerk-1 acquirer-viewer-1 other-owner-1 " + shops(1)},
		"acquirer-clerk-1":   {"-1", ""},
		"acquirer-viewer-1":  {"-1", ""},
		"merchant-owner-1":   {shops(1), staff(1)},
		"merchant-manager-1": {shops(1), "merchant-cashier-1 cashier-of-store-1"},
		"manager-of-store-1": {"manager-of-store-1 cashier-of-store-1", "cashier-of-store-1"},
		"merchant-cashier-1": {"merchant-cashier-1", ""},
		"cashier-of-store-1": {"cashier-of-store-1", ""},
		"other-owner-1":      {"other-owner-1", ""},
		"acquirer-2":         {"-2", "acquirer-clerk-2 acquirer-viewer-2 " + shops(2)},
		"manager-of-store-2": {"manager-of-store-2 cashier-of-store-2", "cashier-of-store-2"},
		"acquirer-clerk-2":   {"-2", ""},
		"acquirer-viewer-2":  {"-2", ""},
		"merchant-owner-2":   {shops(2), staff(2)},
		"merchant-manager-2": {shops(2), "merchant-cashier-2 cashier-of-store-2"},
		"merchant-cashier-2": {"merchant-cashier-2", ""},
		"cashier-of-store-2": {"cashier-of-store-2", ""},
	}
	has := func(list, name string) bool {
		for _, one := range strings.Fields(list) {
			if one == "*" || one == name ||
				strings.HasPrefix(one, "-") && strings.HasSuffix(name, one) {
				return true
			}
		}
		return false
	}
	each(t, false, func(t *testing.T, o *office) {
		ctx, all := t.Context(), o.cast()
		for name, by := range all {
			c, want := by.Caller(), may[name]
			listed := map[string]bool{}
			found, _, err := o.List(ctx, c, people.Filter{Limit: 200})
			if err != nil && !errors.Is(err, people.ErrMayNot) {
				t.Fatal(err)
			}
			for _, p := range found {
				listed[p.ID] = true
			}
			for other, who := range all {
				_, err := o.Find(ctx, c, who.ID)
				if see := has(want.see, other); see != (err == nil) ||
					err != nil && !errors.Is(err, people.ErrPerson) ||
					listed[who.ID] != (see && !strings.Contains(string(by.Role), "cashier")) {
					t.Errorf("%s sees %s: %v, listed %v", name, other, err, listed[who.ID])
				}
				if got := people.May(c, who); got != has(want.change, other) {
					t.Errorf("%s may change %s: %v", name, other, got)
				}
				err = o.Unlock(ctx, c, who.ID)
				if has(want.change, other) != (err == nil) ||
					!has(want.see, other) && !errors.Is(err, people.ErrPerson) {
					t.Errorf("%s unlocks %s: %v", name, other, err)
				}
			}
		}
	})
}

// Goal: people are listed page by page, by role, text and status. Method: the operator lists.
func TestListFindsPeople(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, o *office) {
		ctx := t.Context()
		all := o.cast()
		o.do("end", o.End(ctx, admin, all["merchant-cashier-1"].ID))
		count := func(f people.Filter) (n int) {
			t.Helper()
			for {
				found, next, err := o.List(ctx, root, f)
				o.do("list", err)
				n += len(found)
				if next == "" {
					return n
				}
				f.After = next
			}
		}
		for _, c := range []struct {
			f    people.Filter
			want int
		}{
			{people.Filter{Limit: 4}, len(all)}, {people.Filter{ParticipantNo: 2}, 8},
			{people.Filter{ParticipantNo: 1, MerchantNo: 11}, 5},
			{people.Filter{Roles: []access.Role{access.Operator, access.Acquirer}}, 4},
			{people.Filter{Text: "OWNER-1@"}, 2}, {people.Filter{Text: "高山"}, len(all)},
			{people.Filter{Text: "%"}, 0}, {people.Filter{Text: "x_example"}, 0},
			{people.Filter{Status: people.Ended}, 1}, {people.Filter{Status: people.Locked}, 0},
			{people.Filter{Status: people.Active}, len(all) - 1},
		} {
			if got := count(c.f); got != c.want {
				t.Errorf("%+v: %d people, want %d", c.f, got, c.want)
			}
		}
	})
}

// Goal: a person is moved within their bank or merchant only, and is signed out by it (P9).
// Method: allowed and forbidden moves of a cashier, and of an administrator.
func TestPeopleAreMovedWithinTheirPlace(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, o *office) {
		ctx := t.Context()
		step := o.join("a@shop.example", shop(access.MerchantCashier))
		id := step.Person.ID
		to := func(r access.Role, merchant, store int64) people.Place {
			return people.Place{Role: r, ParticipantNo: 1, MerchantNo: merchant, StoreNo: store}
		}
		o.refused("to another merchant", o.SetRole(ctx, admin, id,
			to(access.MerchantCashier, 6, 0)), people.ErrMayNot)
		o.refused("into the bank", o.SetRole(ctx, admin, id, bank1(access.AcquirerClerk)),
			people.ErrMayNot)
		o.refused("a place that cannot be", o.SetRole(ctx, admin, id,
			to(access.MerchantOwner, 5, 3)), people.ErrInvalid)
		o.refused("to operator", o.SetRole(ctx, root, id, people.Place{Role: access.Operator}),
			people.ErrMayNot)
		o.do("to manager of a store", o.SetRole(ctx, owner, id,
			to(access.MerchantManager, 5, 3)))
		_, _, err := o.Session(ctx, step.Secret)
		o.refused("the session", err, people.ErrSignedOut)
		again, err := o.signIn("a@shop.example", good)
		o.do("sign in", err)
		c, _, err := o.Session(ctx, again.Secret)
		if err != nil || c.Role != access.MerchantManager || c.StoreNo != 3 {
			t.Errorf("got %+v, %v", c, err)
		}
		boss := o.join("b@bank.example", bank1(access.Acquirer)).Person
		o.refused("oneself", o.SetRole(ctx, boss.Caller(), boss.ID,
			bank1(access.AcquirerViewer)), people.ErrMayNot)
		o.refused("the end of oneself", o.End(ctx, boss.Caller(), boss.ID), people.ErrMayNot)
		o.do("end", o.End(ctx, admin, id))
		_, _, err = o.Session(ctx, again.Secret)
		o.refused("after the end", err, people.ErrSignedOut)
		_, err = o.signIn("a@shop.example", good)
		o.refused("sign in after the end", err, people.ErrRefused)
		o.refused("twice", o.End(ctx, admin, id), people.ErrMayNot)
		o.join("a@shop.example", bank1(access.AcquirerViewer)) // the address is free
	})
}

// Goal: a link works once, for seven days, until it is withdrawn or another is made, and for
// nobody who is here already (P10). Method: one of each.
func TestLinkWorksOnce(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, o *office) {
		ctx := t.Context()
		accept := func(l people.Link) error {
			_, err := o.Accept(ctx, people.Acceptance{Secret: l.Secret, Name: "A", Lang: "ja",
				Password: good, From: here})
			return err
		}
		first := o.invite("a@shop.example", shop(access.MerchantOwner))
		second := o.invite("A@shop.example", shop(access.MerchantOwner))
		if !strings.HasPrefix(second.URL, "http://127.0.0.1:8080/account/invitation/wi_") {
			t.Errorf("the link is %s", second.URL)
		}
		o.refused("the first of two", accept(first), people.ErrInvitation)
		elsewhere := o.invite("a@shop.example", bank1(access.AcquirerClerk))
		open, err := o.Invitations(ctx, admin)
		if err != nil || len(open) != 2 {
			t.Errorf("open: %+v, %v", open, err)
		}
		mine, err := o.Invitations(ctx, owner)
		if err != nil || len(mine) != 1 || mine[0].Email != "A@shop.example" {
			t.Errorf("an owner's: %+v, %v", mine, err)
		}
		o.do("the second", accept(second))
		o.refused("again", accept(second), people.ErrInvitation)
		o.refused("who is here", accept(elsewhere), people.ErrTaken)
		gone := o.invite("b@shop.example", shop(access.MerchantOwner))
		o.refused("a stranger withdraws", o.Withdraw(ctx, access.Caller{
			Role: access.Acquirer, ParticipantNo: 2}, gone.ID), people.ErrInvitation)
		o.do("withdraw", o.Withdraw(ctx, owner, gone.ID))
		o.refused("withdrawn", accept(gone), people.ErrInvitation)
		old := o.invite("c@shop.example", shop(access.MerchantOwner))
		o.exec(`update person_invitation set until_us = made_at_us - 1 where ended_at_us is null`)
		o.refused("after seven days", accept(old), people.ErrInvitation)
		o.refused("nonsense", accept(people.Link{Secret: "wi_x"}), people.ErrInvitation)
		bad := []people.Invitation{{Email: "nobody", Place: shop(access.MerchantOwner)},
			{Email: "a b@x.example", Place: shop(access.MerchantOwner)},
			{Email: "d@x.example", Lang: "xx", Place: shop(access.MerchantOwner)},
			{Email: "d@x.example", Name: "a\u202eb", Place: shop(access.MerchantOwner)},
			{Email: "d@x.example", Place: people.Place{Role: access.MerchantOwner,
				ParticipantNo: 1}}}
		for _, in := range bad {
			_, err := o.Invite(ctx, admin, in)
			o.refused(in.Email, err, people.ErrInvalid)
		}
		_, err = o.Invite(ctx, owner, people.Invitation{Email: "d@x.example",
			Place: bank1(access.Acquirer)})
		o.refused("beyond the place", err, people.ErrMayNot)
	})
}

// Goal: nobody alone lets a new operator in, or takes another's place (P11): the link waits for a
// second one; the program's own computer may. Method: two operators.
func TestOperatorsAreLetInByTwo(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, o *office) {
		ctx := t.Context()
		in := people.Invitation{Email: "new@x.example", Place: people.Place{
			Role: access.Operator}}
		link, err := o.Invite(ctx, root, in)
		if err != nil || !link.Waits {
			t.Fatalf("invite: %+v, %v", link, err)
		}
		_, err = o.Invitation(ctx, link.Secret)
		o.refused("before", err, people.ErrInvitationWaits)
		rs, err := o.desk.List(ctx, foureyes.Filter{Kind: people.KindOperator})
		if err != nil || len(rs) != 1 {
			t.Fatalf("changes %+v, %v", rs, err)
		}
		_, err = o.desk.Approve(ctx, rs[0].ID, foureyes.Person{Name: root.Label})
		o.refused("by the maker", err, foureyes.ErrOwn)
		_, err = o.desk.Approve(ctx, rs[0].ID, foureyes.Person{Name: "other@x.example"})
		o.do("by another", err)
		step, err := o.Accept(ctx, people.Acceptance{Secret: link.Secret, Name: "New",
			Lang: "en", Password: good, From: here})
		o.do("accept", err)
		_, out := o.enrol(step)

		reset, err := o.ResetLink(ctx, root, step.Person.ID, false)
		if err != nil || !reset.Waits {
			t.Errorf("reset: %+v, %v", reset, err)
		}
		_, err = o.ResetLink(ctx, root, step.Person.ID, true)
		o.refused("with the second factors", err, people.ErrMayNot)
		o.who(out.Step.Secret)

		again, err := o.InviteOperator(ctx, "command:me", "new@x.example", "")
		if err != nil || again.Waits || !again.Reset {
			t.Fatalf("by command: %+v, %v", again, err)
		}
		fresh, err := o.Accept(ctx, people.Acceptance{Secret: again.Secret,
			Password: good + " 2", From: here})
		if err != nil || fresh.Need != people.NeedEnrol {
			t.Errorf("after the reset: %+v, %v", fresh, err)
		}
		_, _, err = o.Session(ctx, out.Step.Secret)
		o.refused("the old session", err, people.ErrSignedOut)
	})
}

// Goal: a forgotten password is replaced by a link; second factors stay unless they were lost, and
// a lock ends (P10). Method: a clerk with an app.
func TestForgottenPasswordIsReplaced(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, o *office) {
		ctx := t.Context()
		_, out := o.enrol(o.join("a@bank.example", bank1(access.AcquirerClerk)))
		id := out.Step.Person.ID
		for range people.MostWrong {
			_, err := o.signIn("a@bank.example", "wrong wrong wrong")
			o.refused("wrong", err, people.ErrRefused)
		}
		use := func(factors bool, password string) people.Step {
			t.Helper()
			link, err := o.ResetLink(ctx, admin, id, factors)
			o.do("make a link", err)
			shown, err := o.Invitation(ctx, link.Secret)
			if err != nil || !shown.Reset || shown.Email != "a@bank.example" {
				t.Errorf("shown %+v, %v", shown, err)
			}
			step, err := o.Accept(ctx, people.Acceptance{Secret: link.Secret,
				Password: password, From: here})
			o.do("reset", err)
			return step
		}
		if step := use(false, "another good one"); step.Need != people.NeedSecond {
			t.Errorf("with an app: %+v", step)
		}
		_, _, err := o.Session(ctx, out.Step.Secret)
		o.refused("the old session", err, people.ErrSignedOut)
		step, err := o.signIn("a@bank.example", "another good one")
		if err != nil || step.Need != people.NeedSecond {
			t.Errorf("the lock ends: %+v, %v", step, err)
		}
		if step := use(true, "a third good one"); step.Need != people.NeedEnrol {
			t.Errorf("without the app: %+v", step)
		}
	})
}

// Goal: one place has 200 good links at most. Method: 201.
func TestLinksAreLimited(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, o *office) {
		var last error
		for i := range people.MostInvitations + 1 {
			_, last = o.Invite(t.Context(), admin, people.Invitation{
				Email: fmt.Sprintf("a%d@x.example", i), Place: bank1(access.AcquirerViewer)})
		}
		o.refused("one more", last, people.ErrTooMany)
	})
}

// Goal: a number from a form is no way to another's merchant or store (P9). Method: numbers that
// belong to nobody or to others.
func TestPlacesThatAreNotThereAreRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets, func(t *testing.T, d *db.DB) {
		o, ctx := known(t, d), t.Context()
		keys := people.NewKeyring(o.People, access.New(d))
		cashier := shop(access.MerchantCashier)
		id := o.join("a@shop.example", cashier).Person.ID
		for _, at := range []people.Place{{Role: access.MerchantCashier, ParticipantNo: 1,
			MerchantNo: 6}, {Role: access.MerchantCashier, ParticipantNo: 1, MerchantNo: 5,
			StoreNo: 8}} {
			_, err := o.Invite(ctx, admin, people.Invitation{Email: "b@x.example", Place: at})
			o.refused("invite", err, people.ErrPlace)
			o.refused("move", o.SetRole(ctx, admin, id, at), people.ErrPlace)
			_, _, err = keys.Make(ctx, admin, access.Grant{Role: at.Role, ParticipantNo: 1,
				MerchantNo: at.MerchantNo, StoreNo: at.StoreNo, Label: "x"})
			o.refused("make a key", err, people.ErrPlace)
		}
		cashier.StoreNo = 9
		o.do("move", o.SetRole(ctx, admin, id, cashier))
	})
}
