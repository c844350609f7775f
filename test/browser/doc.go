// Package browser drives the pages as people see them: a headless Chromium the size of a phone
// against the real binary in its sandbox.
//
// Start gives a Rig: a server on a fresh data folder, and a browser that starts with the first
// Tab. A tab is a phone of its own: no cookies shared with another tab, 390 × 844 pixels, touch,
// a camera that shows what Camera was told. A page that throws, writes an error to its console or
// breaks its content security policy fails the test.
//
// Do and Read run chromedp's actions in a tab and fail the test with what the page shows when they
// take too long. Shot writes a picture into the folder that the environment variable WATARI_SHOTS
// names (`make screenshots`), or nowhere. A test that fails leaves a picture in .tmp/failures.
//
// WATARI_CHROMIUM names another browser than the chromium of the path.
package browser
