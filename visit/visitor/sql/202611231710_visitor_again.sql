-- +goose Up

-- A trip is kept for a minute after it was used, so that the same browser with the same answer gets
-- the same. Its step: '' at the wallet, 'asked' while the wallet is asked who came, 'in' after it.
alter table visitor_trip add column step text not null default '';
-- What the browser came back with: SHA-256, hex.
alter table visitor_trip add column answer text not null default '';
