-- +goose Up

-- Discounts that somebody gives on what visitors buy, and their return.
alter table ledger_transfer drop constraint ledger_transfer_cause;

alter table ledger_transfer add constraint ledger_transfer_cause check (
	cause in ('approval', 'cancel', 'late', 'late_undone', 'refund', 'capture', 'promotion',
		'promotion_back'));
