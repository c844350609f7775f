// Package app is the only place that knows everybody: it reads the configuration, opens the
// store, wires every part from the database up to the pages, and runs the commands.
//
// A store belongs to one kind of installation for ever: live, sandbox or bench. What was a
// sandbox never becomes live, and a live store never gets a sandbox's simulated wallets.
package app
