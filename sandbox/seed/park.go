package seed

import (
	"context"
	"fmt"

	"watari/kit/db"
	"watari/kit/i18n"
	"watari/pay/party"
	"watari/sandbox/park/site"
)

// The park of the sandbox is a merchant of the bank in Takayama, in Yamanashi.
const (
	parkPrefecture = "19"
	parkMerchant   = "M1950"
	// ParkTickets is the store whose payments the park's tickets are.
	ParkTickets = "S1950"
)

// ParkShops returns the stores of the park: the first sells its tickets, the others are its shops,
// in the order of site.Shops.
func ParkShops() []Shop {
	name := site.Name()
	park := Shop{BankID: bankOf(parkPrefecture), Prefecture: parkPrefecture, MCC: "7996",
		MerchantID: parkMerchant, Merchant: name[i18n.English], MerchantJA: name[i18n.Japanese],
		StoreID: ParkTickets, Store: name[i18n.English] + ", Tickets",
		StoreJA: name[i18n.Japanese] + " チケット", TerminalID: "T1950-1"}
	all := []Shop{park}
	for i, s := range site.Shops() {
		one := park
		no := fmt.Sprintf("%s%d", parkPrefecture, 51+i)
		one.StoreID, one.TerminalID, one.MCC = "S"+no, "T"+no+"-1", s.MCC
		one.Store = s.Name[i18n.English] + ", " + name[i18n.English]
		one.StoreJA = s.Name[i18n.Japanese] + " " + name[i18n.Japanese]
		all = append(all, one)
	}
	return all
}

// ParkShop returns the store of a shop of the park, by the code of its point on the map.
func ParkShop(code string) (Shop, bool) {
	for i, s := range site.Shops() {
		if s.Code == code {
			return ParkShops()[i+1], true
		}
	}
	return Shop{}, false
}

// plantPark adds the park's merchant with its stores and tills.
func (n Network) plantPark(ctx context.Context, tx *db.Tx, acquirerNo int64, pin string) error {
	shops := ParkShops()
	m, err := n.Registry.AddMerchant(ctx, tx, actor, party.Merchant{AcquirerNo: acquirerNo,
		ID: parkMerchant, Name: shops[0].Merchant, NameJA: shops[0].MerchantJA,
		MCC: shops[0].MCC, MDRPPM: mdr(shops[0].MCC)})
	if err != nil {
		return err
	}
	for _, s := range shops {
		if err := n.plantStore(ctx, tx, m.No, s, pin); err != nil {
			return fmt.Errorf("plant %s: %w", s.StoreID, err)
		}
	}
	return nil
}
