// Package theme is the look that all pages share: the document around a page, icons, money as it
// is shown to people, and the bundled scripts and styles.
//
// # Bundle
//
// The sources are in ui/web; `make assets` bundles them into the folder dist, which is embedded
// here. A program that was built without the bundle still works: Built is false and the pages are
// plain HTML without styles and scripts.
//
// # Rules for pages
//
//	T1  No page loads anything from another host, and none has an inline script or style.
//	T2  Every page works without scripts for its basic flow.
//	T3  A colour never stands alone: a word or a shape is beside it.
//	T4  Text keeps a contrast of 4.5 to its ground, large text and shapes 3 (WCAG 2.2, 1.4.3 and
//	    1.4.11); targets are at least 44 pixels.
//	T5  An amount is always shown by Money, with its currency named.
package theme
