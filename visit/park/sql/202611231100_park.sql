-- +goose Up

-- Who sells tickets. Amounts are yen, minutes are counted from midnight in Japan.
create table park (
	id text not null primary key,
	slug text not null,
	acquirer_no bigint not null,
	merchant_no bigint not null,
	store_no bigint not null,
	-- Names, place, ages, policy and limits: a JSON object.
	data text not null,
	created_us bigint not null,
	-- Grows with every change of what is sold and how.
	version bigint not null,
	constraint park_slug unique (slug)
) STRICT;

create index park_merchant on park (acquirer_no, merchant_no, id);

-- What is sold.
create table park_product (
	park_id text not null,
	code text not null,
	-- Its number in the text of tickets.
	no bigint not null,
	-- A JSON object.
	data text not null,
	ended boolean not null,
	version bigint not null,
	primary key (park_id, code),
	constraint park_product_no unique (park_id, no)
) STRICT, WITHOUT ROWID;

-- What it costs, by age class and type of the day; '' is every type that has no price of its own.
create table park_price (
	park_id text not null,
	product text not null,
	unit text not null,
	day_type text not null,
	list_minor bigint not null,
	primary key (park_id, product, unit, day_type),
	constraint park_price_unit check (unit in ('adult', 'junior', 'child', 'senior', 'infant')),
	constraint park_price_range check (list_minor >= 0)
) STRICT, WITHOUT ROWID;

-- The calendar.
create table park_day (
	park_id text not null,
	day text not null,
	day_type text not null,
	open_minute bigint not null,
	close_minute bigint not null,
	closed boolean not null,
	-- Products that are not sold on this day though the park is open: a JSON array.
	closed_products text not null,
	note text not null,
	primary key (park_id, day),
	constraint park_day_hours check (open_minute >= 0 and close_minute >= open_minute)
) STRICT, WITHOUT ROWID;

-- What quotas are of: the gate, a ride.
create table park_pool (
	park_id text not null,
	code text not null,
	name text not null,
	slotted boolean not null,
	primary key (park_id, code)
) STRICT, WITHOUT ROWID;

-- How many there are, and how many are taken. The row of channel '' counts all channels; a row of
-- a channel counts what is sold through it, and its size is its allotment, -1 when it has none.
create table park_quota (
	park_id text not null,
	pool text not null,
	day text not null,
	slot text not null,
	channel text not null,
	size bigint not null,
	oversell bigint not null,
	taken bigint not null,
	-- When an allotment ends; 0 is never.
	release_us bigint not null,
	primary key (park_id, day, pool, slot, channel),
	constraint park_quota_room check (taken >= 0 and oversell >= 0 and size >= -1
		and (channel <> '' or taken <= size + oversell))
) STRICT, WITHOUT ROWID;

-- Discounts: Rule as JSON.
create table park_discount (
	park_id text not null,
	id text not null,
	data text not null,
	ended boolean not null,
	version bigint not null,
	primary key (park_id, id)
) STRICT, WITHOUT ROWID;

-- Codes that somebody enters.
create table park_voucher (
	park_id text not null,
	code text not null,
	-- The discount that it gives, '' for none.
	discount text not null,
	-- Whose it is, '' for anybody's.
	visitor_id text not null,
	label text not null,
	uses bigint not null,
	used bigint not null,
	from_us bigint not null,
	-- 0 is without end.
	until_us bigint not null,
	revoked boolean not null,
	-- Of one from the waiting list: for what it holds places, and how many.
	product text not null,
	day text not null,
	slot text not null,
	places bigint not null,
	created_us bigint not null,
	primary key (park_id, code),
	constraint park_voucher_uses check (used >= 0 and used <= uses and places >= 0)
) STRICT, WITHOUT ROWID;

create index park_voucher_label on park_voucher (park_id, label, code);

-- Who waits for a place.
create table park_wait (
	id text not null primary key,
	park_id text not null,
	visitor_id text not null,
	product text not null,
	day text not null,
	slot text not null,
	places bigint not null,
	state text not null,
	created_us bigint not null,
	voucher text not null,
	-- Until when the voucher holds the places; 0 before it is offered.
	until_us bigint not null,
	constraint park_wait_state check (state in ('waiting', 'offered', 'taken', 'lapsed', 'left',
		'over')),
	constraint park_wait_places check (places > 0)
) STRICT;

create index park_wait_line on park_wait (park_id, day, id) where state = 'waiting';
create index park_wait_due on park_wait (until_us) where state = 'offered';
create index park_wait_visitor on park_wait (visitor_id, id);

-- How many a visitor has for a day. The row of product '' counts all.
create table park_limit (
	park_id text not null,
	visitor_id text not null,
	day text not null,
	product text not null,
	taken bigint not null,
	primary key (park_id, visitor_id, day, product),
	constraint park_limit_taken check (taken >= 0)
) STRICT, WITHOUT ROWID;

-- Days that were closed, and why.
create table park_closure (
	id text not null primary key,
	park_id text not null,
	day text not null,
	products text not null,
	reason text not null,
	actor text not null,
	created_us bigint not null,
	-- When it was sold again; 0 is never.
	reopened_us bigint not null
) STRICT;

create index park_closure_park on park_closure (park_id, day, id);
