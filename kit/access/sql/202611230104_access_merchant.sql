-- +goose Up

-- Keys of merchants and of the clerks and viewers of banks.
alter table api_key add column merchant_no bigint not null default 0;

-- Who made the key; empty for those made before this column.
alter table api_key add column made_by text not null default '';

alter table api_key drop constraint api_key_place;

alter table api_key add constraint api_key_place check (
	(role = 'operator' and participant_no = 0 and merchant_no = 0 and store_no = 0
		and terminal_no = 0)
	or (role in ('acquirer', 'acquirer-clerk', 'acquirer-viewer') and participant_no > 0
		and merchant_no = 0 and store_no = 0 and terminal_no = 0)
	or (role = 'merchant-owner' and participant_no > 0 and merchant_no > 0 and store_no = 0
		and terminal_no = 0)
	or (role in ('merchant-manager', 'merchant-cashier') and participant_no > 0
		and merchant_no > 0 and store_no >= 0 and terminal_no = 0)
	or (role = 'terminal' and participant_no > 0 and merchant_no >= 0 and store_no > 0
		and terminal_no > 0));

create index api_key_place_list on api_key (participant_no, merchant_no, id);
