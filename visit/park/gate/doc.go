// Package gate makes tickets and lets people in with them, also where there is no network.
//
// # Nouns
//
// A ticket belongs to one line of an order and has a text that is signed with a key of its park
// (package ticket). A gate is a place where people are let in; a device is a browser of the staff
// that stands at one. A scan is one look at a ticket, in or out; it is admitted or refused for a
// reason. A pack is what a device takes along to decide alone. A conflict is what a scan turns out
// to be when it is compared with the others: a double entry, a ticket that had been cancelled.
//
// # Order of checks
//
// The first that does not hold is the reason: it is a ticket; its key is the park's; its signature;
// it is known, not cancelled and not replaced; its time has come and has not passed; this gate
// takes its product; it was not used before, or may come again; its changing digits are those of
// now. A ticket for many days that lets in once does so on each; whoever was not seen going out
// is out when the day ends. On the way out only the first four are asked. A device alone cannot
// know a ticket that was sold since its pack: there the signature is enough.
//
// # Invariants
//
//	G1  A line of an order has at most one ticket that is not revoked.
//	G2  A scan is kept once for each nonce of its device and for each of the two who may decide,
//	    the network and the device alone; once, too, when the device was withdrawn and its browser,
//	    now another device, sends it again. None is ever deleted.
//	G3  Of two online scans of a ticket that may enter once, on any nodes, one is admitted.
//	G4  Every second entry is reported, whenever it arrives: devices without a network can both
//	    admit one ticket, which nobody can prevent.
//	G5  A ticket that was cancelled is not admitted online, and one that was used online cannot be
//	    cancelled: scanning and cancelling lock the ticket before the line of the order.
//	G6  What was scanned is kept only of tickets. Other codes may be a visitor's own.
//	G7  Times of devices are corrected by how far their clocks were off when they last spoke with
//	    the network.
//	G8  A line that is sold has a ticket that is valid, one that is used a ticket that was used; a
//	    ticket counts as many entries as were admitted with it.
package gate
