// Package browser drives the pages as people see them: a headless Chromium the size of a phone
// against the real binary in its sandbox.
//
// Start gives a Rig: a server on a fresh data folder, and the browser that all rigs share, which
// starts with the first Tab. StartWithCamera gives one with a browser of its own, before whose
// camera a test may hold something. A tab is a phone of its own: no cookies shared with another
// tab, 390 × 844 pixels, touch. A page that throws, writes an error to its console or breaks its
// content security policy fails the test.
//
// Do and Read run actions in a tab and fail the test with what the page shows when they take too
// long. Pages are left, swapped and drawn anew by their own scripts at any moment, and a machine
// that does other things is slow between any two steps. So actions look at the page until it has
// what they need, and are begun again when their page went away under them; only an action that
// presses something knows by itself whether it was done.
//
// Shot writes a picture into the folder that the environment variable WATARI_SHOTS names (`make
// screenshots`), or nowhere. A test that fails leaves a picture in .tmp/failures.
//
// The browser is chromium-headless-shell where that is installed, which draws no windows around
// the pages, or else chromium. WATARI_CHROMIUM names another one.
package browser
