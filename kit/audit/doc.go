// Package audit shows the trail of what was changed by whom, and writes it out so that somebody
// outside can check that nothing was altered.
//
// # The file
//
// An export is JSON Lines (one JSON object on each line, UTF-8, LF). The first line names it:
//
//	{"watari_audit":1,"acquirer_no":0,"at":"2026-11-23T…Z",
//	 "heads":[{"lane":1,"seq":42,"hash":"…"}]}
//
// heads are the ends of all lanes when the export was begun. Every other line but the last is an
// event:
//
//	{"lane":1,"seq":7,"at_us":1763856000000000,"kind":"person.joined","subject":"per_…",
//	 "acquirer_no":3,"store_no":0,"actor":"person:per_…","data":"{\"role\":\"acquirer\"}",
//	 "prev":"…","hash":"…"}
//
// data is the text of a JSON object, kept as text so that no tool changes a byte of it. hash is
// the SHA-256, in hex, of the 32 bytes of prev and the line
//
//	lane TAB seq TAB at_us TAB kind TAB subject TAB acquirer_no TAB store_no TAB actor TAB data
//
// prev is the hash of the event before in the lane, 32 zero bytes before the first. The last line
// is {"end":true,"events":N}, or {"next":"…","events":N} when more follows in another file.
//
// # Invariants
//
//	T1  An export of everything (acquirer_no 0) has every event of every lane up to its head, and
//	    each prev is the hash of the line before: who cuts, adds, changes or swaps a line has to
//	    change the heads, so a head that was kept elsewhere shows it. Members stand once
//	    each, in the order above, so that every tool reads the same.
//	T2  An export of one acquirer has the acquirer's events only. Each proves its own content
//	    against its hash, and two that follow each other prove their order; what lies between is
//	    other acquirers', and is proved by an export of everything, which has the same hashes.
//	T3  What is exported is what was committed when the export began.
//
// Hash: FIPS 180-4. JSON Lines: https://jsonlines.org.
package audit
