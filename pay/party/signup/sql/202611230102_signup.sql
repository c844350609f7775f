-- +goose Up

-- Columns called sealed hold texts under the network's sealing key: what identifies people, and
-- where money goes.
create table signup_application (
	id text not null primary key,
	acquirer_no bigint not null,
	state text not null,
	origin text not null,
	mcc text not null,
	prefecture text not null,
	-- Names and ids in lower case, for looking them up.
	search text not null,
	-- The form, the remarks on it, the reason of a refusal.
	sealed text not null,
	screening text not null,
	screened_by text not null,
	screened_at_us bigint,
	-- What an approval made; 0 before.
	merchant_no bigint not null,
	store_no bigint not null,
	terminal_no bigint not null,
	-- Names of those who filled the form in: a JSON list.
	makers text not null,
	reviewer text not null,
	decider text not null,
	import_id text not null,
	-- Of a registration by protocol: the acquirer's request, and where its end is told.
	request_id text not null,
	notify_url text not null,
	version bigint not null,
	created_at_us bigint not null,
	changed_at_us bigint not null,
	submitted_at_us bigint,
	decided_at_us bigint,
	constraint signup_application_state check (state in ('draft', 'applied', 'in_review',
		'returned', 'refused', 'withdrawn', 'approved', 'live', 'suspended', 'closed')),
	constraint signup_application_origin check (
		origin in ('bank', 'merchant', 'import', 'protocol')),
	constraint signup_application_screening check (screening in ('pending', 'clear', 'hit')),
	constraint signup_application_made check ((merchant_no > 0)
		= (state in ('approved', 'live', 'suspended', 'closed')))
) STRICT;

create index signup_application_of on signup_application (acquirer_no, state, id);
create index signup_application_merchant on signup_application (merchant_no)
	where merchant_no > 0;
create unique index signup_application_request on signup_application (acquirer_no, request_id)
	where request_id <> '';

create table signup_document (
	id text not null primary key,
	application_id text not null,
	paper text not null,
	content_type text not null,
	bytes bigint not null,
	sha256 text not null,
	made_by text not null,
	created_at_us bigint not null,
	-- The name of the file, and its content.
	sealed_name text not null,
	sealed text not null,
	constraint signup_document_paper check (
		paper in ('identity', 'registry', 'licence', 'shop_photo', 'other'))
) STRICT;

create index signup_document_of on signup_document (application_id, id);

create table signup_note (
	id text not null primary key,
	application_id text not null,
	made_by text not null,
	created_at_us bigint not null,
	sealed text not null
) STRICT;

create index signup_note_of on signup_note (application_id, id);

create table signup_link (
	id text not null primary key,
	hash text not null,
	acquirer_no bigint not null,
	-- The application that it shows; '' for one that anybody begins an application with.
	application_id text not null,
	label text not null,
	lang text not null,
	made_by text not null,
	created_at_us bigint not null,
	until_us bigint not null,
	revoked_at_us bigint,
	-- How many applications were begun on which day.
	begun_day text not null,
	begun bigint not null,
	constraint signup_link_hash unique (hash)
) STRICT;

create index signup_link_of on signup_link (acquirer_no, id);

create table signup_payout (
	id text not null primary key,
	acquirer_no bigint not null,
	merchant_no bigint not null,
	state text not null,
	from_us bigint,
	maker text not null,
	checker text not null,
	request_id text not null,
	note text not null,
	contact text not null,
	created_at_us bigint not null,
	decided_at_us bigint,
	sealed text not null,
	constraint signup_payout_state check (
		state in ('proposed', 'held', 'rejected', 'stopped')),
	constraint signup_payout_from check ((state in ('proposed', 'rejected')) = (from_us is null))
) STRICT;

create index signup_payout_of on signup_payout (merchant_no, state, from_us);
create index signup_payout_waiting on signup_payout (acquirer_no, id) where state = 'proposed';

create table signup_import (
	id text not null primary key,
	acquirer_no bigint not null,
	state text not null,
	dry_run boolean not null,
	file_name text not null,
	encoding text not null,
	made_by text not null,
	actor text not null,
	phase text not null,
	lines bigint not null,
	checked bigint not null,
	merchants bigint not null,
	stores bigint not null,
	terminals bigint not null,
	mistakes bigint not null,
	bad_lines bigint not null,
	reason text not null,
	-- A running import whose node did not say so by then is dead.
	lease_us bigint not null,
	started_at_us bigint not null,
	ended_at_us bigint,
	constraint signup_import_state check (
		state in ('running', 'checked', 'done', 'failed', 'interrupted')),
	constraint signup_import_ended check ((state = 'running') = (ended_at_us is null))
) STRICT;

create index signup_import_of on signup_import (acquirer_no, id);
create unique index signup_import_running on signup_import (acquirer_no)
	where state = 'running';

create table signup_mistake (
	import_id text not null,
	line bigint not null,
	nth bigint not null,
	field text not null,
	text text not null,
	primary key (import_id, line, nth)
) STRICT, WITHOUT ROWID;

create table signup_made (
	import_id text not null,
	line bigint not null,
	application_id text not null,
	merchant_id text not null,
	store_id text not null,
	terminal_id text not null,
	primary key (import_id, line)
) STRICT, WITHOUT ROWID;
