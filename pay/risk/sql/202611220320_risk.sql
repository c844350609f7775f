-- +goose Up
create table risk_counter (
	kind text not null,
	subject bigint not null,
	day text not null,
	used_minor bigint not null,
	used_count bigint not null,
	primary key (kind, subject, day),
	constraint risk_counter_kind check (kind in ('store_day', 'issuer_day', 'issuer_owed',
		'acquirer_net', 'terminal_fail', 'terminal_pin', 'terminal_refund_day',
		'store_refund_day')),
	constraint risk_counter_used check (kind in ('issuer_owed', 'acquirer_net')
		or used_minor >= 0 and used_count >= 0)
) STRICT, WITHOUT ROWID;
