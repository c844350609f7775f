-- +goose Up

-- Whose codes begin so, and where that acquirer is asked what they mean.
create table aps_code_prefix (
	prefix text primary key,
	acquirer_no bigint not null,
	ask_url text not null,
	actor text not null,
	created_at_us bigint not null,
	constraint aps_code_prefix_prefix check (prefix <> ''),
	constraint aps_code_prefix_acquirer_no check (acquirer_no > 0)
) STRICT;
