package signup

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// blob is the sealed part of an application.
type blob struct {
	ID      string   `json:"id"`
	Form    Form     `json:"form"`
	Remarks []Remark `json:"remarks,omitempty"`
	Reason  string   `json:"reason,omitempty"`
}

// close seals what identifies people, before an application is written (U5).
func (s *Service) close(a *row) error {
	text, err := json.Marshal(blob{a.ID, a.Form, a.Remarks, a.Reason})
	if err != nil {
		return fmt.Errorf("write application: %w", err)
	}
	a.sealed = s.Ring.Seal(string(text))
	return nil
}

// open is the reverse of close.
func (s *Service) open(a *row) error {
	text, err := s.Ring.Unseal(a.sealed)
	if err != nil {
		return fmt.Errorf("open application %s: %w", a.ID, err)
	}
	var b blob
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		return fmt.Errorf("read application %s: %w", a.ID, err)
	}
	if b.ID != a.ID {
		return fmt.Errorf("application %s holds what was sealed for %s", a.ID, b.ID)
	}
	a.Form, a.Remarks, a.Reason = b.Form, b.Remarks, b.Reason
	return nil
}

// sealFor seals a text for the row of an id, so that it opens in no other (U5).
func (s *Service) sealFor(id, text string) string { return s.Ring.Seal(id + "\n" + text) }

// openFor is the reverse of sealFor.
func (s *Service) openFor(id, sealed string) (string, error) {
	text, err := s.Ring.Unseal(sealed)
	if err != nil {
		return "", fmt.Errorf("open %s: %w", id, err)
	}
	owner, rest, ok := strings.Cut(text, "\n")
	if !ok || owner != id {
		return "", fmt.Errorf("%s holds what was sealed for another row", id)
	}
	return rest, nil
}

// Redacted returns a without what people outside the bank may not see: who represents the merchant,
// how it is reached, where exactly it is, and its account but for the last digits of the number.
func (a Application) Redacted() Application {
	f := &a.Form
	f.Representative, f.Phone, f.Email = Representative{}, "", ""
	f.Address = Address{Prefecture: f.Address.Prefecture, City: f.Address.City}
	f.Store.Address = Address{Prefecture: f.Store.Address.Prefecture, City: f.Store.Address.City}
	f.Bank = Account{BankCode: f.Bank.BankCode, Number: f.Bank.Hint()}
	a.Remarks, a.Reason, a.Makers, a.Screening.By = nil, "", nil, ""
	return a
}

// addMaker notes who filled the form in (U2); true when nobody knew it.
func (a *Application) addMaker(name string) bool {
	name = strings.TrimSpace(name)
	if slices.ContainsFunc(a.Makers, func(m string) bool { return samePerson(m, name) }) {
		return false
	}
	a.Makers = append(slices.Clone(a.Makers), name)
	return true
}

// made says whether somebody filled the form in.
func (a *Application) made(name string) bool {
	return slices.ContainsFunc(a.Makers, func(m string) bool { return samePerson(m, name) })
}

// samePerson compares names as kit/foureyes does.
func samePerson(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}
