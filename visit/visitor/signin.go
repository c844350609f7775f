package visitor

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/i18n"
	"watari/kit/id"
	"watari/pay/link"
	"watari/pay/party"
)

// Wallets are those that people can sign in with now, by name.
func (s *Service) Wallets(ctx context.Context) ([]Wallet, error) {
	all, err := s.Directory.Wallets(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the wallets: %w", err)
	}
	var list []Wallet
	for _, w := range all {
		if w.Issuer.Status != party.Open {
			continue
		}
		if one, ok := s.offer(w.Issuer); ok {
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b Wallet) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.IssuerID, b.IssuerID))
	})
	return list, nil
}

// offer says how people sign in with a wallet; false when they cannot.
func (s *Service) offer(p party.Participant) (Wallet, bool) {
	in := s.SignIns[p.Connector]
	if in == nil {
		return Wallet{}, false
	}
	offered, insideOnly := in.Offered(p.ID)
	return Wallet{IssuerNo: p.No, IssuerID: p.ID, Name: p.Name, Connector: p.Connector,
		InsideOnly: insideOnly}, offered
}

// wallet finds one that people can sign in with.
//
// Errors: ErrWalletUnknown.
func (s *Service) wallet(
	ctx context.Context, issuerID string,
) (party.Participant, Wallet, error) {
	p, err := s.Directory.ByID(ctx, issuerID)
	if errors.Is(err, party.ErrParticipantUnknown) {
		return p, Wallet{}, ErrWalletUnknown.Newf("nobody signs in with this wallet")
	}
	if err != nil {
		return p, Wallet{}, fmt.Errorf("find the wallet: %w", err)
	}
	w, ok := s.offer(p)
	if !ok || p.Status != party.Open {
		return p, w, ErrWalletUnknown.Newf("nobody signs in with this wallet")
	}
	return p, w, nil
}

// trip is what is kept while a browser is at its wallet.
type trip struct {
	Issuer string          `json:"issuer"`
	Next   string          `json:"next"`
	Lang   i18n.Lang       `json:"lang"`
	Link   link.SignInTrip `json:"link"`
}

// stateBytes is how much chance is in a state and a nonce: 192 bits.
const stateBytes = 24

// Begin starts a sign-in (V2).
//
// Errors: ErrWalletUnknown, ErrInsideOnly, ErrWallet.
func (s *Service) Begin(ctx context.Context, b Beginning) (Start, error) {
	p, w, err := s.wallet(ctx, b.IssuerID)
	if err != nil {
		return Start{}, err
	}
	if w.InsideOnly && !b.Inside {
		return Start{}, ErrInsideOnly.Newf("open the page inside %s", w.Name)
	}
	t := trip{Issuer: p.ID, Next: OwnPath(b.Next), Lang: b.Lang, Link: link.SignInTrip{
		IssuerID: p.ID, BaseURL: p.BaseURL, PageURL: s.PageURL(p.BaseURL),
		State: id.Secret(stateBytes), Nonce: id.Secret(stateBytes),
		Verifier: id.Secret(secretBytes), ReturnURL: b.ReturnURL, Inside: b.Inside,
		Lang: string(b.Lang)}}
	to, err := s.SignIns[p.Connector].Start(ctx, t.Link)
	if err != nil {
		return Start{}, s.told(err)
	}
	text, err := json.Marshal(t)
	if err != nil {
		return Start{}, fmt.Errorf("write the trip: %w", err)
	}
	if s.trips.Load() >= TripsMax {
		return Start{}, ErrWallet.Newf("too many people sign in at once")
	}
	cookie, now := newSecret(tripPrefix), s.Now()
	err = s.change(ctx, "begin a sign-in", func(ctx context.Context, tx *db.Tx) error {
		return addTrip(ctx, tx, hashOf(cookie), s.Ring.Seal(string(text)), now.Add(TripTime))
	})
	if err != nil {
		return Start{}, err
	}
	s.trips.Add(1)
	return Start{URL: to, Cookie: cookie}, nil
}

// told turns what a connector says into one of our problems.
func (s *Service) told(err error) error {
	if errors.Is(err, link.ErrSignInDenied) {
		return ErrDenied.Newf("the wallet said no").Because(err)
	}
	return ErrWallet.Newf("the wallet did not answer as it should").Because(err)
}

// Finish takes what a wallet sent a browser back with. issuerID is the wallet whose return address
// the browser came to; cookie is that of Begin. When it is refused, Entry.Next says where the
// visitor wanted to go, as far as that is known. The same once more within RepeatTime is the same
// entry. It is done even when ctx ends meanwhile: the browser may be loading it again.
//
// Errors: ErrTrip, ErrDenied, ErrWallet, ErrWalletUnknown.
func (s *Service) Finish(
	ctx context.Context, cookie, issuerID string, back url.Values,
) (Entry, error) {
	t, repeated, err := s.takeTrip(ctx, cookie, answerHash(issuerID, back))
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	if repeated {
		e, err = s.again(ctx, t, cookie)
	} else {
		ctx = context.WithoutCancel(ctx)
		e, err = s.finish(ctx, t, cookie, issuerID, back)
		if err != nil {
			err = errors.Join(err, s.endTrip(ctx, cookie))
		}
	}
	if err != nil {
		e = Entry{Next: t.Next}
	}
	return e, err
}

// finish believes what came back or not. All of this costs the same whether it is right or wrong,
// and the trip is used up by now.
func (s *Service) finish(
	ctx context.Context, t trip, cookie, issuerID string, back url.Values,
) (Entry, error) {
	if issuerID != t.Issuer {
		return Entry{}, ErrTrip.Newf("the answer came from another wallet")
	}
	for _, values := range back {
		if len(values) != 1 {
			return Entry{}, ErrTrip.Newf("the answer says a thing twice")
		}
	}
	if subtle.ConstantTimeCompare([]byte(back.Get("state")), []byte(t.Link.State)) != 1 {
		return Entry{}, ErrTrip.Newf("the answer belongs to another sign-in")
	}
	p, _, err := s.wallet(ctx, t.Issuer)
	if err != nil {
		return Entry{}, err
	}
	called, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	who, err := s.SignIns[p.Connector].Finish(called, t.Link, back)
	if err != nil {
		return Entry{}, s.told(err)
	}
	if who.ID == "" || len(who.ID) > idMax || len(who.App) > idMax || len(who.Customer) > idMax ||
		!utf8.ValidString(who.ID+who.App+who.Customer) {
		return Entry{}, ErrWallet.Newf("the wallet named nobody")
	}
	return s.enter(ctx, p, t, cookie, who)
}

// idMax is the longest id of a wallet, in bytes.
const idMax = 256

// takeTrip uses up a trip (V2); repeated tells that it was used with the same answer just now.
//
// Errors: ErrTrip.
func (s *Service) takeTrip(ctx context.Context, cookie, answer string) (
	t trip, repeated bool, err error,
) {
	if !formed(cookie, tripPrefix) {
		return t, false, ErrTrip.Newf("this browser was not sent to a wallet")
	}
	var text string
	err = s.change(ctx, "end a trip", func(ctx context.Context, tx *db.Tx) (err error) {
		now := s.Now()
		repeated = false
		text, err = useTrip(ctx, tx, hashOf(cookie), answer, now, now.Add(RepeatTime))
		if errors.Is(err, db.ErrNoRows) {
			repeated = true
			text, err = usedTrip(ctx, tx, hashOf(cookie), answer, now)
		}
		if errors.Is(err, db.ErrNoRows) {
			return ErrTrip.Newf("the sign-in was finished already, or took too long")
		}
		return err
	})
	if err != nil {
		return t, false, err
	}
	plain, err := s.Ring.Unseal(text)
	if err != nil {
		return t, false, fmt.Errorf("open a trip: %w", err)
	}
	if err := json.Unmarshal([]byte(plain), &t); err != nil {
		return t, false, fmt.Errorf("read a trip: %w", err)
	}
	return t, repeated, nil
}

// endTrip removes a trip that led nowhere.
func (s *Service) endTrip(ctx context.Context, cookie string) error {
	return s.change(ctx, "end a trip", func(ctx context.Context, tx *db.Tx) error {
		return dropTrip(ctx, tx, hashOf(cookie))
	})
}

// enter makes the visitor known, and the browser theirs.
func (s *Service) enter(
	ctx context.Context, p party.Participant, t trip, cookie string, who link.SignInSubject,
) (Entry, error) {
	key, err := s.hashKey(ctx)
	if err != nil {
		return Entry{}, err
	}
	subject, err := json.Marshal([]string{who.App, who.ID})
	if err != nil {
		return Entry{}, fmt.Errorf("write who it is: %w", err)
	}
	if err := s.startPlace(ctx); err != nil {
		return Entry{}, err
	}
	now := s.Now()
	fresh := row{Visitor: Visitor{ID: id.New("vis", 0), IssuerNo: p.No, IssuerID: p.ID,
		SubjectHash: subjectHash(key, p.No, who.App, who.ID), Name: clean(who.Name),
		Lang: t.Lang, Created: now, Seen: now}, subject: s.Ring.Seal(string(subject)),
		customerHash: customerHash(key, p.No, who.Customer)}
	e := Entry{Until: clock.FromMicros(micros(now.Add(SessionTime))), Next: t.Next}
	if e.Secret, err = s.secretOf(ctx, cookie); err != nil {
		return Entry{}, err
	}
	for range enterTries {
		if err = s.admit(ctx, p, fresh, key, hashOf(cookie), &e, now); !db.IsUnique(err) {
			break
		}
	}
	return e, err
}

// enterTries is how often an entry is tried: the same user may come for the first time with two
// phones at once, and is known then at the second try.
const enterTries = 3

// admit keeps a visitor with a new session, to which the trip of a hash led.
func (s *Service) admit(
	ctx context.Context, p party.Participant, fresh row, key []byte, trip string, e *Entry,
	now time.Time,
) error {
	return s.change(ctx, "sign in", func(ctx context.Context, tx *db.Tx) error {
		was, err := upsertVisitor(ctx, tx, fresh)
		if err != nil {
			return err
		}
		if err := enterTrip(ctx, tx, trip); err != nil {
			return err
		}
		was.IssuerID = p.ID
		e.Visitor, e.First = was, was.ID == fresh.ID
		if err := addSession(ctx, tx, hashOf(e.Secret), was.ID, now, e.Until); err != nil {
			return err
		}
		if !e.First {
			return nil
		}
		if err := s.pass(ctx, tx, key, &was, false); err != nil {
			return err
		}
		return s.note(ctx, tx, "visitor.known", was.ID)
	})
}

// clean makes a name that can be shown: one line, not too long.
func clean(name string) string {
	name = strings.Join(strings.Fields(strings.ToValidUTF8(name, "")), " ")
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, name)
	if utf8.RuneCountInString(name) > NameMax {
		name = string([]rune(name)[:NameMax])
	}
	return name
}

// micros is a time of the wall as it is kept.
var micros = clock.Micros
