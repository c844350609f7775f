package payment

import (
	"context"
	"strconv"
	"strings"
	"time"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/pay/party"
)

// Who may do what. A terminal and the people and systems of a merchant reach only what is theirs;
// a cashier reads today's payments, and takes and returns money on the pages of the till.
var (
	bankRoles = []access.Role{access.Acquirer, access.AcquirerClerk, access.AcquirerViewer}
	shopRoles = []access.Role{access.MerchantOwner, access.MerchantManager}

	// takers may take payments and make orders, givers give money back.
	takers  = append([]access.Role{access.Acquirer, access.Terminal}, shopRoles...)
	givers  = append([]access.Role{access.AcquirerClerk}, takers...)
	readers = append(append([]access.Role{access.Terminal, access.MerchantCashier},
		bankRoles...), shopRoles...)
	// insiders see the postings, which show what a bank pays for its shops.
	insiders = append([]access.Role{access.Terminal}, bankRoles...)
)

// space is what stands before the request ids of a merchant's callers where they are kept, so that
// those of two merchants of one bank, and the bank's own, never meet. No id that a caller names
// has a blank in it.
func space(c access.Caller) string {
	if c.MerchantNo == 0 {
		return ""
	}
	return "m" + strconv.FormatInt(c.MerchantNo, 10) + " "
}

// ownID is a request id as its caller named it.
func ownID(requestID string) string {
	before, own, spaced := strings.Cut(requestID, " ")
	no, merchants := strings.CutPrefix(before, "m")
	if _, err := strconv.ParseUint(no, 10, 63); !spaced || !merchants || err != nil {
		return requestID
	}
	return own
}

// sees says whether a caller may see a payment of its bank.
func (s *Service) sees(c access.Caller, p *Payment) bool {
	switch {
	case c.MerchantNo != 0 && c.MerchantNo != p.MerchantNo:
		return false
	case c.StoreNo != 0 && c.StoreNo != p.StoreNo:
		return false
	case c.Role == access.MerchantCashier:
		return !p.Created.Before(s.today())
	}
	return true
}

// today is when the day began in Japan.
func (s *Service) today() time.Time {
	y, m, d := s.now().In(clock.JST).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, clock.JST)
}

// ownStore holds a request of a merchant's caller to its own stores, and returns the id of the
// merchant whose store is meant. For others it is what they named.
//
// Errors: party.ErrMerchantUnknown, party.ErrStoreUnknown: another party's is answered as one that
// is not there.
func (s *Service) ownStore(
	ctx context.Context, merchantID, storeID string,
) (string, error) {
	c, _ := access.FromContext(ctx)
	if c.MerchantNo == 0 {
		return merchantID, nil
	}
	m, err := s.directory.Merchant(ctx, c.MerchantNo)
	if err != nil {
		return "", err
	}
	if merchantID != "" && merchantID != m.ID {
		return "", party.ErrMerchantUnknown.Newf("the acquirer has no merchant %q", merchantID)
	}
	point, err := s.directory.Point(ctx, c.ParticipantNo, m.ID, storeID, "")
	if err == nil && c.StoreNo != 0 && point.Store.No != c.StoreNo {
		err = party.ErrStoreUnknown.Newf("the merchant has no store %q", storeID)
	}
	return m.ID, err
}

// storeNamed finds the store that a caller's filter names.
func (s *Service) storeNamed(
	ctx context.Context, c access.Caller, storeID string,
) (party.Point, error) {
	merchantID, err := s.ownStore(ctx, "", storeID)
	if err != nil {
		return party.Point{}, err
	}
	if merchantID != "" {
		return s.directory.Point(ctx, c.ParticipantNo, merchantID, storeID, "")
	}
	return s.directory.StoreByID(ctx, c.ParticipantNo, storeID)
}

// discreet takes out of the fees what only the bank knows.
func discreet(ctx context.Context, f *FeesOf) {
	if c, _ := access.FromContext(ctx); c.MerchantNo != 0 {
		f.Interchange, f.Scheme = 0, 0
	}
}
