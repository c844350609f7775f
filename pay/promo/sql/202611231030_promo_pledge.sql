-- +goose Up

-- What a wallet has agreed to give for discounts at one merchant.
create table promo_pledge (
	issuer_no bigint not null,
	merchant_no bigint not null,
	issuer_id text not null,
	merchant_id text not null,
	acquirer_no bigint not null,
	share_ppm bigint not null,
	budget_minor bigint not null,
	taken_minor bigint not null,
	from_us bigint not null,
	until_us bigint not null, -- 0: without end
	version bigint not null,
	constraint promo_pledge_pk primary key (issuer_no, merchant_no),
	constraint promo_pledge_share check (share_ppm >= 1 and share_ppm <= 1000000),
	constraint promo_pledge_budget check (budget_minor >= 0),
	constraint promo_pledge_taken check (taken_minor >= 0),
	constraint promo_pledge_time check (until_us = 0 or until_us >= from_us)
) STRICT, WITHOUT ROWID;

-- Those of a merchant, for its prices and its pages.
create index promo_pledge_by_merchant on promo_pledge (merchant_no);
