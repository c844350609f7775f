-- +goose Up

-- What acquirers are told, or were told, of how a payment ended: one row a payment.
create table aps_notice (
	acquirer_no bigint not null,
	payment_id text not null,
	state text not null,
	-- Attempts that have ended.
	tries bigint not null,
	-- When it is sent again, or until when a node holds it; null when nothing is left to do.
	next_at_us bigint,
	-- Why the last attempt did not count; for the operator.
	note text not null,
	created_at_us bigint not null,
	ended_at_us bigint,
	primary key (acquirer_no, payment_id),
	constraint aps_notice_state check (state in ('waiting', 'taken', 'given_up')),
	constraint aps_notice_next check ((state = 'waiting') = (next_at_us is not null)),
	constraint aps_notice_ended check ((state = 'waiting') = (ended_at_us is null))
) STRICT, WITHOUT ROWID;

create index aps_notice_due on aps_notice (next_at_us) where next_at_us is not null;
create index aps_notice_ended_at on aps_notice (ended_at_us) where ended_at_us is not null;

-- The place that was reached in the event log.
create table aps_notice_place (
	id bigint primary key,
	place text not null,
	constraint aps_notice_place_one check (id = 1)
) STRICT;
