package wire

// Code is a returnCode.
type Code string

// The codes of success, and of the state of a payment request.
const (
	CodeOK        Code = "0000" // done; of a payment request: its user has not agreed yet
	CodeAgreed    Code = "0110" // the user has agreed: it can be confirmed
	CodeGone      Code = "0121" // the user gave up, or 20 minutes went by
	CodeFailed    Code = "0122"
	CodeCompleted Code = "0123"
)

// The codes of refusal.
const (
	CodeNoMember        Code = "1101"
	CodeMemberBlocked   Code = "1102"
	CodeNoMerchant      Code = "1104"
	CodeMerchantBlocked Code = "1105"
	CodeHeader          Code = "1106"
	CodeCard            Code = "1110"
	CodeAmount          Code = "1124" // also: too many decimals
	CodeKey             Code = "1133" // the one-time key is not one, was used, or is over
	CodeAccount         Code = "1141"
	CodeBalance         Code = "1142"
	CodeInProgress      Code = "1145"
	CodeNoRecord        Code = "1150"
	CodeSameTransaction Code = "1152"
	CodeOtherAmount     Code = "1153"
	CodeNoMethod        Code = "1154" // of a consent: its means of payment cannot be used
	CodeNotRefundable   Code = "1155"
	CodeNoRequest       Code = "1159"
	CodeRefundDate      Code = "1163"
	CodeRefundOver      Code = "1164"
	CodeRefunded        Code = "1165" // or voided
	CodeNotAgreed       Code = "1169"
	CodeBalanceChanged  Code = "1170"
	CodeSameOrder       Code = "1172"
	CodeTooMany         Code = "1177" // more than 100 transactions asked for
	CodeCurrency        Code = "1178"
	CodeState           Code = "1179"
	CodeExpired         Code = "1180"
	CodeNoAmount        Code = "1183"
	CodeOverPromise     Code = "1184"
	CodeNoConsent       Code = "1190"
	CodeConsentOver     Code = "1193"
	CodeNoConsents      Code = "1194"
	CodeDuplicateCall   Code = "1198"
	CodeInternalRequest Code = "1199"
	CodeCardTemporary   Code = "1280"
	CodeCardError       Code = "1281"
	CodeCardAuthority   Code = "1282"
	CodeCardFraud       Code = "1283"
	CodeCardStopped     Code = "1284"
	CodeCardMissing     Code = "1285"
	CodeCardWrong       Code = "1286"
	CodeCardExpired     Code = "1287"
	CodeCardBalance     Code = "1288"
	CodeCardLimit       Code = "1289"
	CodeCardPayment     Code = "1290"
	CodeCardStolen      Code = "1291"
	CodeCardSuspended   Code = "1292"
	CodeCardCVN         Code = "1293"
	CodeCardListed      Code = "1294"
	CodeCardNumber      Code = "1295"
	CodeCardAmount      Code = "1296"
	CodeCardDeclined    Code = "1298"
	CodeTemporary       Code = "1900"
	CodeTemporaryToo    Code = "1902"
	CodeOtherRequest    Code = "1999" // the id was used with other content
	CodeParameter       Code = "2101"
	CodeJSON            Code = "2102"
	CodeInternal        Code = "9000"
)

// The states of an order of the offline API.
const (
	OrderComplete  = "COMPLETE"
	OrderFailed    = "FAIL"
	OrderRefunded  = "REFUND"
	OrderCancelled = "CANCEL"
	OrderWaiting   = "AUTH_READY" // its user has to confirm
)

// The states of a confirmed payment.
const (
	StatusCaptured   = "CAPTURE"
	StatusAuthorised = "AUTHORIZATION"
	StatusVoided     = "VOIDED_AUTHORIZATION"
	StatusExpired    = "EXPIRED_AUTHORIZATION"
)

// The kinds of a transaction.
const (
	KindPayment       = "PAYMENT"
	KindRefund        = "PAYMENT_REFUND"
	KindPartialRefund = "PARTIAL_REFUND"
)

// PayTypePreapproved asks the user for a standing consent.
const PayTypePreapproved = "PREAPPROVED"
