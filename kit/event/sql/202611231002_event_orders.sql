-- +goose Up

-- What visitors' orders write does not stand in the trail either.
drop index event_changes;

drop index event_changes_of;

create index event_changes on event (lane, seq, kind, actor, at_us)
	where (kind < 'capture.' or kind >= 'capture/') and (kind < 'order.' or kind >= 'order/')
		and (kind < 'payment.' or kind >= 'payment/')
		and (kind < 'refund.' or kind >= 'refund/');

create index event_changes_of on event (acquirer_no, lane, seq, kind, actor, at_us)
	where (kind < 'capture.' or kind >= 'capture/') and (kind < 'order.' or kind >= 'order/')
		and (kind < 'payment.' or kind >= 'payment/')
		and (kind < 'refund.' or kind >= 'refund/');
