-- +goose Up

-- The numbers of the wallets that an order may be paid with, separated by blanks; empty is every
-- wallet.
alter table payment add column only_issuers text not null default '';

-- What visitors buy is paid in a channel of its own.
alter table payment drop constraint payment_channel;

alter table payment add constraint payment_channel check (
	channel in ('aps', 'v1', 'till', 'scan', 'order'));
