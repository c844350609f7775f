-- +goose Up

-- Whom the key counts as where two people are needed; empty: nobody but its label.
alter table api_key add column behind text not null default '';
