// Package stand draws the card that stands on a shop's counter: the store's code, its name, what
// to do with it in four languages, and the wallets that it takes.
//
// # Nouns
//
// A stand is one card, A6 or A5. Its code is the store's printed code (pay/code): a text that
// never changes, so a card is good for as long as the store is. A file holds one stand as SVG, or
// up to 500 as PDF: a page each, or a sheet, which is A4 with lines to cut along. The printer
// finds stores and draws theirs.
//
// # Invariants
//
//	S1  The code reads at arm's length from a printout, blurred and turned. Its quiet zone of 4
//	    modules (ISO/IEC 18004) is white, whatever stands around it.
//	S2  Names are set in Japanese forms, each fixed text in the forms of its own language: the
//	    same character looks different in Japan and in China.
//	S3  Any name fits: smaller first, then on several lines, cut off at last. Nothing overlaps
//	    the code and nothing leaves the margin, which is wider than what office printers cannot
//	    print on.
//	S4  A picture needs nothing from elsewhere, and says in words what it shows.
//	S5  A file has the stands in the order in which they were asked for.
//	S6  What no font has is refused with its place; no half file leaves.
//	S7  Nobody prints the stand of a store that is not theirs to see: for them there is none.
//
// # Fonts
//
// Noto Sans (SIL Open Font License 1.1) comes from npm and is cut down by ui/web/fonts.mjs when
// the program is built: one weight of the Japanese font whole, because names are not known
// beforehand, and of all others only what texts.json says. Together they are 3 MB in the program.
// Without them it is the same program and answers ErrFonts.
//
// Lengths are millimetres from the top left corner, sizes of type too; widths of text are ems
// until a size is chosen.
package stand
