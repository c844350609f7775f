-- +goose Up

-- Sign-ins at shops' pages: who asks, which user answered, and the code that proves it once.
create table sim_signin (
	id text not null primary key,
	app text not null,
	user_id text not null,
	state text not null constraint sim_signin_state
		check (state in ('asked', 'given', 'refused', 'used')),
	code_name text not null,
	code_hash text not null,
	return_url text not null,
	refused_url text not null,
	extra text not null,
	until_us bigint not null,
	at_us bigint not null
) STRICT;
create unique index sim_signin_code on sim_signin (code_hash) where code_hash <> '';
create index sim_signin_user on sim_signin (user_id, app);
