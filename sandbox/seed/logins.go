package seed

import (
	"context"
	"errors"
	"fmt"

	"watari/kit/access"
	"watari/kit/access/people"
	"watari/kit/db"
	"watari/pay/party"
)

// Password is the one of everybody who signs in to a sandbox.
const Password = "watari-sandbox"

// Login is somebody who signs in to the sandbox's consoles with Password.
type Login struct {
	Role   access.Role
	Email  string
	Name   string
	BankID string // "" for operators
	// Prefecture chooses the merchant of an owner, manager or cashier: that of its first shop.
	Prefecture string
	// Merchant is the merchant instead, by the bank's reference.
	Merchant string
}

// Logins returns who signs in: the operator, three people of the bank in Takayama, a clerk of the
// one in Kyoto, three people of a restaurant in Takayama, the owner of a shop in Kyoto, and two
// people of the park.
func Logins() []Login {
	hida, rakuto := Banks()[0].ID, Banks()[1].ID
	return []Login{
		{access.Operator, "operator@watari.example", "渡辺 操", "", "", ""},
		{access.Acquirer, "admin@hida-miyagawa.example", "宮川 恵子", hida, "", ""},
		{access.AcquirerClerk, "clerk@hida-miyagawa.example", "古川 健", hida, "", ""},
		{access.AcquirerViewer, "viewer@hida-miyagawa.example", "神岡 実", hida, "", ""},
		{access.AcquirerClerk, "clerk@rakuto-shirakawa.example", "白川 由美", rakuto, "", ""},
		{access.MerchantOwner, "owner@iroriya.example", "岩滝 正", hida, "21", ""},
		{access.MerchantManager, "manager@iroriya.example", "岩滝 さくら", hida, "21", ""},
		{access.MerchantCashier, "cashier@iroriya.example", "森 大輔", hida, "21", ""},
		{access.MerchantOwner, "owner@rakuchu.example", "中京 涼子", rakuto, "26", ""},
		{access.MerchantOwner, "owner@kogen-park.example", "富士田 楓", hida, "", parkMerchant},
		{access.MerchantCashier, "gate@kogen-park.example", "大月 翼", hida, "", parkMerchant},
	}
}

// Shop returns the shop where somebody of a merchant works; false for others.
func (l Login) Shop() (Shop, bool) {
	for _, s := range All() {
		if s.BankID == l.BankID && (l.Merchant != "" && s.MerchantID == l.Merchant ||
			l.Prefecture != "" && s.Prefecture == l.Prefecture) {
			return s, true
		}
	}
	return Shop{}, false
}

// welcomed tells whether everybody who signs in is there.
func (n Network) welcomed(ctx context.Context) (bool, error) {
	for _, l := range Logins() {
		there, err := n.People.Known(ctx, l.Email)
		if err != nil || !there {
			return false, err
		}
	}
	return true, nil
}

// welcome adds the people who sign in and are not there.
func (n Network) welcome(ctx context.Context) error {
	for _, l := range Logins() {
		at, err := n.placeOf(ctx, l)
		if err != nil {
			return fmt.Errorf("find the place of %s: %w", l.Email, err)
		}
		err = n.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			return n.People.Plant(ctx, tx, actor, people.Person{Email: l.Email, Name: l.Name,
				Lang: "ja", Place: at}, Password)
		})
		if err != nil {
			return fmt.Errorf("plant %s: %w", l.Email, err)
		}
	}
	n.Log.Wake()
	return nil
}

// placeOf looks a login's bank and merchant up.
func (n Network) placeOf(ctx context.Context, l Login) (people.Place, error) {
	at := people.Place{Role: l.Role}
	if l.BankID == "" {
		return at, nil
	}
	bank, err := n.Directory.ByID(ctx, l.BankID)
	if err != nil {
		return at, err
	}
	at.ParticipantNo = bank.No
	if l.Prefecture == "" && l.Merchant == "" {
		return at, nil
	}
	s, ok := l.Shop()
	if !ok {
		return at, errors.New("no shop in that prefecture")
	}
	var point party.Point
	if point, err = n.Directory.Point(ctx, bank.No, s.MerchantID, s.StoreID, ""); err == nil {
		at.MerchantNo = point.Merchant.No
	}
	return at, err
}
