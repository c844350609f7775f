-- +goose Up

-- How a wallet answered in one minute, all nodes together: one row a wallet a minute while a node
-- runs. Kept for a month.
create table wallet_health (
	issuer_no bigint not null,
	minute_us bigint not null,
	-- What payers waited for: approved, declined, undecided, without proof of life, not asked.
	ask_yes bigint not null,
	ask_no bigint not null,
	ask_waiting bigint not null,
	ask_silent bigint not null,
	ask_barred bigint not null,
	-- The answers with proof by how long they took: up to 50, 100, 200, 400, 800, 1600 and
	-- 3200 milliseconds, and longer.
	took_0 bigint not null,
	took_1 bigint not null,
	took_2 bigint not null,
	took_3 bigint not null,
	took_4 bigint not null,
	took_5 bigint not null,
	took_6 bigint not null,
	took_7 bigint not null,
	-- What became of it: answers with proof, without, and calls not made.
	follow_proof bigint not null,
	follow_silent bigint not null,
	follow_barred bigint not null,
	-- The worst that a circuit was in: 0 closed, 1 half-open, 2 open.
	ask_circuit bigint not null,
	follow_circuit bigint not null,
	primary key (issuer_no, minute_us),
	constraint wallet_health_circuit check (ask_circuit between 0 and 2
		and follow_circuit between 0 and 2)
) STRICT, WITHOUT ROWID;

create index wallet_health_minute on wallet_health (minute_us);

-- What an operator must know of: one row each time that it begins.
create table alert (
	id text not null primary key,
	kind text not null,
	subject text not null,
	severity text not null,
	state text not null,
	times bigint not null,
	-- What it says, as an object whose members are those of the kind.
	data text not null,
	first_us bigint not null,
	last_us bigint not null,
	acknowledged_by text not null,
	acknowledged_us bigint,
	note text not null,
	ended_by text not null,
	ended_us bigint,
	constraint alert_severity check (severity in ('urgent', 'warning', 'notice')),
	constraint alert_state check (state in ('open', 'acknowledged', 'ended')),
	constraint alert_acknowledged check (state = 'open' and acknowledged_us is null
		or state = 'acknowledged' and acknowledged_us is not null or state = 'ended'),
	constraint alert_ended check ((state = 'ended') = (ended_us is not null))
) STRICT;

-- Of one kind about one thing there is one alert that has not ended.
create unique index alert_live on alert (kind, subject) where state <> 'ended';
create index alert_ended_at on alert (kind, subject, ended_us) where ended_us is not null;

-- The place that was reached in the event log.
create table alert_place (
	id bigint primary key,
	place text not null,
	constraint alert_place_one check (id = 1)
) STRICT;
