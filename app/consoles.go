package app

import (
	"context"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/i18n"
	"watari/kit/web"
	"watari/sandbox/seed"
	"watari/ui/account"
	"watari/ui/console"
)

// registerConsoles mounts the pages of people who sign in.
func registerConsoles(w *web.Server, n *node, done <-chan struct{}) {
	c := console.Config{Sessions: sessions{n.people}, Sandbox: n.sandbox, Done: done,
		Logger: n.logger}
	own := account.Config{Console: c, People: n.people, Banks: n.gate, Where: n.where}
	if n.sandbox {
		own.Logins = n.logins
	}
	account.New(own).Mount(w)
	registerOperator(w, n, c)
	registerAcquirer(w, n, c)
	registerMerchant(w, n, c)
	registerPark(w, n, c)
}

// sessions tells consoles who signed in.
type sessions struct{ people *people.People }

// Session finds the person of a session.
func (s sessions) Session(ctx context.Context, secret string) (
	access.Caller, console.Person, error,
) {
	caller, who, err := s.people.Session(ctx, secret)
	return caller, console.Person{ID: who.ID, Email: who.Email, Name: who.Name,
		Lang: who.Lang}, err
}

// where names the place that somebody works at, as the head of every page shows it: the shop of
// people of a shop, the bank of people of a bank, nothing for operators.
func (n *node) where(ctx context.Context, c access.Caller, lang i18n.Lang) (string, error) {
	switch {
	case c.StoreNo != 0:
		p, err := n.directory.Store(ctx, c.StoreNo)
		if lang == i18n.Japanese && p.Store.NameJA != "" {
			return p.Store.NameJA, err
		}
		return p.Store.Name, err
	case c.MerchantNo != 0:
		m, err := n.directory.Merchant(ctx, c.MerchantNo)
		if lang == i18n.Japanese && m.NameJA != "" {
			return m.NameJA, err
		}
		return m.Name, err
	case c.ParticipantNo != 0:
		p, err := n.directory.Participant(ctx, c.ParticipantNo)
		return p.Name, err
	default:
		return "", nil
	}
}

// logins are the people whom everybody may be in a sandbox.
func (n *node) logins(ctx context.Context) (list []account.Login, err error) {
	for _, l := range seed.Logins() {
		who := account.Login{Role: l.Role, Email: l.Email, Password: seed.Password}
		if shop, ok := l.Shop(); ok {
			who.Where = shop.Merchant
		} else if l.BankID != "" {
			bank, err := n.directory.ByID(ctx, l.BankID)
			if err != nil {
				return nil, err
			}
			who.Where = bank.Name
		}
		list = append(list, who)
	}
	return list, nil
}
