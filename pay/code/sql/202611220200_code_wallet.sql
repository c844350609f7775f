-- +goose Up

-- Wallet codes by issuer and SHA-256: those issued here, and used ones of other issuers.
create table wallet_code (
	issuer_no bigint not null,
	hash bytea not null,
	last4 text not null,
	-- The issuer's id of the payer, sealed; empty for a code of another issuer.
	customer text not null,
	-- ISO 3166-1 alpha-2 of where the payer is, as the issuer said; may be empty.
	region text not null,
	issued_at_us bigint not null,
	expires_at_us bigint not null,
	-- The payment that consumed the code; null until then.
	payment_id text,
	constraint wallet_code_pk primary key (issuer_no, hash),
	constraint wallet_code_issuer_no check (issuer_no > 0),
	constraint wallet_code_hash check (length(hash) = 32),
	constraint wallet_code_expires check (expires_at_us >= issued_at_us),
	constraint wallet_code_payment_id check (payment_id <> '')
) STRICT, WITHOUT ROWID;
