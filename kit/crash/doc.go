// Package crash names the points at which a process may die, so that a test can kill it at
// each of them.
//
// A call of At does nothing in an ordinary build. In a build with the tag crash the process
// kills itself with SIGKILL at the point that the environment variable WATARI_CRASH_AT names,
// the WATARI_CRASH_NTH time it comes there (default: the first). The table of the points and
// of what repairs a death at each stands in ARCHITECTURE.md.
package crash

// Point is a place in the life of a payment where the process may die.
type Point string

// The points, in the order in which a payment passes them.
const (
	BeforeBegin    Point = "before-begin"    // a request was read, nothing is written
	InBatch        Point = "in-batch"        // a batch is written but not committed
	BeforeCall     Point = "before-call"     // the payment is committed, no wallet was asked
	AfterCall      Point = "after-call"      // the wallet answered, nothing of it is kept
	BeforeAnswer   Point = "before-answer"   // the answer is committed, the caller has none
	BeforeUndo     Point = "before-undo"     // the payment is closed, the wallet was not told
	AfterUndo      Point = "after-undo"      // the wallet gave it back, nothing of it is kept
	BeforeGive     Point = "before-give"     // the refund is reserved, the wallet was not told
	AfterGive      Point = "after-give"      // the wallet refunded, nothing of it is kept
	BeforeComplete Point = "before-complete" // the user agreed, the wallet was not told to debit
	AfterComplete  Point = "after-complete"  // the wallet debited, nothing of it is kept
	BeforeReceived Point = "before-received" // a notice is read, nothing of it is kept
	AfterReceived  Point = "after-received"  // a notice is committed, the wallet has no answer
	AfterInquiry   Point = "after-inquiry"   // an inquiry was answered, nothing of it is kept
	AfterLease     Point = "after-lease"     // due work is held, none of it is done
	AfterPost      Point = "after-post"      // a webhook was answered, nothing of it is kept
	BeforeOpen     Point = "before-open"     // an order waits for its payment, which is not opened
	AfterOpen      Point = "after-open"      // the payment is opened, its order does not know it
	BeforeReturn   Point = "before-return"   // an order's money is due, no refund was asked for
	AfterReturn    Point = "after-return"    // the refund was answered, its order does not know it
)

// Points lists all of them.
func Points() []Point {
	return []Point{BeforeBegin, InBatch, BeforeCall, AfterCall, BeforeAnswer, BeforeUndo,
		AfterUndo, BeforeGive, AfterGive, BeforeComplete, AfterComplete, BeforeReceived,
		AfterReceived, AfterInquiry, AfterLease, AfterPost, BeforeOpen, AfterOpen, BeforeReturn,
		AfterReturn}
}
