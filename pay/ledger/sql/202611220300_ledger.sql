-- +goose Up
create table ledger_account (
	no bigint not null primary key,
	book bigint not null,
	kind text not null,
	owner bigint not null,
	currency text not null,
	constraint ledger_account_key unique (book, kind, owner, currency),
	constraint ledger_account_currency check (length(currency) = 3)
) STRICT;

create table ledger_transfer (
	acquirer_no bigint not null,
	id text not null,
	payment_id text not null,
	issuer_no bigint not null,
	cause text not null,
	at_us bigint not null,
	acquirer_day text not null,
	issuer_day text not null,
	corrects text not null,
	postings text not null,
	primary key (acquirer_no, id),
	constraint ledger_transfer_cause check (
		cause in ('approval', 'cancel', 'late', 'late_undone', 'refund', 'capture'))
) STRICT, WITHOUT ROWID;

create table ledger_balance (
	account_no bigint not null,
	lane bigint not null,
	debits_minor bigint not null,
	credits_minor bigint not null,
	primary key (account_no, lane),
	constraint ledger_balance_grows check (debits_minor >= 0 and credits_minor >= 0)
) STRICT, WITHOUT ROWID;
