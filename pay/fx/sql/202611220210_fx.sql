-- +goose Up

-- What one euro is in a currency on a day: coef × 10^exp.
create table fx_rate (
	day text not null,
	currency text not null,
	coef bigint not null,
	exp bigint not null,
	source text not null,
	-- Who brought the rate: whoever imported it, or "change:" and the id of what was approved.
	imported_by text not null,
	imported_at_us bigint not null,
	constraint fx_rate_pk primary key (day, currency),
	constraint fx_rate_day check (length(day) = 10),
	constraint fx_rate_currency check (length(currency) = 3),
	constraint fx_rate_coef check (coef > 0 and coef < 1000000000000),
	constraint fx_rate_exp check (exp >= -24 and exp <= 12)
) STRICT, WITHOUT ROWID;

-- The newest rates of a currency, and the newest day that two have in common.
create index fx_rate_by_currency on fx_rate (currency, day);

-- One row, locked by whatever writes rates, so that imports and decisions follow one another.
create table fx_board (
	no bigint not null,
	written_at_us bigint not null,
	constraint fx_board_pk primary key (no),
	constraint fx_board_no check (no = 1)
) STRICT, WITHOUT ROWID;

-- Rates locked for payments, for ever.
create table fx_quote (
	id text not null,
	issuer_no bigint not null,
	base text not null,
	quote text not null,
	coef bigint not null,
	exp bigint not null,
	mid_coef bigint not null,
	mid_exp bigint not null,
	spread_ppm bigint not null,
	rate_day text not null,
	from_us bigint not null,
	until_us bigint not null,
	constraint fx_quote_pk primary key (id),
	constraint fx_quote_coef check (coef > 0 and mid_coef > 0),
	constraint fx_quote_until check (until_us > from_us)
) STRICT, WITHOUT ROWID;
