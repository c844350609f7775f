package people

import (
	"context"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

// offer is an invitation with what is not shown.
type offer struct {
	Invitation
	hash     string
	emailKey string
	personID string
	factors  bool
	ended    bool
}

const offerColumns = `id, hash, email, email_key, name, lang, role, participant_no,
	merchant_no, store_no, person_id, factors, waits, made_by, made_at_us, until_us, ended_at_us`

func scanOffer(at time.Time) func(db.Row) (offer, error) {
	return func(r db.Row) (o offer, err error) {
		var factors, waits, made, until int64
		var ended *int64
		err = r.Scan(&o.ID, &o.hash, &o.Email, &o.emailKey, &o.Name, &o.Lang, (*string)(&o.Role),
			&o.ParticipantNo, &o.MerchantNo, &o.StoreNo, &o.personID, &factors, &waits,
			&o.MadeBy, &made, &until, &ended)
		o.factors, o.Waits, o.Reset = factors == 1, waits == 1, o.personID != ""
		o.Made, o.Until = clock.FromMicros(made), clock.FromMicros(until)
		o.ended = ended != nil
		o.Current = !o.ended && o.Until.After(at)
		return o, err
	}
}

// addOffer keeps an invitation. Uses person_invitation_pk.
func addOffer(ctx context.Context, tx *db.Tx, o offer) error {
	_, err := tx.Exec(ctx, `insert into person_invitation (`+offerColumns+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, null)`,
		o.ID, o.hash, o.Email, o.emailKey, o.Name, o.Lang, string(o.Role), o.ParticipantNo,
		o.MerchantNo, o.StoreNo, o.personID, flag(o.factors), flag(o.Waits), o.MadeBy,
		clock.Micros(o.Made), clock.Micros(o.Until))
	return err
}

// offerBySecret returns a good invitation. Uses person_invitation_hash.
//
// Errors: ErrInvitation.
func offerBySecret(ctx context.Context, tx *db.Tx, secret string) (offer, error) {
	gone := ErrInvitation.Newf("the link is not known, was used, or is over")
	if !formed(secret, linkPrefix) {
		return offer{}, gone
	}
	o, err := db.One(ctx, tx, scanOffer(now()), `select `+offerColumns+`
		from person_invitation where hash = $1`, hashOf(secret))
	if err == nil && !o.Current {
		err = gone
	}
	return o, unknown(err, gone)
}

// offerByID returns an invitation. Uses person_invitation_pk.
//
// Errors: ErrInvitation.
func offerByID(ctx context.Context, tx *db.Tx, offerID string) (offer, error) {
	o, err := db.One(ctx, tx, scanOffer(now()), `select `+offerColumns+`
		from person_invitation where id = $1`, offerID)
	return o, unknown(err, ErrInvitation.Newf("there is no invitation %q", offerID))
}

// offerByEmail returns the last good invitation of an address to a bank's own people. Uses
// person_invitation_list.
//
// Errors: db.ErrNoRows.
func offerByEmail(
	ctx context.Context, tx *db.Tx, participantNo int64, key string,
) (offer, error) {
	return db.One(ctx, tx, scanOffer(now()), `select `+offerColumns+`
		from person_invitation where participant_no = $1 and merchant_no = 0
			and email_key = $2 and person_id = '' and waits = 0 and ended_at_us is null
			and until_us > $3
		order by id desc limit 1`, participantNo, key, clock.Micros(now()))
}

// openOffers returns the good invitations of a participant's places, or of a merchant, by id;
// participantNo 0 is the operators'. Uses person_invitation_list.
func openOffers(
	ctx context.Context, tx *db.Tx, participantNo, merchantNo int64, all bool,
) ([]offer, error) {
	at := now()
	return db.All(ctx, tx, scanOffer(at), `select `+offerColumns+` from person_invitation
		where (cast($4 as bigint) = 1 or participant_no = $1)
			and (cast($2 as bigint) = 0 or merchant_no = $2)
			and ended_at_us is null and until_us > $3
		order by id desc limit 1000`, participantNo, merchantNo, clock.Micros(at), flag(all))
}

// countOffers returns how many good invitations a place has. Uses person_invitation_list.
func countOffers(ctx context.Context, tx *db.Tx, at Place) (int, error) {
	return db.One(ctx, tx, scanInt, `select count(*) from person_invitation
		where participant_no = $1 and merchant_no = $2 and ended_at_us is null
			and until_us > $3`, at.ParticipantNo, at.MerchantNo, clock.Micros(now()))
}

// endOffer ends an invitation; false when somebody else was first. Uses person_invitation_pk.
func endOffer(ctx context.Context, tx *db.Tx, offerID string) (bool, error) {
	n, err := tx.Exec(ctx, `update person_invitation set ended_at_us = $2
		where id = $1 and ended_at_us is null`, offerID, clock.Micros(now()))
	return n == 1, err
}

// endOffersTo ends the good links of a person, or of an address at a place, before a new one is
// made. Uses person_invitation_person, or person_invitation_list.
func endOffersTo(ctx context.Context, tx *db.Tx, o offer) error {
	if o.personID != "" {
		_, err := tx.Exec(ctx, `update person_invitation set ended_at_us = $2
			where person_id = $1 and ended_at_us is null`, o.personID, clock.Micros(now()))
		return err
	}
	_, err := tx.Exec(ctx, `update person_invitation set ended_at_us = $4
		where participant_no = $1 and merchant_no = $2 and email_key = $3 and person_id = ''
			and ended_at_us is null`,
		o.ParticipantNo, o.MerchantNo, o.emailKey, clock.Micros(now()))
	return err
}

// approveOffer lets an invitation wait no more; false when it does not. Uses
// person_invitation_pk.
func approveOffer(ctx context.Context, tx *db.Tx, offerID string) (bool, error) {
	n, err := tx.Exec(ctx, `update person_invitation set waits = 0
		where id = $1 and waits = 1 and ended_at_us is null and until_us > $2`, offerID,
		clock.Micros(now()))
	return n == 1, err
}
