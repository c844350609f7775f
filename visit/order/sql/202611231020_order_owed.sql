-- +goose Up

-- Reports ask for all lines of a day, closures for those that stand: one index serves both, and a
-- line that changes its state stays where it is in it.
drop index visit_order_line_day;
create index visit_order_line_day on visit_order_line (place, day, order_id);

-- What could not be given back and waits for a person is asked for by bank and by shop.
create index visit_order_return_owed on visit_order_return (acquirer_no, id)
	where state = 'failed';

-- How it was given back when no wallet could; '' is by the wallet.
alter table visit_order_return add column outside text not null default '';
