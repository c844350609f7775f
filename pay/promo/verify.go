package promo

import "watari/pay/ledger"

// Expected is what the postings of a discount come to by account, debits positive, for comparing
// with ledger.Booked.Net. It is written from the table of the package's story, not from the code
// that posts. byKey finds accounts by their keys.
func Expected(byKey map[ledger.Key]int64, p Parties, s Shares) map[int64]int64 {
	net := map[int64]int64{}
	put := func(book int64, kind ledger.Kind, owner, minor int64) {
		if minor != 0 {
			net[byKey[ledger.Key{Book: book, Kind: kind, Owner: owner, Currency: Yen}]] += minor
		}
	}
	put(0, ledger.IssuerPromotion, p.IssuerNo, s.Wallet)
	put(0, ledger.AcquirerPayable, p.AcquirerNo, -s.Wallet)
	put(p.AcquirerNo, ledger.NetworkReceivable, 0, s.Wallet)
	put(p.AcquirerNo, ledger.MerchantPayable, p.MerchantNo, -s.Wallet)
	put(p.AcquirerNo, ledger.MerchantPromotion, p.MerchantNo, s.Merchant)
	put(p.AcquirerNo, ledger.MerchantPromotionGiven, p.MerchantNo, -s.Merchant)
	return net
}

// Same says whether what is booked is what is expected; an account that comes to zero counts as
// absent.
func Same(booked, expected map[int64]int64) bool {
	for no, minor := range booked {
		if expected[no] != minor {
			return false
		}
	}
	for no, minor := range expected {
		if booked[no] != minor {
			return false
		}
	}
	return true
}
