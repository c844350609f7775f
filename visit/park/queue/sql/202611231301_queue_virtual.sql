-- +goose Up

-- The virtual queue of a place.
create table queue_line (
	place_id text not null primary key,
	park_id text not null,
	state text not null,
	-- The park day whose numbers it gives.
	day text not null,
	opened_us bigint not null,
	-- Until then numbers wait for the draw.
	draw_us bigint not null,
	-- Since when it is paused; null while it is not.
	paused_us bigint,
	-- Whether a breakdown paused it, which its end resumes.
	paused_by_state boolean not null,
	-- People who may be called, in millionths, as reckoned at a time.
	credit_ppm bigint not null,
	reckoned_us bigint not null,
	-- The last number given and the people on all numbers of the day.
	last_number bigint not null,
	people bigint not null,
	version bigint not null,
	constraint queue_line_state check (state in ('closed', 'open', 'full', 'paused')),
	constraint queue_line_paused check ((state = 'paused') = (paused_us is not null))
) STRICT;

-- A number in a virtual queue.
create table queue_ticket (
	id text not null primary key,
	park_id text not null,
	place_id text not null,
	day text not null,
	number bigint not null,
	-- The order of calling: by lot for those who joined before the draw, then as they came.
	turn bigint not null,
	visitor_id text not null,
	party bigint not null,
	-- What is shown and typed.
	code text not null,
	state text not null,
	joined_us bigint not null,
	called_us bigint,
	from_us bigint,
	to_us bigint,
	ended_us bigint,
	constraint queue_ticket_state check (state in ('joined', 'called', 'redeemed', 'expired',
		'left')),
	constraint queue_ticket_window check ((called_us is null) = (from_us is null)
		and (called_us is null) = (to_us is null) and (state <> 'joined' or called_us is null)),
	constraint queue_ticket_end check ((state in ('joined', 'called')) = (ended_us is null)),
	constraint queue_ticket_party check (party between 1 and 20)
) STRICT;

-- A visitor holds one number in a park.
create unique index queue_ticket_held on queue_ticket (park_id, visitor_id)
	where state in ('joined', 'called');
create unique index queue_ticket_number on queue_ticket (place_id, day, number);
create unique index queue_ticket_code on queue_ticket (park_id, day, code);
create index queue_ticket_turn on queue_ticket (place_id, turn) where state = 'joined';
create index queue_ticket_window on queue_ticket (place_id, to_us) where state = 'called';
