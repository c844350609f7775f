-- +goose Up

-- Notices that were given up: few, and found without looking at the others.
create index aps_notice_given_up on aps_notice (acquirer_no, ended_at_us)
	where state = 'given_up';
