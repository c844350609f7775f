-- +goose Up

-- What people and jobs change, without what every payment writes: the audit trail is read without
-- reading payments, and payments do not pay for these indexes. They hold all columns that a search
-- asks for, because SQLite takes them only then; store_trail.go repeats their condition.
create index event_changes on event (lane, seq, kind, actor, at_us)
	where (kind < 'capture.' or kind >= 'capture/') and (kind < 'payment.' or kind >= 'payment/')
		and (kind < 'refund.' or kind >= 'refund/');

create index event_changes_of on event (acquirer_no, lane, seq, kind, actor, at_us)
	where (kind < 'capture.' or kind >= 'capture/') and (kind < 'payment.' or kind >= 'payment/')
		and (kind < 'refund.' or kind >= 'refund/');
