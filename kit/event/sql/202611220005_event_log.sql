-- +goose Up

-- What happened, in order, for ever. The primary key keeps each lane in its sequence; the
-- index answers "what happened to this payment".
create table event (
	lane bigint not null,
	seq bigint not null constraint event_seq check (seq > 0),
	at_us bigint not null,
	kind text not null,
	subject text not null,
	acquirer_no bigint not null,
	store_no bigint not null,
	actor text not null,
	data text not null,
	hash bytea not null constraint event_hash check (length(hash) = 32),
	primary key (lane, seq)
) STRICT, WITHOUT ROWID;

create index event_subject on event (subject, lane, seq);

-- The head of each lane: the last event and its hash. Every append locks its row.
create table event_lane (
	lane bigint primary key,
	seq bigint not null,
	hash bytea not null
) STRICT;

-- Which process writes into which lane, until when unless it says so again.
create table node_lane (
	lane bigint primary key,
	holder text not null,
	until_us bigint not null
) STRICT;
