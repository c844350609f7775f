package visitor

import (
	"context"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"watari/kit/db"
)

// RepeatTime is how long a browser that loads its way back from a wallet again gets the same.
const RepeatTime = time.Minute

// answerHash recognises the answer of a wallet.
func answerHash(issuerID string, back url.Values) string {
	return hashOf(issuerID + "\n" + back.Encode())
}

// secretOf is the secret of the session that a trip leads to. It is found again from the trip's
// cookie, which only the browser has: so loading the way back twice makes one session.
func (s *Service) secretOf(ctx context.Context, cookie string) (string, error) {
	key, err := s.hashKey(ctx)
	if err != nil {
		return "", err
	}
	sum, err := hex.DecodeString(keyed(key, "session", 0, cookie))
	if err != nil {
		return "", fmt.Errorf("make the secret of a session: %w", err)
	}
	return sessionPrefix + strings.ToLower(
		base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum)), nil
}

// lookAgain is how often a load looks whether an earlier one is done.
const lookAgain = 100 * time.Millisecond

// again answers a browser that loads the way back once more, with the same answer: browsers inside
// wallets look ahead and load again what they have not shown. It gets the session of the first
// load, for which it waits; the wallet is not asked a second time. Who signed out since is not
// signed in again.
//
// Errors: ErrTrip, also when the first load was refused.
func (s *Service) again(ctx context.Context, t trip, cookie string) (Entry, error) {
	secret, err := s.secretOf(ctx, cookie)
	if err != nil {
		return Entry{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for {
		found, waits, err := s.entered(ctx, secret, cookie)
		switch {
		case err != nil && ctx.Err() == nil:
			return Entry{}, err
		case err == nil && !waits && found.ID != "":
			found.IssuerID, err = s.issuerID(ctx, found.IssuerNo)
			return Entry{Secret: secret, Until: found.until, Visitor: found.Visitor,
				Next: t.Next}, err
		case err == nil && !waits:
			return Entry{}, ErrTrip.Newf("the sign-in was refused, or is over")
		}
		select {
		case <-ctx.Done():
			return Entry{}, ErrTrip.Newf("the sign-in takes too long")
		case <-tick.C:
		}
	}
}

// entered finds the session of a trip; waits tells that the first load is not done.
func (s *Service) entered(
	ctx context.Context, secret, cookie string,
) (found seat, waits bool, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		found, waits = seat{}, false
		step, err := stepOfTrip(ctx, tx, hashOf(cookie))
		if errors.Is(err, db.ErrNoRows) {
			return nil // it was refused
		}
		if err != nil {
			return err
		}
		if waits = step == tripAsked; waits {
			return nil
		}
		found, err = findSeat(ctx, tx, hashOf(secret), s.Now())
		if errors.Is(err, db.ErrNoRows) {
			return nil // signed out since, or forgotten
		}
		return err
	})
	return found, waits, err
}
