-- +goose Up

-- What is kept of a reseller's booking beside its order, once it was changed.
create table octo_booking (
	account text not null,
	-- The uuid that the reseller gave it.
	name text not null,
	-- The order that it began as, and the one that it is.
	first_id text not null,
	order_id text not null,
	-- The held order in whose place order_id came, until that is given up; '' is none.
	was_id text not null,
	-- How often it was changed, or that was tried.
	revision bigint not null,
	-- When it was held first.
	began_us bigint not null,
	reference text not null,
	-- Why it was cancelled, as the reseller says.
	reason text not null,
	changed_us bigint not null,
	primary key (account, name),
	constraint octo_booking_was check (was_id <> order_id)
) STRICT, WITHOUT ROWID;

create index octo_booking_reference on octo_booking (account, reference, name)
	where reference <> '';
