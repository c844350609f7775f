// Package account is where people sign in, and what they keep of themselves: name, language,
// password, second factors, passkeys, and the browsers that are signed in.
//
// # Nouns
//
// A ticket is a sign-in that is not over: the password was right and a second factor is missing.
// It is kept in a cookie for ten minutes, so that the pages in between can be read again and in
// another language. A link invites somebody to a place, or to a new password.
//
// # Invariants
//
//	O1  Where somebody goes after signing in is a path of this server and nothing else.
//	O2  A sign-in that is refused does not say which part of it was wrong.
//	O3  Secrets are shown once: recovery codes, and the key of an authenticator app.
//	O4  What changes a password or a factor asks for the password again when the last time is
//	    more than ten minutes ago.
//
// # Routes, all below /account
//
//	GET  /                       the person's own account
//	GET  /sign-in?next=          POST takes email and password
//	GET  /second                 the code of an app; POST takes it
//	GET  /enrol                  a first second factor, for roles that must have one; POST takes it
//	GET  /sso/{bank}             to the bank's own sign-in; /sso/callback comes back from it
//	POST /passkey, /passkey/sign-in    what the browser is asked, and its answer, in JSON
//	GET  /invitation/{secret}    POST accepts it
//	GET  /forgotten              whom to ask
//	GET  /confirm?next=          the password again; POST takes it
//	POST /profile, /password, /totp, /totp/remove, /recovery, /passkeys/new, /passkeys/answer,
//	     /passkeys/remove, /sessions/end, /sessions/others, /look, /sign-out
package account
