package people

import (
	"context"
	"fmt"
	"slices"

	"watari/kit/access"
)

// Manageable returns the roles that by may invite, the widest first; none: by invites nobody.
func Manageable(by access.Caller) []access.Role {
	switch by.Role {
	case access.Operator:
		return []access.Role{access.Operator, access.Acquirer}
	case access.Acquirer:
		return []access.Role{access.Acquirer, access.AcquirerClerk, access.AcquirerViewer,
			access.MerchantOwner, access.MerchantManager, access.MerchantCashier}
	case access.AcquirerClerk:
		return []access.Role{access.MerchantOwner}
	case access.MerchantOwner:
		return []access.Role{access.MerchantOwner, access.MerchantManager,
			access.MerchantCashier}
	case access.MerchantManager:
		return []access.Role{access.MerchantCashier}
	}
	return nil
}

// mayInvite tells whether by may invite somebody to a place.
func mayInvite(by access.Caller, to Place) bool {
	return slices.Contains(Manageable(by), to.Role) && within(by, to)
}

// May tells whether by may change somebody: role, end, unlock, reset. Nobody changes themselves
// so, and a clerk, who may invite owners, does not change them.
func May(by access.Caller, who Person) bool {
	return by.Role != access.AcquirerClerk && mayInvite(by, who.Place) &&
		(by.PersonID == "" || by.PersonID != who.ID)
}

// maySee tells whether by may see somebody.
func maySee(by access.Caller, at Place) bool {
	switch by.Role {
	case access.MerchantCashier, access.Terminal:
		return false
	}
	return within(by, at)
}

// within tells whether a place lies in that of by.
func within(by access.Caller, at Place) bool {
	if by.Role == access.Operator {
		return true
	}
	return by.ParticipantNo > 0 && at.ParticipantNo == by.ParticipantNo &&
		(by.MerchantNo == 0 || at.MerchantNo == by.MerchantNo) &&
		(by.StoreNo == 0 || at.StoreNo == by.StoreNo)
}

// mayMove tells whether a person may be moved: from one role of the operators, of one bank or of
// one merchant to another of the same. Whoever belongs elsewhere is invited there.
func mayMove(from, to Place) bool {
	return from.ParticipantNo == to.ParticipantNo && from.MerchantNo == to.MerchantNo &&
		(from.Role == access.Operator) == (to.Role == access.Operator)
}

// placeOf is where a caller is.
func placeOf(by access.Caller) Place {
	return Place{Role: by.Role, ParticipantNo: by.ParticipantNo, MerchantNo: by.MerchantNo,
		StoreNo: by.StoreNo}
}

// exists refuses a place that is not there.
//
// Errors: ErrPlace.
func (p *People) exists(ctx context.Context, at Place) error {
	if p.Exists == nil {
		return nil
	}
	ok, err := p.Exists(ctx, at)
	if err != nil {
		return fmt.Errorf("look for the place: %w", err)
	}
	if !ok {
		return ErrPlace.Newf("there is no such bank, merchant or store")
	}
	return nil
}
