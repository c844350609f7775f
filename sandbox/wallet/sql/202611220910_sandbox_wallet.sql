-- +goose Up

-- A user of the wallet. The floor is the last guard: no sum of debits passes it.
create table sim_user (
	id text not null primary key,
	name text not null,
	name_en text not null,
	opening_minor bigint not null,
	balance_minor bigint not null,
	currency text not null constraint sim_user_currency check (length(currency) = 3),
	created_at_us bigint not null,
	constraint sim_user_floor check (balance_minor >= 0 and opening_minor >= 0)
) STRICT;

-- A payment code of a user. used_by is the request id of the payment that took it, '' before.
create table sim_code (
	code text not null primary key,
	user_id text not null references sim_user (id),
	from_us bigint not null,
	until_us bigint not null,
	used_by text not null default ''
) STRICT;
create index sim_code_user on sim_code (user_id, until_us);

-- A payment by the network's request id, for ever. A cancel of an id that was never seen leaves a
-- row too (user_id ''), which blocks the id. Order amounts are what the shop asked, pay_to what
-- the wallet settles, the others the user's account. due_us: when the wallet acts by itself, 0
-- never.
create table sim_payment (
	request_id text not null primary key,
	payment_id text not null,
	ref text not null,
	user_id text not null,
	state text not null constraint sim_payment_state check (state in ('new', 'open', 'asking',
		'agreed', 'held', 'late', 'deaf', 'paid', 'failed', 'cancelled')),
	why text not null default '',
	order_minor bigint not null,
	order_currency text not null,
	pay_to_minor bigint not null,
	pay_to_currency text not null,
	debit_minor bigint not null,
	debit_currency text not null,
	held_minor bigint not null default 0,
	debited_minor bigint not null default 0,
	taken_order_minor bigint not null default 0,
	returned_minor bigint not null default 0,
	refunded_order_minor bigint not null default 0,
	refunded_minor bigint not null default 0,
	shop text not null,
	order_ref text not null,
	rate text not null,
	hold boolean not null,
	two_step boolean not null,
	needs_pin boolean not null default false,
	tries bigint not null default 0,
	return_url text not null,
	cancel_url text not null,
	compared text not null,
	extra text not null,
	mode text not null,
	created_at_us bigint not null,
	paid_at_us bigint not null default 0,
	expires_us bigint not null,
	due_us bigint not null default 0,
	constraint sim_payment_sums check (
		held_minor >= 0 and debited_minor >= 0 and held_minor + debited_minor <= debit_minor
		and returned_minor >= 0 and returned_minor <= debited_minor
		and refunded_minor >= 0 and refunded_minor <= returned_minor
		and taken_order_minor >= 0 and taken_order_minor <= order_minor
		and refunded_order_minor >= 0 and refunded_order_minor <= taken_order_minor)
) STRICT;
create unique index sim_payment_own on sim_payment (payment_id);
create unique index sim_payment_ref on sim_payment (ref) where ref <> '';
create index sim_payment_user on sim_payment (user_id, created_at_us);
create index sim_payment_due on sim_payment (due_us) where due_us > 0;

-- A refund by the network's refund request id, for ever, refused ones too.
create table sim_refund (
	refund_request_id text not null primary key,
	refund_id text not null,
	request_id text not null,
	compared text not null,
	extra text not null,
	state text not null constraint sim_refund_state check (state in ('succeeded', 'failed')),
	why text not null default '',
	order_minor bigint not null,
	order_currency text not null,
	debit_minor bigint not null,
	debit_currency text not null,
	at_us bigint not null
) STRICT;
create index sim_refund_payment on sim_refund (request_id, at_us);

-- What was taken for good of a promise, by the network's capture id.
create table sim_capture (
	capture_id text not null primary key,
	request_id text not null references sim_payment (request_id),
	order_minor bigint not null constraint sim_capture_positive check (order_minor > 0),
	debit_minor bigint not null,
	at_us bigint not null
) STRICT;

-- A user's leave to be charged later, by the network's name of it.
create table sim_consent (
	id text not null primary key,
	token text not null,
	user_id text not null,
	state text not null constraint sim_consent_state
		check (state in ('asked', 'given', 'refused', 'revoked')),
	shop text not null,
	consent_text text not null,
	return_url text not null,
	extra text not null,
	expires_us bigint not null,
	at_us bigint not null
) STRICT;
create unique index sim_consent_token on sim_consent (token);

-- Every movement of a user's money. Amounts are positive; the kind has the direction.
create table sim_entry (
	id text not null primary key,
	user_id text not null references sim_user (id),
	kind text not null constraint sim_entry_kind
		check (kind in ('opening', 'debit', 'hold', 'release', 'cancel', 'refund')),
	request_id text not null,
	entry_minor bigint not null constraint sim_entry_positive check (entry_minor > 0),
	entry_currency text not null,
	at_us bigint not null
) STRICT;
create index sim_entry_user on sim_entry (user_id, id);

-- What the network must still be told. subject is a request id, a refund request id or a consent
-- id. done_at_us is 0 until it took the notice.
create table sim_notice (
	id text not null primary key,
	kind text not null constraint sim_notice_kind
		check (kind in ('payment', 'refund', 'consent')),
	subject text not null,
	state text not null,
	why text not null,
	attempts bigint not null default 0,
	made_at_us bigint not null,
	next_at_us bigint not null,
	done_at_us bigint not null default 0
) STRICT;
create index sim_notice_next on sim_notice (next_at_us) where done_at_us = 0;

-- How the wallet is told to misbehave: one row. remaining is null until changed.
create table sim_fault (
	id bigint not null primary key constraint sim_fault_one check (id = 1),
	mode text not null constraint sim_fault_mode check (mode in ('none', 'decline', 'timeout',
		'slow', 'pin', 'duplicate', 'late_success', 'drop_after_debit', 'bad_signature')),
	remaining bigint
) STRICT;
insert into sim_fault (id, mode) values (1, 'none');
