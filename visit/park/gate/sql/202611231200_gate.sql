-- +goose Up

-- The keys of a park, sealed. Number 0 is the key of the changing digits, the others sign tickets.
create table gate_key (
	park_id text not null,
	no bigint not null,
	-- Of number 0 the key, else the seed of the Ed25519 key.
	sealed text not null,
	-- The public key in hex, '' of number 0.
	public text not null,
	created_us bigint not null,
	primary key (park_id, no),
	constraint gate_key_no check (no between 0 and 65535)
) STRICT, WITHOUT ROWID;

-- What lets in. One row for each text that was made. A line of an order has one that is not
-- revoked.
create table park_ticket (
	id text not null primary key,
	-- Its number in its text, 16 hexadecimal digits.
	number text not null,
	park_id text not null,
	order_id text not null,
	line bigint not null,
	visitor_id text not null,
	product text not null,
	product_no bigint not null,
	-- It lets into the park, and not only onto a ride.
	admits boolean not null,
	unit text not null,
	day text not null,
	slot text not null,
	not_before_us bigint not null,
	not_after_us bigint not null,
	reentry text not null,
	rotating boolean not null,
	-- Channel, kind, place, label and claims: a JSON object.
	data text not null,
	text text not null,
	state text not null,
	-- Why it is revoked.
	ended text not null,
	entries bigint not null,
	exits bigint not null,
	inside boolean not null,
	-- The first entry and the last pass; 0 is none.
	first_us bigint not null,
	last_us bigint not null,
	created_us bigint not null,
	changed_us bigint not null,
	constraint park_ticket_number unique (number),
	constraint park_ticket_state check (state in ('valid', 'used', 'revoked')),
	constraint park_ticket_count check (entries >= 0 and exits >= 0)
) STRICT;

create unique index park_ticket_line on park_ticket (order_id, line) where state <> 'revoked';
create index park_ticket_order on park_ticket (order_id, line, id);
create index park_ticket_until on park_ticket (park_id, not_after_us, number);
create index park_ticket_changed on park_ticket (park_id, changed_us, number);
create index park_ticket_inside on park_ticket (park_id, last_us) where inside;

-- Where people are let in.
create table gate (
	id text not null primary key,
	park_id text not null,
	code text not null,
	name text not null,
	-- Products that it takes, a JSON array; none is every one that lets into the park.
	products text not null,
	ended_us bigint,
	version bigint not null
) STRICT;

create unique index gate_code on gate (park_id, code) where ended_us is null;

-- The devices at gates.
create table gate_device (
	id text not null primary key,
	park_id text not null,
	gate_id text not null,
	label text not null,
	-- SHA-256 of the link that activates it, '' when it was used; and until when.
	link_hash text not null,
	link_until_us bigint not null,
	-- SHA-256 of its session, '' before it is activated.
	session_hash text not null,
	activated_us bigint not null,
	ended_us bigint not null,
	-- What it said last: when, how far its clock is behind ours, how many scans it keeps.
	seen_us bigint not null,
	offset_ms bigint not null,
	waiting bigint not null,
	created_us bigint not null
) STRICT;

create index gate_device_park on gate_device (park_id, id);
create unique index gate_device_link on gate_device (link_hash) where link_hash <> '';
create unique index gate_device_session on gate_device (session_hash) where session_hash <> '';

-- Every scan, admitted or not. Rows are never deleted. What they collide with
-- is found later.
create table gate_scan (
	id text not null primary key,
	park_id text not null,
	gate_id text not null,
	device_id text not null,
	nonce text not null,
	-- The device decided alone.
	offline boolean not null,
	-- Of the ticket, '' when it was none.
	number text not null,
	kind text not null,
	-- By our clock, by that of the device, and when it arrived.
	at_us bigint not null,
	device_us bigint not null,
	received_us bigint not null,
	admitted boolean not null,
	reason text not null,
	-- Why somebody was let in all the same.
	override text not null,
	typed boolean not null,
	product text not null,
	unit text not null,
	admits boolean not null,
	again boolean not null,
	-- What is wrong with it, seen from here, and with which scan.
	conflict text not null,
	conflict_of text not null,
	constraint gate_scan_nonce unique (device_id, nonce, offline),
	constraint gate_scan_kind check (kind in ('entry', 'exit'))
) STRICT;

create index gate_scan_park on gate_scan (park_id, at_us, id);
create index gate_scan_number on gate_scan (number, at_us, id) where number <> '';
create index gate_scan_conflict on gate_scan (park_id, at_us, id) where conflict <> '';
