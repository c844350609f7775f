package wallet

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
)

// SignInState is how a sign-in stands.
type SignInState string

// The states of a sign-in.
const (
	SignInAsked   SignInState = "asked"
	SignInGiven   SignInState = "given"
	SignInRefused SignInState = "refused"
	SignInUsed    SignInState = "used" // its code was taken
)

const (
	// SignInLife is how long a user may take to answer.
	SignInLife = 10 * time.Minute
	// SignInCodeLife is how long the code of a sign-in is good; it works once.
	SignInCodeLife = 5 * time.Minute
)

// SignIn is a page's wish to know who a user is, by the wallet's id of them.
type SignIn struct {
	ID     string // of the wallet's page, unguessable
	App    string // the application of the network's that asks
	UserID string // "" until a user gave or refused it
	State  SignInState
	// CodeName is the parameter of ReturnURL that the code becomes; RefusedURL is where a user
	// who says no is sent.
	CodeName, ReturnURL, RefusedURL string
	Extra                           string // the front's own data
	Until                           time.Time
	AtUS                            int64

	codeHash string
}

// ErrNoSignIn says that there is no such sign-in to answer, or no such code to take (any more).
var ErrNoSignIn = errors.New("the wallet has no such sign-in")

// SignInPath is the page on which a user answers; the id follows.
const SignInPath = "/sign-in/"

// SignInURL is the page of a sign-in, for the browser that asks for it.
func (p Parts) SignInURL(signInID string) string { return p.BaseURL + SignInPath + signInID }

// AskSignIn keeps a sign-in that a page asks for, and returns it with its ID.
func (w *Wallet) AskSignIn(ctx context.Context, s SignIn) (*SignIn, error) {
	now := clock.Now()
	s.ID, s.State, s.UserID = id.Secret(20), SignInAsked, ""
	s.Until, s.AtUS, s.codeHash = now.Add(SignInLife), clock.Micros(now), ""
	err := w.update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return insertSignIn(ctx, tx, &s)
	})
	return &s, err
}

// SignIn returns a sign-in by its id, or nil.
func (w *Wallet) SignIn(ctx context.Context, id string) (s *SignIn, err error) {
	err = w.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		s, err = readSignIn(ctx, tx, id)
		return err
	})
	return s, err
}

// GiveSignIn is a user's yes. It returns where the browser goes.
//
// Errors: ErrNoSignIn, ErrNoUser.
func (w *Wallet) GiveSignIn(ctx context.Context, userID, signInID string) (string, error) {
	code := id.Secret(20)
	s, err := w.answerSignIn(ctx, userID, signInID, SignInGiven, code)
	if err != nil {
		return "", err
	}
	to, err := url.Parse(s.ReturnURL)
	if err != nil {
		return "", fmt.Errorf("read the way back: %w", err)
	}
	if s.CodeName != "" {
		q := to.Query()
		q.Set(s.CodeName, code)
		to.RawQuery = q.Encode()
	}
	return to.String(), nil
}

// RefuseSignIn is a user's no. It returns where the browser goes.
//
// Errors: ErrNoSignIn, ErrNoUser.
func (w *Wallet) RefuseSignIn(ctx context.Context, userID, signInID string) (string, error) {
	s, err := w.answerSignIn(ctx, userID, signInID, SignInRefused, "")
	if err != nil {
		return "", err
	}
	return s.RefusedURL, nil
}

func (w *Wallet) answerSignIn(
	ctx context.Context, userID, signInID string, to SignInState, code string,
) (*SignIn, error) {
	var s *SignIn
	err := w.update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		now := clock.Now()
		if _, err := loadUser(ctx, tx, userID); errors.Is(err, db.ErrNoRows) {
			return fmt.Errorf("%w: %s", ErrNoUser, userID)
		} else if err != nil {
			return err
		}
		if s, err = loadSignIn(ctx, tx, signInID); err != nil {
			return err
		}
		if s == nil || s.State != SignInAsked || now.After(s.Until) {
			return ErrNoSignIn
		}
		s.UserID, s.State, s.AtUS = userID, to, clock.Micros(now)
		if code != "" {
			s.codeHash, s.Until = signInHash(code), now.Add(SignInCodeLife)
		}
		return saveSignIn(ctx, tx, s)
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// TakeSignIn uses up the code of a sign-in that an application was given, and returns who it
// proves. fits says whether the rest of the request is right; a code that was shown with a wrong
// one is used up all the same.
//
// Errors: ErrNoSignIn.
func (w *Wallet) TakeSignIn(
	ctx context.Context, code string, fits func(*SignIn) bool,
) (*SignIn, error) {
	var s *SignIn
	good := false
	err := w.update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		good = false
		s, err = loadSignInByCode(ctx, tx, signInHash(code))
		if err != nil || s == nil || s.State != SignInGiven {
			return err
		}
		good = clock.Now().Before(s.Until) && fits(s)
		s.State = SignInUsed
		return saveSignIn(ctx, tx, s)
	})
	if err != nil {
		return nil, err
	}
	if !good {
		return nil, ErrNoSignIn
	}
	return s, nil
}

// LetIn tells whether a user has ever let an application know who they are.
func (w *Wallet) LetIn(ctx context.Context, app, userID string) (is bool, err error) {
	err = w.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		is, err = letIn(ctx, tx, app, userID)
		return err
	})
	return is, err
}

// signInHash is what is kept of a code.
func signInHash(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}

// AskerName is the name of the network's page as its users see it.
const AskerName = "Watari"

// returnPath is what the network registered with each wallet as the path to come back to; the
// wallet's id follows.
const returnPath = "/visit/sign-in/back/"

// Registered tells whether an address is the one that the network registered with this wallet for
// browsers to come back to. Where its pages stand is not known here, for a sandbox is found under
// many names; everything else is compared exactly.
func (w *Wallet) Registered(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" &&
		u.User == nil && u.Fragment == "" && u.RawQuery == "" &&
		u.Path == returnPath+w.profile.ID
}

// WithQuery adds parameters to an address, names and values in turn.
func WithQuery(address string, pairs ...string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	q := u.Query()
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	u.RawQuery = q.Encode()
	return u.String()
}
