-- +goose Up

-- What somebody buys of a seller. Amounts are yen. Times of 0 have not come.
create table visit_order (
	id text not null primary key,
	-- The visitor or the account; request ids are unique with it.
	owner text not null,
	request_id text not null,
	compared text not null,
	seller text not null,
	place text not null,
	visitor_id text not null,
	channel text not null,
	account text not null,
	reference text not null,
	issuer_id text not null,
	state text not null,
	version bigint not null,
	list_minor bigint not null,
	total_minor bigint not null,
	refunded_minor bigint not null,
	refunding_minor bigint not null,
	fees_minor bigint not null,
	-- What was booked of its discounts when it was paid.
	granted_wallet_minor bigint not null,
	granted_merchant_minor bigint not null,
	payment_id text not null,
	issuer_no bigint not null,
	acquirer_agreement bigint not null,
	issuer_agreement bigint not null,
	pay_to_currency text not null,
	acquirer_no bigint not null,
	merchant_id text not null,
	store_id text not null,
	terminal_id text not null,
	merchant_no bigint not null,
	store_no bigint not null,
	only_issuers text not null,
	lang text not null,
	voucher text not null,
	claims text not null,
	note text not null,
	description text not null,
	return_url text not null,
	policy text not null,
	basket text not null,
	not_honoured boolean not null,
	honoured boolean not null,
	attempts bigint not null,
	expires_at_us bigint not null,
	created_at_us bigint not null,
	paid_at_us bigint not null,
	closed_at_us bigint not null,
	-- When its hold has to be looked at; null is never.
	due_at_us bigint,
	constraint visit_order_request unique (owner, request_id),
	constraint visit_order_state check (state in ('held', 'paying', 'paid', 'expired',
		'refunding_late', 'cancelled')),
	constraint visit_order_sums check (list_minor >= total_minor and total_minor >= 0
		and refunded_minor >= 0 and refunding_minor >= 0 and fees_minor >= 0
		and refunded_minor + refunding_minor + fees_minor <= total_minor)
) STRICT;

create index visit_order_visitor on visit_order (visitor_id, id) where visitor_id <> '';
create index visit_order_merchant on visit_order (acquirer_no, merchant_no, id);
create index visit_order_seat on visit_order (seller, place, id);
create index visit_order_due on visit_order (due_at_us) where due_at_us is not null;

-- One person or thing.
create table visit_order_line (
	order_id text not null,
	no bigint not null,
	seller text not null,
	place text not null,
	product text not null,
	day text not null,
	slot text not null,
	unit text not null,
	options text not null,
	label text not null,
	list_minor bigint not null,
	price_minor bigint not null,
	funding text not null,
	state text not null,
	refunded_minor bigint not null,
	primary key (order_id, no),
	constraint visit_order_line_state check (state in ('held', 'released', 'sold', 'used',
		'cancelled')),
	constraint visit_order_line_price check (price_minor >= 0 and list_minor >= price_minor
		and refunded_minor >= 0)
) STRICT, WITHOUT ROWID;

-- Who has bought a day?
create index visit_order_line_day on visit_order_line (place, day, order_id)
	where state in ('held', 'sold');

-- A payment that was opened for an order.
create table visit_order_payment (
	order_id text not null,
	no bigint not null,
	acquirer_no bigint not null,
	payment_id text not null,
	request_id text not null,
	state text not null,
	minor bigint not null,
	expires_at_us bigint not null,
	created_at_us bigint not null,
	tries bigint not null,
	due_at_us bigint,
	primary key (order_id, no),
	constraint visit_order_payment_state check (state in ('opening', 'open', 'captured',
		'closed'))
) STRICT, WITHOUT ROWID;

create index visit_order_payment_id on visit_order_payment (payment_id) where payment_id <> '';
create index visit_order_payment_due on visit_order_payment (due_at_us)
	where due_at_us is not null;

-- Money that goes back.
create table visit_order_return (
	id text not null primary key,
	order_id text not null,
	request_id text not null,
	acquirer_no bigint not null,
	payment_id text not null,
	state text not null,
	reason text not null,
	lines text not null,
	minor bigint not null,
	fee_minor bigint not null,
	-- What is not granted any more; may be below 0.
	wallet_minor bigint not null,
	merchant_minor bigint not null,
	-- It is of a second payment: it is none of the order's own money.
	extra boolean not null,
	refund_id text not null,
	sendings bigint not null,
	tries bigint not null,
	mass_id text not null,
	note text not null,
	actor text not null,
	created_at_us bigint not null,
	ended_at_us bigint not null,
	due_at_us bigint,
	constraint visit_order_return_request unique (order_id, request_id),
	constraint visit_order_return_state check (state in ('due', 'sent', 'succeeded', 'failed')),
	constraint visit_order_return_sums check (minor >= 0 and fee_minor >= 0)
) STRICT;

create index visit_order_return_due on visit_order_return (due_at_us)
	where due_at_us is not null;
create index visit_order_return_open on visit_order_return (payment_id)
	where state in ('due', 'sent');
create index visit_order_return_mass on visit_order_return (mass_id, id) where mass_id <> '';

-- The closing of a day.
create table visit_order_mass (
	id text not null primary key,
	seller text not null,
	place text not null,
	day text not null,
	products text not null,
	reason text not null,
	actor text not null,
	state text not null,
	total bigint not null,
	done bigint not null,
	failed bigint not null,
	-- How often nothing was left to cut, and when that was looked at first.
	quiet bigint not null,
	created_at_us bigint not null,
	ended_at_us bigint not null,
	due_at_us bigint,
	constraint visit_order_mass_state check (state in ('running', 'done'))
) STRICT;

create index visit_order_mass_due on visit_order_mass (due_at_us) where due_at_us is not null;
create index visit_order_mass_seat on visit_order_mass (seller, place, id);

-- Orders that a closure could not cut.
create table visit_order_mass_failed (
	mass_id text not null,
	order_id text not null,
	why text not null,
	primary key (mass_id, order_id)
) STRICT, WITHOUT ROWID;

-- Where the follower is in the event log.
create table visit_order_place (
	id bigint not null primary key,
	place text not null,
	constraint visit_order_place_one check (id = 1)
) STRICT;
