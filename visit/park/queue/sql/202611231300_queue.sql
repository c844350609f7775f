-- +goose Up

-- What people wait for in a park: rides, ticket counters, entrances.
create table queue_place (
	id text not null primary key,
	park_id text not null,
	-- The park's own short name.
	code text not null,
	kind text not null,
	-- A JSON object from language tags to names.
	name text not null,
	-- What it can do, and how its virtual queue works: JSON objects.
	design text not null,
	virtual text not null,
	created_us bigint not null,
	ended_us bigint,
	version bigint not null,
	constraint queue_place_kind check (kind in ('ride', 'counter', 'entrance'))
) STRICT;

create unique index queue_place_code on queue_place (park_id, code) where ended_us is null;
create index queue_place_park on queue_place (park_id, id);

-- What a sensor counted in a minute; null is what it does not count. Kept for 40 days.
create table queue_count (
	place_id text not null,
	minute_us bigint not null,
	sensor text not null,
	entered bigint,
	served bigint,
	back bigint,
	in_line bigint,
	cycles bigint,
	primary key (place_id, minute_us, sensor),
	constraint queue_count_whole check (coalesce(entered, 0) >= 0 and coalesce(served, 0) >= 0
		and coalesce(back, 0) >= 0 and coalesce(in_line, 0) >= 0 and coalesce(cycles, 0) >= 0)
) STRICT, WITHOUT ROWID;

create index queue_count_minute on queue_count (minute_us);

-- What staff said about a place.
create table queue_post (
	id text not null primary key,
	park_id text not null,
	place_id text not null,
	posted_us bigint not null,
	-- '' leaves the state as it is.
	state text not null,
	minutes bigint,
	at_most boolean not null,
	timed_only boolean not null,
	windows bigint,
	note text not null,
	actor text not null,
	constraint queue_post_state check (state in ('', 'operating', 'down', 'closed',
		'refurbishment'))
) STRICT;

create index queue_post_park on queue_post (park_id, posted_us);

-- What riders with a timed token found: the measure of every estimate. Kept for 400 days.
create table queue_sample (
	place_id text not null,
	joined_us bigint not null,
	served_us bigint not null,
	sensor text not null,
	primary key (place_id, joined_us, served_us, sensor),
	constraint queue_sample_order check (served_us >= joined_us)
) STRICT, WITHOUT ROWID;

-- What was estimated and shown, minute by minute. Kept for 40 days.
create table queue_estimate (
	place_id text not null,
	minute_us bigint not null,
	state text not null,
	-- Seconds; null when the length is not known or there is none.
	wait_s bigint,
	low_s bigint,
	high_s bigint,
	-- The minutes that the page showed.
	shown bigint,
	at_most boolean not null,
	timed_only boolean not null,
	in_line bigint,
	method text not null,
	source text not null,
	-- When what it rests on was seen; 0 when nothing was.
	observed_us bigint not null,
	primary key (place_id, minute_us),
	constraint queue_estimate_state check (state in ('operating', 'down', 'closed',
		'refurbishment', 'unknown')),
	constraint queue_estimate_wait check (wait_s is null or state = 'operating')
) STRICT, WITHOUT ROWID;

create index queue_estimate_minute on queue_estimate (minute_us);

-- A place's day, when it is over: what it took and how long people waited. Kept.
create table queue_daily (
	place_id text not null,
	day text not null,
	entered bigint not null,
	served bigint not null,
	back bigint not null,
	-- Minutes in which people waited and were taken, how many were taken in those, and by how
	-- many dispatches, or minutes of open windows.
	busy_minutes bigint not null,
	busy_served bigint not null,
	busy_takers bigint not null,
	-- Null when it never operated.
	first_us bigint,
	last_us bigint,
	operating_minutes bigint not null,
	down_minutes bigint not null,
	-- Of the waits in minutes; null when none was known.
	low bigint,
	p50 bigint,
	mean bigint,
	p90 bigint,
	high bigint,
	changes bigint not null,
	primary key (place_id, day)
) STRICT, WITHOUT ROWID;

-- How far a park's boards have come: nodes look here for what others wrote.
create table queue_pulse (
	park_id text not null primary key,
	beat bigint not null
) STRICT;

-- The state of a place that was told last as an event.
create table queue_told (
	place_id text not null primary key,
	state text not null
) STRICT;
