-- +goose Up

-- The place in the event log at which an endpoint became active: what lies before is not told,
-- whatever the clocks of the nodes say. What was active before this column has been told
-- everything up to the common place.
alter table webhook_endpoint add column since_place text not null default '';

update webhook_endpoint set since_place = coalesce(
	(select place from webhook_place where id = 1), '');
