-- +goose Up

-- Vouchers that were made together, so that a request that comes again makes no others.
create table park_voucher_batch (
	park_id text not null,
	request_id text not null,
	-- What was asked for: SHA-256, hex.
	asked text not null,
	-- The codes that were made: a JSON array.
	codes text not null,
	made_us bigint not null,
	primary key (park_id, request_id)
) STRICT, WITHOUT ROWID;
