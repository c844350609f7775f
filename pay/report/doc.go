// Package report adds up what has happened, for people who look at it: takings by day, store or
// wallet, volumes by bank, prefecture or category, and the search over payments. It only reads, and
// it reads other packages' tables: its SQL stands in files called report_*.go.
//
// # Nouns
//
// A Scope says whose payments: everybody's, a bank's, a merchant's, a store's or a terminal's. A
// Period is a span of time, its end excluded. Takings are the figures of a scope in a period. A
// Line is one payment with the names of everybody in it.
//
// # Invariants
//
//	T1  Sold is what was captured of payments begun in the period and not given up since.
//	    Refunded is what refunds begun in the period have returned, whenever the sale was: a day
//	    that is over never changes because of a refund given later.
//	T2  A sale and a refund count in the day, in Japan, in which they were begun.
//	T3  Only one currency is ever added up. It is the yen unless the caller names another.
//	T4  Fees are what the merchant pays of its sales, less what refunds gave back of it. Net is
//	    sold less refunded; Due is net less fees. Each may be negative.
//	T5  A scope of one party never shows another's: every figure and every line is filtered by
//	    all the numbers of its scope.
package report
