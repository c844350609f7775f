// Package batch turns concurrent calls into batches.
//
// Whatever queued while the last batch ran becomes the next one, at most Max items. There is
// no timer: under low load a batch has one item and no delay, under high load many items
// share one transaction, one fsync and a handful of statements.
//
// Invariants:
//
//	B1 every call that was taken gets exactly one answer, whether its caller waits or not;
//	B2 two items of one key never share a batch, never run at the same time, and run in the
//	   order of their calls;
//	B3 the context of a batch is never a caller's: a caller that gives up ends its own
//	   wait and nothing else;
//	B4 an item that fails does not poison its batch: a failing batch is cut in halves until
//	   the item stands alone and gets its own error. A panic counts as an error, a defect;
//	B5 a batch that fails for a reason that concerns all (Config.Whole) is not cut.
//
// Because of B4 run is called again with part of the items after it failed, so it must
// undo what it did, which a transaction does by itself.
package batch
