-- +goose Up

-- Whether staff at a device may let people in against a refusal.
alter table gate_device add column overrides boolean not null default true;
