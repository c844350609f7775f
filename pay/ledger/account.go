package ledger

import "watari/kit/money"

// Kind is what an account counts.
type Kind string

// The kinds of the scheme's own book (book 0).
const (
	FXPosition         Kind = "fx.position"                // owner 0; what the scheme holds
	FXSpread           Kind = "fx.spread"                  // owner 0; earned by converting
	AcquirerPayable    Kind = "acquirer.payable"           // owner: acquirer
	IssuerReceivable   Kind = "issuer.receivable"          // owner: issuer
	InterchangePayable Kind = "issuer.interchange_payable" // owner: issuer
	SchemeFee          Kind = "scheme.fee"                 // owner 0
	SuspenseReversal   Kind = "suspense.reversal"          // owner: issuer; a yes after the close
	IssuerPromotion    Kind = "issuer.promotion"           // owner: issuer; discounts that it owes
)

// The kinds of an acquirer's book.
const (
	NetworkReceivable Kind = "network.receivable" // owner 0; what the scheme owes the bank
	NetworkFees       Kind = "network.fees"       // owner 0; interchange and scheme fee, an expense
	MerchantPayable   Kind = "merchant.payable"   // owner: merchant
	MDRIncome         Kind = "mdr.income"         // owner 0
	// What a merchant gave away itself: a pair that moves no money and stands in the books to be read.
	MerchantPromotion      Kind = "merchant.promotion"       // owner: merchant
	MerchantPromotionGiven Kind = "merchant.promotion_given" // owner: merchant
)

// Kinds lists every kind with the side on which it normally stands.
var Kinds = map[Kind]Side{
	FXPosition: Debit, FXSpread: Credit, AcquirerPayable: Credit, IssuerReceivable: Debit,
	InterchangePayable: Credit, SchemeFee: Credit, SuspenseReversal: Credit,
	NetworkReceivable: Debit, NetworkFees: Debit, MerchantPayable: Credit, MDRIncome: Credit,
	IssuerPromotion: Debit, MerchantPromotion: Debit, MerchantPromotionGiven: Credit,
}

// Side is where a posting stands.
type Side byte

// The two sides.
const (
	Debit  Side = 'd'
	Credit Side = 'c'
)

// Other returns the opposite side.
func (s Side) Other() Side {
	if s == Debit {
		return Credit
	}
	return Debit
}

// Key finds an account. Book is 0 for the scheme's own, else an acquirer's number.
type Key struct {
	Book     int64
	Kind     Kind
	Owner    int64
	Currency money.Currency
}

// Account is a place where money is counted.
type Account struct {
	No int64
	Key
}

// Posting is one line of a transfer. Minor is positive (L1).
type Posting struct {
	Account Account
	Side    Side
	Minor   int64
}

// Dr is a posting on the debit side.
func Dr(a Account, minor int64) Posting { return Posting{a, Debit, minor} }

// Cr is a posting on the credit side.
func Cr(a Account, minor int64) Posting { return Posting{a, Credit, minor} }
