-- +goose Up

-- Who signed in with a wallet. Nothing here names anybody outside their wallet: the wallet's id of
-- its user is sealed, and found again by a keyed hash.
create table visitor (
	id text not null,
	issuer_no bigint not null,
	subject_hash text not null,       -- HMAC-SHA256, hex
	subject text not null,            -- sealed: application and id
	customer_hash text not null,      -- of the id in this wallet's payments; '' when not known
	name text not null,
	lang text not null,
	created_at_us bigint not null,
	seen_at_us bigint not null,       -- about a minute behind
	constraint visitor_pk primary key (id)
) STRICT, WITHOUT ROWID;

create unique index visitor_subject on visitor (issuer_no, subject_hash);

create unique index visitor_customer on visitor (issuer_no, customer_hash)
	where customer_hash <> '';

-- Browsers that are signed in.
create table visitor_session (
	hash text not null,               -- SHA-256 of the secret, hex
	visitor_id text not null,
	made_at_us bigint not null,
	until_us bigint not null,
	constraint visitor_session_pk primary key (hash)
) STRICT, WITHOUT ROWID;

create index visitor_session_list on visitor_session (visitor_id, made_at_us);

create index visitor_session_end on visitor_session (until_us);

-- Browsers that are at their wallet. A row is used once.
create table visitor_trip (
	hash text not null,               -- SHA-256 of the cookie, hex
	trip text not null,               -- sealed JSON
	until_us bigint not null,
	constraint visitor_trip_pk primary key (hash)
) STRICT, WITHOUT ROWID;

create index visitor_trip_end on visitor_trip (until_us);

-- The key of the hashes, sealed. One row.
create table visitor_key (
	id bigint not null,
	secret text not null,
	constraint visitor_key_pk primary key (id),
	constraint visitor_key_one check (id = 1)
) STRICT;

-- Payments of visitors: those by which they bought here, and those in shops that their wallet's
-- id of them was found in.
create table visitor_payment (
	visitor_id text not null,
	payment_id text not null,
	acquirer_no bigint not null,
	constraint visitor_payment_pk primary key (visitor_id, payment_id)
) STRICT, WITHOUT ROWID;

-- How far the events of payments were read. One row.
create table visitor_place (
	id bigint not null,
	place text not null,
	constraint visitor_place_pk primary key (id),
	constraint visitor_place_one check (id = 1)
) STRICT;
