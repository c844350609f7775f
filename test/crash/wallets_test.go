package crash

import (
	"time"

	"watari/kit/crash"
)

// coded are the sales by the codes of other wallets than that of Alipay+: every point at which
// their connectors are on the way. Once one has died before its call, or after a call of which a
// wallet took no notice, it takes minutes until PayPay and LINE Pay are sure that nothing comes.
var coded = []scenario{
	{kills: at(crash.BeforeCall, 1), over: v1, with: wechat, short: true, do: buy,
		want: "cancelled", asking: true},
	{kills: at(crash.AfterCall, 1), over: v1, with: wechat, do: buy, want: "captured", both: true},
	{kills: at(crash.BeforeUndo, 1), over: aps, with: wechat, do: buyAndCancel, want: "cancelled"},
	{kills: at(crash.AfterUndo, 1), over: v1, with: wechat, do: buyAndCancel, want: "cancelled",
		both: true},
	{kills: at(crash.BeforeGive, 1), over: v1, with: wechat, do: buyAndReturn, want: "captured",
		back: 660},
	{kills: at(crash.AfterGive, 1), over: aps, with: wechat, do: buyAndReturn, want: "captured",
		back: 660, both: true},
	{kills: at(crash.AfterInquiry, 1), over: v1, with: wechat, mode: drops, do: buy,
		want: "captured"},
	{kills: at(crash.AfterLease, 1), over: v1, with: wechat, mode: asksPIN, do: buyByPIN,
		want: "captured"},

	{kills: at(crash.BeforeCall, 1), over: v1, with: paypay, short: true, do: buy,
		want: "cancelled", asking: true},
	{kills: at(crash.AfterCall, 1), over: aps, with: paypay, do: buy, want: "captured", both: true},
	{kills: at(crash.BeforeUndo, 1), over: v1, with: paypay, do: buyAndCancel, want: "cancelled"},
	{kills: at(crash.AfterUndo, 1), over: v1, with: paypay, do: buyAndCancel, want: "cancelled",
		both: true},
	{kills: at(crash.BeforeGive, 1), over: v1, with: paypay, do: buyAndReturn, want: "captured",
		back: 660},
	{kills: at(crash.AfterGive, 1), over: v1, with: paypay, do: buyAndReturn, want: "captured",
		back: 660, both: true},
	{kills: at(crash.AfterInquiry, 1), over: v1, with: paypay, mode: asksPIN, do: buyByPIN,
		want: "captured"},
	{kills: at(crash.AfterLease, 1), over: v1, with: paypay, mode: drops, do: buy,
		want: "captured"},

	{kills: at(crash.BeforeCall, 1), over: v1, with: line, short: true, do: buy,
		want: "cancelled", asking: true},
	{kills: at(crash.AfterCall, 1), over: v1, with: line, do: buy, want: "captured", both: true},
	{kills: at(crash.BeforeUndo, 1), over: v1, with: line, do: buyAndCancel, want: "cancelled"},
	{kills: at(crash.AfterUndo, 1), over: aps, with: line, do: buyAndCancel, want: "cancelled",
		both: true},
	{kills: at(crash.BeforeGive, 1), over: v1, with: line, do: buyAndReturn, want: "captured",
		back: 660},
	{kills: at(crash.AfterGive, 1), over: v1, with: line, do: buyAndReturn, want: "captured",
		back: 660, both: true},
	{kills: at(crash.AfterInquiry, 1), over: v1, with: line, mode: drops, do: buy,
		want: "captured"},
	{kills: at(crash.AfterLease, 1), over: v1, with: line, mode: asksPIN, do: buyByPIN,
		want: "captured"},

	{kills: at(crash.AfterCall, 1), over: agreed, with: paypay, do: buy, want: "captured"},
	{kills: at(crash.InBatch, 2), over: agreed, with: paypay, do: buy, want: "captured"},
	{kills: at(crash.AfterCall, 1), over: agreed, with: line, do: buy, want: "captured",
		both: true},
	{kills: at(crash.AfterUndo, 1), over: agreed, with: line, do: buyAndCancel,
		want: "cancelled"},
}

// absent is a kill from outside while a payer has chosen and not yet paid.
var absent = at(outside, 1)

// lapses is when an order lapses that nobody pays: soon, but after its first inquiry.
const lapses = 12 * time.Second

// orderly are the orders. Batches are 1, which opens it, 2, which gives it a leg, 3, which keeps
// the form of one that a wallet was asked for, and those that conclude it. A wallet that may know
// of an order that no payer can get to is asked about it for minutes.
var orderly = []scenario{
	{kills: at(crash.BeforeBegin, 1), over: ordered, with: wechat, do: buy, want: "captured"},
	{kills: at(crash.BeforeAnswer, 1), over: ordered, with: paypay, do: buy, want: "captured"},

	// A wallet that resolves our codes gets its leg when it asks.
	{kills: at(crash.InBatch, 2), over: ordered, do: buy, want: "captured", both: true},
	{kills: at(crash.BeforeAnswer, 2), over: ordered, do: buy, want: "captured", both: true},
	{kills: at(crash.BeforeReceived, 1), over: ordered, do: buy, want: "captured"},
	{kills: at(crash.AfterReceived, 1), over: page, do: buy, want: "captured", both: true},
	{kills: at(crash.BeforeUndo, 1), over: ordered, do: buyAndCancel, want: "cancelled"},

	// The others are asked to prepare one of their own.
	{kills: at(crash.BeforeCall, 1), over: ordered, with: wechat, do: buy, want: "captured",
		asking: true},
	{kills: at(crash.BeforeCall, 1), over: ordered, with: paypay, do: buy, want: "captured",
		asking: true},
	{kills: at(crash.BeforeCall, 1), over: ordered, with: line, do: buy, want: "captured",
		both: true},
	{kills: at(crash.AfterCall, 1), over: ordered, with: wechat, do: buy, want: "captured",
		both: true, asking: true},
	{kills: at(crash.AfterCall, 1), over: ordered, with: paypay, do: buy, want: "captured",
		asking: true},
	{kills: at(crash.AfterCall, 1), over: ordered, with: line, do: buy, want: "captured",
		asking: true},
	{kills: at(crash.InBatch, 3), over: page, with: paypay, do: buy, want: "captured",
		asking: true},
	{kills: at(crash.BeforeAnswer, 2), over: ordered, with: wechat, do: buy, want: "captured"},
	{kills: at(crash.BeforeReceived, 1), over: ordered, with: wechat, do: buy, want: "captured"},
	{kills: at(crash.AfterReceived, 1), over: ordered, with: wechat, do: buy, want: "captured",
		both: true},
	{kills: at(crash.AfterInquiry, 1), over: ordered, with: paypay, do: buy, want: "captured",
		both: true},
	{kills: at(crash.InBatch, 4), over: ordered, with: paypay, do: buy, want: "captured"},
	{kills: at(crash.AfterUndo, 1), over: ordered, with: wechat, do: buyAndCancel,
		want: "cancelled"},
	{kills: at(crash.AfterUndo, 1), over: ordered, with: paypay, do: buyAndCancel,
		want: "cancelled"},
	{kills: at(crash.AfterUndo, 1), over: ordered, with: line, do: buyAndCancel,
		want: "cancelled", both: true},
	{kills: at(crash.AfterGive, 1), over: ordered, with: line, do: buyAndReturn,
		want: "captured", back: 660},

	// A wallet that debits in two steps.
	{kills: at(crash.AfterInquiry, 1), over: ordered, with: line, do: buy, want: "captured"},
	{kills: at(crash.BeforeComplete, 1), over: ordered, with: line, do: buy, want: "captured",
		both: true},
	{kills: at(crash.AfterComplete, 1), over: ordered, with: line, do: buy, want: "captured",
		both: true},
	{kills: at(crash.AfterComplete, 1), over: page, with: line, do: buyAndCancel,
		want: "cancelled"},
	{kills: []kill{{crash.BeforeComplete, 1}, {crash.AfterComplete, 1}, {crash.AfterLease, 1}},
		over: page, with: line, do: buy, want: "captured"},

	// Payers who pay while nobody listens, before and after the end of their order.
	{kills: absent, over: ordered, with: wechat, away: time.Second, do: buy, want: "captured"},
	{kills: absent, over: ordered, with: paypay, away: time.Second, do: buy, want: "captured",
		both: true},
	{kills: absent, over: ordered, with: line, away: time.Second, do: buy, want: "captured"},
	{kills: absent, over: ordered, with: paypay, life: lapses, away: lapses, do: buy,
		want: "captured"},

	// Two payers, one order: the second is given everything back.
	{kills: absent, over: ordered, with: wechat, and: paypay, away: time.Second, do: buy,
		want: "captured", both: true},
	{kills: absent, over: ordered, with: paypay, and: line, away: time.Second, do: buy,
		want: "captured", asking: true},
	{kills: at(crash.BeforeUndo, 1), over: ordered, with: paypay, and: wechat, do: buy,
		want: "captured"},

	// Orders that lapse.
	{kills: at(crash.AfterLease, 1), over: ordered, life: lapses, idle: true, do: buy,
		want: "cancelled"},
	{kills: at(crash.AfterInquiry, 2), over: ordered, with: wechat, life: lapses, idle: true,
		do: buy, want: "cancelled", both: true},
	{kills: at(crash.AfterUndo, 1), over: ordered, with: paypay, life: lapses, idle: true,
		do: buy, want: "cancelled"},
	{kills: at(crash.BeforeCall, 1), over: ordered, with: line, life: lapses, idle: true,
		do: buy, want: "cancelled", asking: true},

	// Promises, captured and given up.
	{kills: at(crash.BeforeGive, 1), over: promise, with: paypay, do: buy, want: "captured"},
	{kills: at(crash.AfterGive, 1), over: promise, with: paypay, do: buy, want: "captured",
		both: true},
	{kills: at(crash.BeforeGive, 1), over: promise, with: line, do: buy, want: "captured",
		both: true},
	{kills: at(crash.AfterGive, 1), over: promise, with: line, do: buy, want: "captured"},
	{kills: at(crash.AfterComplete, 1), over: promise, with: line, keep: true, do: keepAndCancel,
		want: "cancelled"},
	{kills: at(crash.BeforeUndo, 1), over: promise, with: line, keep: true, do: keepAndCancel,
		want: "cancelled"},
	{kills: at(crash.AfterUndo, 1), over: promise, with: paypay, keep: true, do: keepAndCancel,
		want: "cancelled"},
}
