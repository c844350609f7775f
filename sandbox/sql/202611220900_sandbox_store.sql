-- +goose Up

-- What the sandbox remembers of itself: its identity, the wallet's port, how the network names
-- itself, and whether everything was planted.
create table sim_setting (
	name text not null primary key,
	value text not null
) STRICT, WITHOUT ROWID;

-- The members' secrets. In the real world each would keep its own; here every process has to
-- write the same sandbox.json.
create table sim_member (
	id text not null primary key,
	private_key text not null,
	api_key text not null
) STRICT, WITHOUT ROWID;

-- The public keys with which the network signs.
create table sim_network_key (
	version bigint not null primary key,
	public_key text not null
) STRICT;

-- Who may do what only one process at a time does.
create table sim_lease (
	name text not null primary key,
	holder text not null,
	until_us bigint not null
) STRICT, WITHOUT ROWID;

-- Where the network's processes listen. A row is good until until_us.
create table sim_endpoint (
	base_url text not null primary key,
	until_us bigint not null
) STRICT, WITHOUT ROWID;
