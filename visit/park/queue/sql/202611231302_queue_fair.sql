-- +goose Up

-- Whether a virtual queue that is paused gave no more numbers before, and gives none after.
alter table queue_line add column was_full boolean not null default false;

-- How many numbers did a visitor take on a day?
create index queue_ticket_visitor on queue_ticket (park_id, visitor_id, day);
