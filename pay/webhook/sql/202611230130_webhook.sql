-- +goose Up

-- Addresses that are told what happens, each of an acquirer or of one merchant.
create table webhook_endpoint (
	id text not null,
	acquirer_no bigint not null,
	-- 0: the acquirer's own.
	merchant_no bigint not null,
	url text not null,
	description text not null,
	-- Names of kinds, separated by blanks; empty is all.
	kinds text not null,
	status text not null,
	-- Why it is disabled.
	note text not null,
	-- Sealed. The old secret signs as well until its time.
	secret text not null,
	secret_end text not null,
	old_secret text,
	old_until_us bigint,
	created_at_us bigint not null,
	verified_at_us bigint,
	-- What happened before is not told; null while it was never active.
	since_us bigint,
	ok_at_us bigint,
	fails bigint not null,
	failing_since_us bigint,
	-- A message was given up since the last one that was taken, and somebody was told so.
	alarmed boolean not null,
	-- The last attempt was slow or did not count: such endpoints have places of their own.
	slow boolean not null,
	-- When its next message is due; null when none waits or it is not active.
	next_at_us bigint,
	-- Until when a node holds it, and the number of that holding.
	held_until_us bigint not null,
	turn bigint not null,
	constraint webhook_endpoint_pk primary key (id),
	constraint webhook_endpoint_status check (status in ('unverified', 'active', 'disabled')),
	constraint webhook_endpoint_next check (next_at_us is null or status = 'active'),
	constraint webhook_endpoint_old check ((old_secret is null) = (old_until_us is null)),
	constraint webhook_endpoint_failing check ((fails = 0) = (failing_since_us is null))
) STRICT, WITHOUT ROWID;

create unique index webhook_endpoint_url on webhook_endpoint (acquirer_no, merchant_no, url);
create index webhook_endpoint_due on webhook_endpoint (next_at_us) where next_at_us is not null;

-- What they are told: one row a message, in the order of seq. It is kept for a month.
create table webhook_delivery (
	endpoint_id text not null,
	seq bigint not null,
	id text not null,
	kind text not null,
	subject text not null,
	state text not null,
	happened_at_us bigint not null,
	queued_at_us bigint not null,
	-- Attempts that have ended since it was queued.
	tries bigint not null,
	last_try_at_us bigint,
	-- Of the last attempt: the HTTP status, 0 without an answer; how long it took; why it did not
	-- count; the beginning of the answer's body.
	answer bigint not null,
	took_us bigint not null,
	note text not null,
	excerpt text not null,
	ended_at_us bigint,
	body text not null,
	constraint webhook_delivery_pk primary key (endpoint_id, seq),
	constraint webhook_delivery_state check (state in ('waiting', 'delivered', 'given_up')),
	constraint webhook_delivery_ended check ((state = 'waiting') = (ended_at_us is null))
) STRICT, WITHOUT ROWID;

create unique index webhook_delivery_id on webhook_delivery (id);
create index webhook_delivery_waiting on webhook_delivery (endpoint_id, seq)
	where state = 'waiting';
create index webhook_delivery_queued on webhook_delivery (queued_at_us);

-- The place that was reached in the event log, the last seq that was given out, and a number that
-- grows with every change of an endpoint.
create table webhook_place (
	id bigint primary key,
	place text not null,
	seq bigint not null,
	version bigint not null,
	constraint webhook_place_one check (id = 1)
) STRICT;
