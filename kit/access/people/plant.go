package people

import (
	"context"
	"fmt"

	"watari/kit/db"
	"watari/kit/id"
)

// Plant adds somebody of a sandbox with a password, without an invitation. Somebody whose address
// is here already stays as they are. It returns when tx commits.
//
// Errors: ErrInvalid, ErrPassword, ErrBusy.
func (p *People) Plant(
	ctx context.Context, tx *db.Tx, actor string, who Person, password string,
) error {
	if !p.Sandbox {
		return fmt.Errorf("people: only a sandbox plants people")
	}
	in := Invitation{Email: who.Email, Name: who.Name, Lang: who.Lang, Place: who.Place}
	if err := checkInvitation(&in); err != nil {
		return err
	}
	key := emailKey(in.Email)
	plain, err := checkPassword(password, key, "/password")
	if err != nil {
		return err
	}
	phc, err := p.hashing.hash(ctx, plain)
	if err != nil {
		return err
	}
	a := account{Person: who, emailKey: key, password: phc}
	a.ID, a.Name, a.Lang, a.Created = id.New("per", 0), in.Name, in.Lang, now()
	fresh, err := addPerson(ctx, tx, a)
	if err != nil || !fresh {
		return err
	}
	return p.note(ctx, tx, "person.joined", a.ID, a.Place, actor, fact{"role": a.Role,
		"merchant_no": a.MerchantNo, "store_no": a.StoreNo})
}

// Known tells whether somebody who has not ended has an address.
func (p *People) Known(ctx context.Context, email string) (bool, error) {
	a, err := p.byEmail(ctx, emailKey(email))
	return a.ID != "", err
}
