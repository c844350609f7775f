// Package linktest is the conformance suite of wallet connectors: whatever protocol a connector
// speaks, a case of it proves that the core can rely on the rules C1 to C6 of package link.
//
// A connector's test calls Run with a function that makes a case: the connector, and a wallet of
// its protocol that listens on a real socket, keeps its own books, and lies on command. The
// suite looks at both sides: what the connector said, and what the wallet's books hold. It never
// looks at the wire.
//
// Every sub-test gets a case of its own. Waiting is real, so a case's connector is set up with
// short times, and its wallet's Slow answers well within them.
package linktest
