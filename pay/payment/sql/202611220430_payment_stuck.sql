-- +goose Up

-- Legs that wait for an operator: few, and found without looking at the others.
create index payment_leg_stuck on payment_leg (acquirer_no, id) where state = 'stuck';
