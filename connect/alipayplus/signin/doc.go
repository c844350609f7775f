// Package signin lets users of Alipay in: the page openauth.alipay.com asks for the scope
// auth_base, which names the user and nothing else, and the call alipay.system.oauth.token of the
// open platform turns the auth_code that comes back into the user's id.
//
// # Rules
//
//	A1  A call is a form, signed with the application's key: the parameters without sign, sorted
//	    by name, joined as name=value by &, RSA with SHA-256 (sign_type RSA2).
//	A2  An answer is believed when it is signed with Alipay's key over the very bytes of its
//	    member alipay_system_oauth_token_response. An answer that is not signed, or wrongly,
//	    proves nothing; a refusal (error_response) is only told.
//	A3  A user is known by open_id where the application has it, else by user_id, which is also
//	    what payments name them by.
//	A4  An auth_code works once, for a day at Alipay, and for as long as the trip here.
//
// Sources: Alipay open platform, pages on user information and on
// alipay.system.oauth.token, https://opendocs.alipay.com/open/02ailc; signing:
// https://opendocs.alipay.com/common/057k53.
package signin
