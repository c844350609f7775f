-- +goose Up

-- What one euro is in a currency on a day: coef × 10^exp.
create table fx_rate (
	day text not null,
	currency text not null,
	coef bigint not null,
	exp bigint not null,
	source text not null,
	-- Who brought the rate: the import, or the person who approved a change.
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

-- Rates that wait for a second person. held is JSON: which rates, and why.
create table fx_change (
	id text not null,
	state text not null,
	day text not null,
	digest text not null,
	held text not null,
	source text not null,
	maker text not null,
	made_at_us bigint not null,
	-- Who decided, and when; both null while the change is open.
	checker text,
	decided_at_us bigint,
	constraint fx_change_pk primary key (id),
	constraint fx_change_digest unique (day, digest),
	constraint fx_change_state check (state in ('open', 'approved', 'rejected', 'superseded')),
	constraint fx_change_decided check ((state = 'open') = (decided_at_us is null)),
	constraint fx_change_checker check (state <> 'approved' or checker <> maker)
) STRICT, WITHOUT ROWID;
