-- +goose Up
create table api_key (
	id text not null,
	hash text not null,             -- SHA-256 of the key, hex
	role text not null,
	participant_no bigint not null, -- 0 for operators
	store_no bigint not null,       -- 0 for all but terminals
	terminal_no bigint not null,    -- 0 for all but terminals
	label text not null,
	created_at_us bigint not null,
	last_used_us bigint,            -- about a minute behind
	revoked_at_us bigint,
	constraint api_key_pk primary key (id),
	constraint api_key_hash unique (hash),
	constraint api_key_hash_form check (length(hash) = 64),
	constraint api_key_place check (
		(role = 'operator' and participant_no = 0 and store_no = 0 and terminal_no = 0)
		or (role = 'acquirer' and participant_no > 0 and store_no = 0 and terminal_no = 0)
		or (role = 'terminal' and participant_no > 0 and store_no > 0 and terminal_no > 0))
) STRICT;
