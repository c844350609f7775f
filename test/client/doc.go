// Package client looks at the API as those see it who build on it: the generated Go client talks to
// a running sandbox, and every piece of code in docs/quick-start.md and docs/webhooks.md is run as
// it stands there.
//
// A piece of code that is run names its file behind its language, as in "```sh before.sh"; pieces
// of one file are put together in their order.
package client
