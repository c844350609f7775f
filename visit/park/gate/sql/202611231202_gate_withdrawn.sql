-- +goose Up

-- When a key was withdrawn; 0 is never. What such a key signed proves nothing.
alter table gate_key add column withdrawn_us bigint not null default 0;
