package risk

import (
	"cmp"
	"time"

	"watari/kit/clock"
	"watari/kit/money"
)

// Kind is what a counter counts; see the package comment.
type Kind string

// The kinds of counters.
const (
	StoreDay          Kind = "store_day"
	IssuerDay         Kind = "issuer_day"
	IssuerOwed        Kind = "issuer_owed"
	AcquirerNet       Kind = "acquirer_net"
	TerminalFail      Kind = "terminal_fail"
	TerminalPIN       Kind = "terminal_pin"
	TerminalRefundDay Kind = "terminal_refund_day"
	StoreRefundDay    Kind = "store_refund_day"
)

// Kinds are all kinds, as the table's CHECK lists them.
func Kinds() []Kind {
	return []Kind{StoreDay, IssuerDay, IssuerOwed, AcquirerNet, TerminalFail, TerminalPIN,
		TerminalRefundDay, StoreRefundDay}
}

// loose says whether counters of kind k are read without a lock (K6).
func (k Kind) loose() bool { return k == TerminalFail }

// endless says whether counters of kind k may be negative and have no day (K5).
func (k Kind) endless() bool { return k == IssuerOwed || k == AcquirerNet }

// Key names a counter. Day is as the package comment says; keys are made by the functions below.
type Key struct {
	Kind    Kind
	Subject int64
	Day     string
}

// compare orders keys as the table's primary key does (K2).
func compare(a, b Key) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Subject, b.Subject),
		cmp.Compare(a.Day, b.Day))
}

// Day returns the day that a payment or refund at t counts for.
func Day(t time.Time) string { return t.In(clock.JST).Format(time.DateOnly) }

// minute returns the minute that a failure at t counts for.
func minute(t time.Time) string { return t.UTC().Format("2006-01-02T15:04Z") }

// OwedKey names what an issuer owes in a currency.
func OwedKey(issuerNo int64, c money.Currency) Key {
	return Key{IssuerOwed, issuerNo, string(c)}
}

// NetKey names how far an acquirer's refunds are ahead of its payments in a currency.
func NetKey(acquirerNo int64, c money.Currency) Key {
	return Key{AcquirerNet, acquirerNo, string(c)}
}

// FailKey names the failures of a terminal in the minute of t.
func FailKey(terminalNo int64, t time.Time) Key {
	return Key{TerminalFail, terminalNo, minute(t)}
}

// PINKey names the wrong PINs at a terminal on the day of t.
func PINKey(terminalNo int64, t time.Time) Key {
	return Key{TerminalPIN, terminalNo, Day(t)}
}

func storeDay(storeNo int64, t time.Time) Key   { return Key{StoreDay, storeNo, Day(t)} }
func issuerDay(issuerNo int64, t time.Time) Key { return Key{IssuerDay, issuerNo, Day(t)} }

func storeRefundDay(storeNo int64, t time.Time) Key {
	return Key{StoreRefundDay, storeNo, Day(t)}
}

func terminalRefundDay(terminalNo int64, t time.Time) Key {
	return Key{TerminalRefundDay, terminalNo, Day(t)}
}
