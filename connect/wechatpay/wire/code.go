package wire

// Codes of answers that are not a success, as version 3 spells them.
const (
	CodeParam          = "PARAM_ERROR"
	CodeInvalidRequest = "INVALID_REQUEST"
	CodeSign           = "SIGN_ERROR"
	CodeNoAuth         = "NO_AUTH"
	CodeOrderNotExist  = "ORDER_NOT_EXIST"
	CodeNotExists      = "RESOURCE_NOT_EXISTS" // of refunds
	CodeFrequency      = "FREQUENCY_LIMIT_EXCEED"
	CodeSystem         = "SYSTEM_ERROR"
	CodeUnavailable    = "SERVICE_UNAVAILABLE"
)

// Business codes. They stand in the documents of version 2; this is how they are written there.
const (
	CodeUserPaying     = "USERPAYING"
	CodeAuthCode       = "AUTH_CODE_INVALID"
	CodeAuthCodeExpire = "AUTHCODEEXPIRE"
	CodeNotEnough      = "NOTENOUGH"
	CodeTrade          = "TRADE_ERROR"
	CodeOrderPaid      = "ORDERPAID"
	CodeOrderClosed    = "ORDERCLOSED"
	CodeOrderReversed  = "ORDERREVERSED"
	CodeReverseExpire  = "REVERSE_EXPIRE"
	CodeNoUsed         = "OUT_TRADE_NO_USED"
	CodeRuleLimit      = "RULE_LIMIT"
	CodeAccount        = "ACCOUNT_ERROR"
)
