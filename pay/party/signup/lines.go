package signup

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"watari/kit/fault"
	"watari/pay/party"
)

// entry is one line of a file as a form.
type entry struct {
	no   int
	form Form
}

// book is a file whose lines are being checked.
type book struct {
	entries []entry
	wrong   mistakes
	first   map[string]int    // merchant id to its first entry
	stores  map[[2]string]int // merchant and store id to the line
	ill     map[string]int    // merchant id to the line that is wrong
	at      time.Time
}

func newBook(at time.Time, wrong mistakes) *book {
	return &book{wrong: wrong, first: map[string]int{}, stores: map[[2]string]int{},
		ill: map[string]int{}, at: at}
}

// take checks one line.
func (b *book) take(l line) {
	var f Form
	bare := true // nothing is said of the merchant but its id
	before := b.wrong.count
	for i, c := range columns {
		cell := l.cells[i]
		if c.Of == ofMerchant && c.pointer != merchantPointer && strings.TrimSpace(cell) != "" {
			bare = false
		}
		if mistake := c.set(&f, cell); mistake != "" {
			b.wrong.add(l.no, c.Name, mistake)
		}
	}
	if b.wrong.count > before {
		b.spoil(l.no, f.MerchantID) // a form of cells that were not read would only repeat it
		return
	}
	if ill, is := b.ill[f.MerchantID]; is && bare {
		b.wrong.add(l.no, "merchant_id", "the merchant's line "+strconv.Itoa(ill)+" is wrong")
		return
	}
	first, known := b.first[f.MerchantID]
	known = known && f.MerchantID != ""
	if known && bare {
		f = b.entries[first].form.withStore(f)
	}
	f, err := Check(f, true, b.at)
	b.blame(l.no, err)
	if licensed(f.MCC) || licensed(f.Store.MCC) {
		if f.LicenceNumber == "" {
			mcc := f.MCC
			if !licensed(mcc) {
				mcc = f.Store.MCC
			}
			b.wrong.add(l.no, "licence_number", "is needed: "+categories[mcc].Why)
		}
	}
	if known && b.entries[first].form.withStore(Form{}) != f.withStore(Form{}) {
		b.wrong.add(l.no, "merchant_id", fmt.Sprintf(
			"the merchant of line %d says something else of itself", b.entries[first].no))
	}
	if b.wrong.count == before {
		b.shop(l.no, &f)
	}
	if b.wrong.count == before {
		b.enter(l.no, f)
		return
	}
	b.spoil(l.no, f.MerchantID)
}

// spoil notes that the line of a merchant is wrong.
func (b *book) spoil(no int, merchantID string) {
	if _, is := b.ill[merchantID]; !is && merchantID != "" {
		b.ill[merchantID] = no
	}
}

const merchantPointer = "/merchant_id"

// shop looks at what the directory would say.
func (b *book) shop(no int, f *Form) {
	f.nameIDs()
	s := f.shop(party.Open)
	var e *fault.Error
	if err := s.Clean(); errors.As(err, &e) {
		b.blame(no, pointed(e, party.ErrInvalid, map[string]string{
			"/merchant/id": merchantPointer, "/merchant": "", "/stores/0/terminals/0": "/terminal",
			"/stores/0": "/store"}))
	}
	key := [2]string{f.MerchantID, f.Store.ID}
	if other, twice := b.stores[key]; twice {
		b.wrong.add(no, "store_id", "stands in line "+strconv.Itoa(other)+" already")
	}
	b.stores[key] = no
}

// enter keeps a line that is right.
func (b *book) enter(no int, f Form) {
	if _, known := b.first[f.MerchantID]; !known {
		b.first[f.MerchantID] = len(b.entries)
	}
	b.entries = append(b.entries, entry{no, f})
}

// withStore is a form with the store and terminal of another.
func (f Form) withStore(of Form) Form {
	f.Store, f.Terminal = of.Store, of.Terminal
	return f
}

// blame notes the fields of an error under the names of their columns.
func (b *book) blame(no int, err error) {
	if err == nil {
		return
	}
	var e *fault.Error
	if !errors.As(err, &e) || len(e.Fields) == 0 {
		b.wrong.add(no, "", err.Error())
		return
	}
	for _, f := range e.Fields {
		name := f.Pointer
		for _, c := range columns {
			if c.pointer == f.Pointer {
				name = c.Name
			}
		}
		text := f.Detail
		if e.Problem == ErrCategory {
			text = e.Detail
		}
		b.wrong.add(no, name, text)
	}
}

// group puts the entries of a merchant together, in the order of their first lines.
func (b *book) group() (shops []party.Shop, of [][]int) {
	place := map[string]int{}
	for i := range b.entries {
		f := &b.entries[i].form
		at, known := place[f.MerchantID]
		if !known {
			at = len(shops)
			place[f.MerchantID] = at
			s := f.shop(party.Open)
			s.Branches = nil
			shops, of = append(shops, s), append(of, nil)
		}
		shops[at].Branches = append(shops[at].Branches, f.branch())
		of[at] = append(of[at], i)
	}
	return shops, of
}

// ids are the references of the merchants, each once.
func (b *book) ids() []string {
	ids := make([]string, 0, len(b.first))
	for id := range b.first {
		ids = append(ids, id)
	}
	return ids
}
