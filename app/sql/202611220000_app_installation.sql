-- +goose Up
create table installation (
	id bigint not null primary key,
	kind text not null,
	created_at_us bigint not null,
	constraint installation_one check (id = 1),
	constraint installation_kind check (kind in ('live', 'sandbox', 'bench'))
) STRICT;
