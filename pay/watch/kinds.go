package watch

import "slices"

// Kind is what sort of thing an alert is about.
type Kind string

// The kinds of alerts, with what stands in Subject.
const (
	LedgerClosed  Kind = "ledger.closed"   // "ledger"
	WalletDown    Kind = "wallet.down"     // the wallet's id
	WalletFailing Kind = "wallet.failing"  // the wallet's id
	LegStuck      Kind = "leg.stuck"       // the leg's id
	CapNear       Kind = "cap.near"        // participant, role and currency
	DayNear       Kind = "day_limit.near"  // the wallet's id
	RatesStale    Kind = "rates.stale"     // the currency
	KeyEnding     Kind = "key.ending"      // participant and version
	ChangeWaiting Kind = "change.waiting"  // the change's id
	NoticeGivenUp Kind = "notice.given_up" // the bank's id
	HookGivenUp   Kind = "webhook.given_up"
	ReturnsOwed   Kind = "returns.owed" // the bank's id; of what visitors bought of its shops

	LegDisagrees     Kind = "leg.disagrees" // the payment's id, as in all below
	RefundStuck      Kind = "refund.stuck"
	RefundMismatch   Kind = "refund.mismatch"
	RefundDisagrees  Kind = "refund.disagrees"
	CaptureStuck     Kind = "capture.stuck"
	CaptureMismatch  Kind = "capture.mismatch"
	CaptureDisagrees Kind = "capture.disagrees"
	Quarantined      Kind = "payment.quarantined"
)

// Severity is how much an alert matters.
type Severity string

// The severities, the gravest first.
const (
	Urgent  Severity = "urgent"  // money or payments are at stake now
	Warning Severity = "warning" // they will be
	Notice  Severity = "notice"  // somebody waits
)

// Severities are all severities, the gravest first.
func Severities() []Severity { return []Severity{Urgent, Warning, Notice} }

// graver says whether s matters more than other.
func (s Severity) graver(other Severity) bool {
	return slices.Index(Severities(), s) < slices.Index(Severities(), other)
}

// happened are the kinds that come from the event log; the kinds of those events are the same.
var happened = []Kind{LegDisagrees, RefundStuck, RefundMismatch, RefundDisagrees, CaptureStuck,
	CaptureMismatch, CaptureDisagrees, Quarantined, HookGivenUp}

// Lasting says whether alerts of a kind end only when a person says so.
func (k Kind) Lasting() bool { return k == NoticeGivenUp || slices.Contains(happened, k) }

// Kinds are all kinds.
func Kinds() []Kind {
	return append([]Kind{LedgerClosed, WalletDown, WalletFailing, LegStuck, CapNear, DayNear,
		RatesStale, KeyEnding, ChangeWaiting, NoticeGivenUp, ReturnsOwed}, happened...)
}
