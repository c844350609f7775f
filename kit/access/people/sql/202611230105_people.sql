-- +goose Up

-- Who signs in. The audit trail names people by id alone; e-mail address and name stand here, and
-- stay when somebody ends, for as long as the trail has to say who did what.
create table person (
	id text not null,
	email text not null,              -- as it was written
	email_key text not null,          -- NFKC, lower case; '' once the person has ended
	name text not null,
	lang text not null,
	role text not null,
	participant_no bigint not null,   -- 0 for operators
	merchant_no bigint not null,      -- of owners, managers and cashiers
	store_no bigint not null,         -- the one store of a manager or cashier
	password text not null,           -- argon2id in PHC form; '' is none
	totp text not null,               -- sealed; '' is none
	totp_step bigint not null,        -- the last time step that was used
	totp_next text not null,          -- sealed: being set up; '' is none
	totp_next_until_us bigint not null,
	issuer text not null,             -- of the bank's single sign-on, with subject; '' is none
	subject text not null,
	created_at_us bigint not null,
	seen_at_us bigint,                -- about a minute behind
	locked_until_us bigint not null,  -- 0 is never locked
	ended_at_us bigint,
	constraint person_pk primary key (id),
	constraint person_end check ((ended_at_us is null) = (email_key <> '')),
	constraint person_place check (
		(role = 'operator' and participant_no = 0 and merchant_no = 0 and store_no = 0)
		or (role in ('acquirer', 'acquirer-clerk', 'acquirer-viewer') and participant_no > 0
			and merchant_no = 0 and store_no = 0)
		or (role = 'merchant-owner' and participant_no > 0 and merchant_no > 0 and store_no = 0)
		or (role in ('merchant-manager', 'merchant-cashier') and participant_no > 0
			and merchant_no > 0 and store_no >= 0))
) STRICT, WITHOUT ROWID;

create unique index person_email on person (email_key) where email_key <> '';

create unique index person_subject on person (issuer, subject) where issuer <> '';

create index person_list on person (participant_no, merchant_no, id);

-- Browsers that are signed in.
create table person_session (
	hash text not null,               -- SHA-256 of the secret, hex
	id text not null,
	person_id text not null,
	method text not null,
	address text not null,
	agent text not null,
	made_at_us bigint not null,
	seen_at_us bigint not null,       -- about a minute behind
	confirmed_at_us bigint not null,  -- when the person last proved who they are
	until_us bigint not null,
	constraint person_session_pk primary key (hash)
) STRICT, WITHOUT ROWID;

create unique index person_session_id on person_session (id);

create index person_session_list on person_session (person_id, made_at_us);

create index person_session_over on person_session (until_us);

-- What a browser brings back within minutes: the second step of a sign-in, the answer of a
-- passkey, the return from a bank's provider.
create table person_ticket (
	hash text not null,               -- SHA-256 of the secret, hex
	purpose text not null,
	person_id text not null,          -- '' when nobody is known yet
	data text not null,               -- sealed
	until_us bigint not null,
	constraint person_ticket_pk primary key (hash)
) STRICT, WITHOUT ROWID;

create index person_ticket_over on person_ticket (until_us);

create index person_ticket_person on person_ticket (person_id);

-- One-time links: for a new person, or for a new password.
create table person_invitation (
	id text not null,
	hash text not null,               -- SHA-256 of the secret, hex
	email text not null,
	email_key text not null,
	name text not null,
	lang text not null,
	role text not null,
	participant_no bigint not null,
	merchant_no bigint not null,
	store_no bigint not null,
	person_id text not null,          -- of a new password; '' for a new person
	factors bigint not null,          -- 1: a new password also removes second factors
	waits bigint not null,            -- 1: until a second operator approves
	made_by text not null,
	made_at_us bigint not null,
	until_us bigint not null,
	ended_at_us bigint,               -- used or withdrawn
	constraint person_invitation_pk primary key (id),
	constraint person_invitation_hash unique (hash),
	constraint person_invitation_factors check (factors in (0, 1)),
	constraint person_invitation_waits check (waits in (0, 1))
) STRICT, WITHOUT ROWID;

create index person_invitation_list on person_invitation (participant_no, merchant_no, id);

create index person_invitation_person on person_invitation (person_id, id);

create table person_passkey (
	id text not null,
	credential_id text not null,      -- base64url
	person_id text not null,
	label text not null,
	credential text not null,         -- sealed: what the library keeps of it
	backed bigint not null,
	made_at_us bigint not null,
	used_at_us bigint,
	constraint person_passkey_pk primary key (id),
	constraint person_passkey_credential unique (credential_id)
) STRICT, WITHOUT ROWID;

create index person_passkey_person on person_passkey (person_id, id);

-- Recovery codes that were not used yet.
create table person_recovery (
	person_id text not null,
	hash text not null,               -- SHA-256 of person id and code, hex
	constraint person_recovery_pk primary key (person_id, hash)
) STRICT, WITHOUT ROWID;

-- Wrong passwords and codes of the last quarter of an hour, by account and by address.
create table person_wrong (
	place text not null,              -- SHA-256 of what is counted, hex
	since_us bigint not null,
	wrong bigint not null,
	constraint person_wrong_pk primary key (place)
) STRICT, WITHOUT ROWID;

create index person_wrong_over on person_wrong (since_us);
