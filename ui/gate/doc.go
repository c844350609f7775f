// Package gate is the page of the staff at a park's gates: scan tickets, see at once who may enter,
// also where there is no network.
//
// # Nouns
//
// A device is a browser that was activated for one gate: the one-time link /gate/activate/… leaves
// a cookie. The verdict is what the page shows of a scan: a colour, a shape, a word and a tone. The
// pack is what the browser takes along to decide alone; see package gate of visit/park.
//
// # Invariants
//
//	W1  A scan has its verdict within a second: when the network does not answer, the browser
//	    decides by its pack, and says that it was alone.
//	W2  A scan that the browser decided is on its disk before the verdict is shown, and stays there
//	    until the network has it.
//	W3  The browser keeps the page and its scripts (the service worker) and the pack; names of
//	    visitors are in none of them.
//	W4  A browser whose device has ended drops page, pack and keys at its next word with the
//	    network, and keeps the scans that were not uploaded.
//	W5  Several tickets in one code are scans of their own, each with its verdict.
//	W6  Without a script codes can be typed, and the network decides.
//
// # Routes, all below /gate
//
//	GET  /                        the camera and the verdict; POST takes a code that was typed
//	GET  /pack?since=&offset=&waiting=  JSON: what to take along
//	POST /scans                   JSON: one scan, decided by the network
//	POST /uploads                 JSON: scans that the browser decided
//	GET  /activate/{secret}       once, then the cookie; POST /activate takes the link typed
//	GET  /manifest.webmanifest, /worker.js
package gate
