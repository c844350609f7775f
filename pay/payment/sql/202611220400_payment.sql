-- +goose Up
create table payment_claim (
	acquirer_no bigint not null,
	scope text not null,
	request_id text not null,
	subject text not null,
	compared text not null,
	refusal text,
	primary key (acquirer_no, scope, request_id)
) STRICT, WITHOUT ROWID;

create table payment (
	acquirer_no bigint not null,
	id text not null,
	request_id text not null,
	channel text not null,
	state text not null,
	version bigint not null,
	merchant_no bigint not null,
	store_no bigint not null,
	terminal_no bigint not null,
	issuer_no bigint not null,
	order_ref text not null,
	order_minor bigint not null,
	order_currency text not null,
	pay_to_minor bigint not null,
	pay_to_currency text not null,
	settle_minor bigint not null,
	settle_currency text not null,
	payer_minor bigint,
	payer_currency text,
	rate_coef bigint not null,
	rate_exp bigint not null,
	mid_minor bigint not null,
	mdr_minor bigint not null,
	interchange_minor bigint not null,
	scheme_minor bigint not null,
	captured_minor bigint not null,
	refunded_minor bigint not null,
	refunding_minor bigint not null,
	given_pay_to_minor bigint not null,
	given_mid_minor bigint not null,
	given_mdr_minor bigint not null,
	given_interchange_minor bigint not null,
	given_scheme_minor bigint not null,
	reason text not null,
	code_last4 text not null,
	customer text not null,
	created_at_us bigint not null,
	concluded_at_us bigint not null,
	cancel_until_us bigint not null,
	acquirer_agreement bigint not null,
	issuer_agreement bigint not null,
	notify_url text not null,
	held bigint not null,
	actor text not null,
	-- How payer and shop meet. Everything but a wallet code is an order, which waits for its payer.
	way text not null,
	-- The last character of the id of the leg that pays; empty while an order has none.
	step text not null,
	-- It is only promised, and captured later.
	hold boolean not null,
	return_url text not null,
	description text not null,
	expires_at_us bigint not null,
	capturing_minor bigint not null,
	captures bigint not null,
	-- When an order that is open, or a promise, must be closed; null for everything else.
	due_at_us bigint,
	primary key (acquirer_no, id),
	constraint payment_way check (way in ('wallet_code', 'order_code', 'merchant_code',
		'entry_code', 'page', 'agreement')),
	constraint payment_state check (state in ('authorising', 'pending', 'authorised',
		'captured', 'declined', 'cancelled', 'refunded')),
	constraint payment_channel check (channel in ('aps', 'v1', 'till', 'scan')),
	constraint payment_order check (order_minor > 0),
	constraint payment_rest check (refunding_minor >= 0 and refunded_minor >= 0
		and refunded_minor + refunding_minor <= captured_minor
		and capturing_minor >= 0 and captured_minor + capturing_minor <= order_minor)
) STRICT, WITHOUT ROWID;

create index payment_store on payment (acquirer_no, store_no, id);
create index payment_due on payment (due_at_us) where due_at_us is not null;

create table payment_leg (
	acquirer_no bigint not null,
	id text not null,
	payment_id text not null,
	direction text not null,
	connector text not null,
	issuer_no bigint not null,
	agreement bigint not null,
	their_id text not null,
	amount_minor bigint not null,
	amount_currency text not null,
	quote_id text not null,
	state text not null,
	next_at_us bigint,
	tries bigint not null,
	deadline_us bigint not null,
	wallet_until_us bigint not null,
	undo text not null,
	late_posted boolean not null,
	note text not null,
	-- What the leg of an order was taken at, as JSON; empty when the payment itself says it.
	terms text not null,
	primary key (acquirer_no, id),
	constraint payment_leg_state check (state in ('asked', 'unknown', 'approved', 'declined',
		'cancelling', 'cancelled', 'stuck')),
	constraint payment_leg_direction check (direction in ('out', 'in')),
	constraint payment_leg_undo check (undo in ('', 'cancel', 'refund'))
) STRICT, WITHOUT ROWID;

create index payment_leg_due on payment_leg (next_at_us) where next_at_us is not null;

create table payment_refund (
	acquirer_no bigint not null,
	id text not null,
	payment_id text not null,
	request_id text not null,
	state text not null,
	order_minor bigint not null,
	order_currency text not null,
	pay_to_minor bigint not null,
	pay_to_currency text not null,
	mid_minor bigint not null,
	mdr_minor bigint not null,
	interchange_minor bigint not null,
	scheme_minor bigint not null,
	reason text not null,
	failure text not null,
	their_id text not null,
	store_no bigint not null,
	terminal_no bigint not null,
	next_at_us bigint,
	tries bigint not null,
	doubts bigint not null,
	held bigint not null,
	created_at_us bigint not null,
	concluded_at_us bigint not null,
	actor text not null,
	primary key (acquirer_no, id),
	constraint payment_refund_state check (state in ('requested', 'unknown', 'succeeded',
		'failed')),
	constraint payment_refund_order check (order_minor > 0 and pay_to_minor >= 0)
) STRICT, WITHOUT ROWID;

create index payment_refund_payment on payment_refund (acquirer_no, payment_id, id);
create index payment_refund_store on payment_refund (acquirer_no, store_no, id);
create index payment_refund_due on payment_refund (next_at_us) where next_at_us is not null;

-- Some of a promise that is taken.
create table payment_capture (
	acquirer_no bigint not null,
	id text not null,
	payment_id text not null,
	request_id text not null,
	state text not null,
	order_minor bigint not null,
	order_currency text not null,
	pay_to_minor bigint not null,
	pay_to_currency text not null,
	mid_minor bigint not null,
	mdr_minor bigint not null,
	interchange_minor bigint not null,
	scheme_minor bigint not null,
	final boolean not null,
	failure text not null,
	issuer_no bigint not null,
	next_at_us bigint,
	tries bigint not null,
	created_at_us bigint not null,
	concluded_at_us bigint not null,
	actor text not null,
	primary key (acquirer_no, id),
	constraint payment_capture_state check (state in ('requested', 'unknown', 'succeeded',
		'failed')),
	constraint payment_capture_order check (order_minor > 0 and pay_to_minor >= 0)
) STRICT, WITHOUT ROWID;

create index payment_capture_payment on payment_capture (acquirer_no, payment_id, id);
create index payment_capture_due on payment_capture (next_at_us) where next_at_us is not null;

-- A payer's standing permission to be charged. token and customer are sealed.
create table payer_consent (
	acquirer_no bigint not null,
	id text not null,
	request_id text not null,
	state text not null,
	merchant_no bigint not null,
	store_no bigint not null,
	issuer_no bigint not null,
	their_id text not null,
	token text not null,
	customer text not null,
	description text not null,
	return_url text not null,
	form text not null,
	created_at_us bigint not null,
	concluded_at_us bigint not null,
	expires_at_us bigint not null,
	actor text not null,
	primary key (acquirer_no, id),
	constraint payer_consent_state check (state in ('asked', 'active', 'declined', 'revoked'))
) STRICT, WITHOUT ROWID;
