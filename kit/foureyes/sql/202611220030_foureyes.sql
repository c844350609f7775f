-- +goose Up

-- What two people decide. body is JSON: what the change would do.
create table change_request (
	id text not null,
	kind text not null,
	subject text not null,
	state text not null,
	digest text not null,
	body text not null,
	note text not null,
	maker text not null,
	made_at_us bigint not null,
	-- Who decided, and when; both null while the change is open.
	checker text,
	decided_at_us bigint,
	constraint change_request_pk primary key (id),
	constraint change_request_state check (
		state in ('open', 'approved', 'rejected', 'superseded')),
	constraint change_request_decided check (
		(state = 'open') = (decided_at_us is null) and (state = 'open') = (checker is null)),
	constraint change_request_checker check (state <> 'approved' or checker <> maker)
) STRICT, WITHOUT ROWID;

-- What is asked once is not asked again: a digest names it within its kind.
create unique index change_request_digest on change_request (kind, digest) where digest <> '';

create index change_request_list on change_request (state, made_at_us, id);
