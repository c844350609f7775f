package browser

import "testing"

// The goal is a till and a phone on which everything that a shop needs can be done by clicking.
// The method: one server, one browser, and for each part a shop and a visitor of its own. What
// the camera shows, all tabs see, so the part with the camera runs before the others.
func TestTheTillAndThePhone(t *testing.T) {
	t.Parallel()
	r := StartWithCamera(t)
	t.Run("a visitor pays in three ways", func(t *testing.T) { paysInThreeWays(t, r) })
	r.Camera(t, "")
	for name, part := range map[string]func(*testing.T, *Rig){
		"the till tells of the PIN without a reload":   tellsOfThePIN,
		"the same amount again is asked about":         asksAboutTheSameAmount,
		"a till that was cut off catches up":           catchesUp,
		"part of a payment goes back, and never more":  givesBack,
		"a manager's PIN guards large refunds":         asksTheManager,
		"a payment is cancelled":                       cancels,
		"the last tap counts":                          followsTheLastTap,
		"language and light are chosen":                choosesLanguageAndLight,
		"a payment is taken without scripts":           worksWithoutScripts,
		"a link activates one till once":               activatesOnce,
		"the first load is small and asks nobody else": loadsLittle,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			part(t, r)
		})
	}
}

// The goal is a till that loses nothing while the wallet has troubles. The method: one trouble
// after the other, because each waits for the next payment, whosever it is.
func TestTheTillWithATroubledWallet(t *testing.T) {
	t.Parallel()
	r := Start(t)
	t.Run("a decline says why", func(t *testing.T) { declineSaysWhy(t, r) })
	t.Run("a late yes reaches the till", func(t *testing.T) { lateYesReachesTheTill(t, r) })
}

// The goal is pages that speak five languages, fit small phones and are open to everybody. The
// method: in each language walk over every page, those of errors too, and measure; in English
// have axe-core judge them, in the light and in the dark.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	r := Start(t)
	for name, part := range map[string]func(*testing.T, *Rig){
		"in English, by everybody": speaksAccessibly,
		"in English":               speaks("en", "S3001", 1),
		"in Japanese":              speaks("ja", "S2601", 2),
		"in simplified Chinese":    speaks("zh-Hans", "S2701", 3),
		"in traditional Chinese":   speaks("zh-Hant", "S2801", 4),
		"in Korean":                speaks("ko", "S2901", 5),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			part(t, r)
		})
	}
}
