package webhook

import "slices"

// Kind is one kind of message.
type Kind struct {
	// Name is the message's type, such as "payment.captured".
	Name string
	// Text says in English when it is sent; pages have texts of their own.
	Text string
	// Holds names the members of the message's data.
	Holds []string
	// AcquirerOnly: merchants' endpoints never get it.
	AcquirerOnly bool
	// events are the kinds of events that cause it.
	events []string
}

// The kinds, in the order of the documentation.
var kinds = []Kind{
	{"payment.pending", "A payment waits: for its payer, or for the wallet's answer.",
		[]string{"payment"}, false, []string{"payment.pending"}},
	{"payment.authorised", "A wallet promised an amount; capture it before it expires.",
		[]string{"payment"}, false, []string{"payment.authorised"}},
	{"payment.captured", "The money is yours. Also after each part of a promise.",
		[]string{"payment"}, false, []string{"payment.captured"}},
	{"payment.declined", "The wallet or a limit said no. Nothing was taken.",
		[]string{"payment"}, false, []string{"payment.declined"}},
	{"payment.cancelled", "Given up by you, by its payer or by time. Nothing is kept.",
		[]string{"payment"}, false, []string{"payment.cancelled"}},
	{"payment.refunded", "All of it was given back.",
		[]string{"payment"}, false, []string{"payment.refunded"}},
	{"refund.succeeded", "A refund reached the payer's wallet.",
		[]string{"payment", "refund"}, false, []string{"refund.succeeded"}},
	{"refund.failed", "A refund was refused by the wallet; the amount stays yours.",
		[]string{"payment", "refund"}, false, []string{"refund.failed"}},
	{"capture.succeeded", "A capture of a promise was carried out.",
		[]string{"payment", "capture"}, false, []string{"capture.succeeded"}},
	{"capture.failed", "A capture of a promise was refused by the wallet.",
		[]string{"payment", "capture"}, false, []string{"capture.failed"}},
	{"consent.status", "A payer gave, refused or revoked a standing consent.",
		[]string{"consent"}, true, []string{"consent.active", "consent.declined",
			"consent.revoked"}},
	{"merchant.status", "A merchant was suspended, resumed or closed.",
		[]string{"merchant"}, false, []string{"merchant.suspend", "merchant.resume",
			"merchant.close"}},
	{"store.status", "A store was suspended, resumed or closed.",
		[]string{"store"}, false, []string{"store.suspend", "store.resume", "store.close"}},
	{"application.status", "The sign-up of a merchant went a step on. Not for imports.",
		[]string{"application"}, true, []string{"application.submitted",
			"application.reviewed", "application.returned", "application.refused",
			"application.withdrawn", "application.approved", "application.live",
			"application.suspended", "application.closed"}},
}

// challengeKind is the type of the message that verifies an endpoint. It is not chosen.
const challengeKind = "endpoint.verify"

// Kinds returns every kind that an owner's endpoints may get, in the order of the documentation.
func Kinds(o Owner) []Kind {
	all := slices.Clone(kinds)
	if o.MerchantNo != 0 {
		all = slices.DeleteFunc(all, func(k Kind) bool { return k.AcquirerOnly })
	}
	return all
}

// eventKinds are the kinds of events that are followed.
func eventKinds() (all []string) {
	for _, k := range kinds {
		all = append(all, k.events...)
	}
	return all
}

// causedBy finds the kind of message that an event causes.
func causedBy(event string) (Kind, bool) {
	i := slices.IndexFunc(kinds, func(k Kind) bool { return slices.Contains(k.events, event) })
	if i < 0 {
		return Kind{}, false
	}
	return kinds[i], true
}
