-- +goose Up

-- Does a visitor hold a ticket of a park?
create index park_ticket_visitor on park_ticket (visitor_id, park_id, not_after_us)
	where visitor_id <> '';
