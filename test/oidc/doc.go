// Package oidc holds tests in which a bank's people sign in by an OpenID Connect provider that is
// not ours: oidc-provider of the npm registry, a certified implementation, run by Node.js with its
// own sign-in pages, which the tests go through as a browser does.
//
// They need node and npm, and install the provider into a folder of their own.
package oidc
