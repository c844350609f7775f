-- +goose Up
create table reference (
	id bigint not null primary key,
	version bigint not null,
	ledger_closed boolean not null,
	constraint reference_one check (id = 1)
) STRICT;

insert into reference (id, version, ledger_closed) values (1, 1, false);

create table party_number (
	kind text not null primary key,
	last_no bigint not null,
	constraint party_number_kind check (
		kind in ('participant', 'merchant', 'store', 'terminal'))
) STRICT, WITHOUT ROWID;

insert into party_number (kind, last_no) values
	('participant', 0), ('merchant', 0), ('store', 0), ('terminal', 0);

create table participant (
	no bigint not null primary key,
	id text not null,
	name text not null,
	client_id text not null,
	status text not null,
	connector text not null,
	base_url text not null,
	code_group text not null,
	own_codes boolean not null,
	on_sight boolean not null,
	created_at_us bigint not null,
	constraint participant_id unique (id),
	constraint participant_no check (no between 1 and 32767),
	constraint participant_status check (status in ('open', 'suspended', 'closed'))
) STRICT;

create unique index participant_client on participant (client_id) where client_id <> '';
create unique index participant_group on participant (code_group)
	where code_group <> '' and status <> 'closed';

create table agreement (
	participant_no bigint not null,
	role text not null,
	currency text not null,
	version bigint not null,
	id text not null,
	zone text not null,
	cut_off_min bigint not null,
	spread_ppm bigint not null,
	interchange_ppm bigint not null,
	scheme_ppm bigint not null,
	cap_minor bigint,
	per_payment_max_minor bigint,
	per_day_max_minor bigint,
	from_us bigint not null,
	until_us bigint not null,
	created_at_us bigint not null,
	primary key (participant_no, role, currency, version),
	constraint agreement_role check (role in ('acquirer', 'issuer')),
	constraint agreement_currency check (length(currency) = 3),
	constraint agreement_cut_off check (cut_off_min between 0 and 1439),
	constraint agreement_rates check (spread_ppm between 0 and 1000000
		and interchange_ppm between 0 and 1000000 and scheme_ppm between 0 and 1000000),
	constraint agreement_maxima check (coalesce(cap_minor, 0) >= 0
		and coalesce(per_payment_max_minor, 0) >= 0 and coalesce(per_day_max_minor, 0) >= 0),
	constraint agreement_valid check (until_us = 0 or until_us > from_us)
) STRICT, WITHOUT ROWID;

create table merchant (
	no bigint not null primary key,
	acquirer_no bigint not null,
	id text not null,
	name text not null,
	name_ja text not null,
	mcc text not null,
	mdr_ppm bigint not null,
	status text not null,
	unverified boolean not null,
	created_at_us bigint not null,
	constraint merchant_id unique (acquirer_no, id),
	constraint merchant_mcc check (length(mcc) = 4 and trim(mcc, '0123456789') = ''),
	constraint merchant_mdr check (mdr_ppm between 0 and 1000000),
	constraint merchant_status check (status in ('open', 'suspended', 'closed'))
) STRICT;

create index merchant_unverified on merchant (acquirer_no) where unverified;

create table store (
	no bigint not null primary key,
	acquirer_no bigint not null,
	merchant_no bigint not null,
	id text not null,
	name text not null,
	name_ja text not null,
	prefecture text not null,
	-- For printed codes: the city in Latin letters, the postal code, and the unified store id of
	-- JPQR; each may be empty.
	city text not null,
	postal_code text not null,
	unified_id text not null,
	mcc text not null,
	status text not null,
	unverified boolean not null,
	per_payment_max_minor bigint,
	per_day_max_minor bigint,
	refund_day_max_minor bigint,
	manager_pin_hash text not null,
	pin_above_minor bigint not null,
	created_at_us bigint not null,
	constraint store_id unique (merchant_no, id),
	constraint store_prefecture check (unverified and prefecture = '' or prefecture in (
		'01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12',
		'13', '14', '15', '16', '17', '18', '19', '20', '21', '22', '23', '24',
		'25', '26', '27', '28', '29', '30', '31', '32', '33', '34', '35', '36',
		'37', '38', '39', '40', '41', '42', '43', '44', '45', '46', '47')),
	constraint store_mcc check (length(mcc) = 4 and trim(mcc, '0123456789') = ''),
	constraint store_status check (status in ('open', 'suspended', 'closed')),
	constraint store_maxima check (coalesce(per_payment_max_minor, 0) >= 0
		and coalesce(per_day_max_minor, 0) >= 0 and coalesce(refund_day_max_minor, 0) >= 0
		and pin_above_minor >= 0)
) STRICT;

create index store_by_id on store (acquirer_no, id);

create table terminal (
	no bigint not null primary key,
	acquirer_no bigint not null,
	store_no bigint not null,
	id text not null,
	label text not null,
	status text not null,
	can_refund boolean not null,
	refund_day_max_minor bigint,
	failures_max bigint not null,
	created_at_us bigint not null,
	constraint terminal_id unique (store_no, id),
	constraint terminal_status check (status in ('open', 'suspended', 'closed')),
	constraint terminal_maxima check (
		coalesce(refund_day_max_minor, 0) >= 0 and failures_max >= 0)
) STRICT;

create table participant_key (
	participant_no bigint not null,
	version bigint not null,
	public_der bytea not null,
	from_us bigint not null,
	until_us bigint not null,
	retired_at_us bigint,
	created_at_us bigint not null,
	last_used_us bigint,
	primary key (participant_no, version),
	constraint participant_key_version check (version between 0 and 999999),
	constraint participant_key_valid check (until_us = 0 or until_us > from_us)
) STRICT, WITHOUT ROWID;

create table terminal_activation (
	hash text not null primary key,
	terminal_no bigint not null,
	until_us bigint not null,
	used_at_us bigint,
	created_at_us bigint not null
) STRICT, WITHOUT ROWID;

create table terminal_session (
	hash text not null primary key,
	terminal_no bigint not null,
	created_at_us bigint not null,
	last_used_us bigint not null,
	revoked_at_us bigint
) STRICT, WITHOUT ROWID;

create index terminal_session_terminal on terminal_session (terminal_no);
