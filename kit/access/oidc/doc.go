// Package oidc signs the people of a bank in by the bank's own OpenID Connect provider.
//
// # Nouns
//
// A provider is what a bank runs or rents to sign its employees in. Its file, one for each bank,
// lies in the folder of the configuration, is named after the bank ("hida-miyagawa.json"), has
// mode 0600, and says:
//
//	{
//	  "issuer": "https://login.bank.example",
//	  "client_id": "watari",
//	  "client_secret": "…",
//	  "domains": ["bank.example"],         addresses that come without an invitation; may be absent
//	  "default_role": "acquirer-viewer",   what they become: acquirer-clerk or acquirer-viewer
//	  "trust_email": false                 true for a provider that knows its addresses and does
//	                                       not say email_verified
//	}
//
// A file that is changed, added or removed is noticed by the next sign-in. At the provider the
// client's redirect address is the public address of this network and CallbackPath.
//
// # Invariants
//
//	O1  The code flow with PKCE (S256), a nonce, and a state that belongs to a cookie of the same
//	    browser; what the browser brings back is used once, within ten minutes.
//	O2  Somebody signs in by a provider only as one of that provider's bank, and only with an
//	    address that the provider has verified. Whom it has vouched for once is known by issuer
//	    and subject from then on, never by the address. Who has ended stays out, under the same
//	    subject and at the same address, until the bank invites them.
//	O3  Provider addresses are https, unless the installation may call private addresses. An
//	    answer of a provider has at most 1 MiB and 10 seconds.
//	O4  A sign-in by a provider is complete: the bank's provider answers for the second factor.
//	O5  After the sign-in a browser goes to a path of this site only.
//
// Sources: OpenID Connect Core 1.0, RFC 6749, RFC 7636 (PKCE), RFC 9207 (issuer in the answer).
package oidc
