package webhook

import "watari/kit/fsm"

// Status is where an endpoint stands.
type Status string

// The statuses of an endpoint.
const (
	// Unverified: it has not proved yet that it is its owner's. It gets nothing.
	Unverified Status = "unverified"
	// Active: it gets its events.
	Active Status = "active"
	// Disabled: its owner switched it off, or it did not answer for too long (Note says which).
	// What was queued stays; what happens meanwhile is not queued.
	Disabled Status = "disabled"
)

// change is what happens to the status of an endpoint.
type change string

const (
	onEcho    change = "challenge_echoed"
	onMove    change = "other_url"
	onDisable change = "disable" // by its owner
	onSilence change = "silent_for_a_week"
	onGone    change = "answered_410"
)

// statuses is the life of an endpoint: from, change, to.
var statuses = fsm.Table[Status, change]{
	{From: Unverified, Event: onEcho, To: Active},
	{From: Unverified, Event: onMove, To: Unverified},
	{From: Unverified, Event: onDisable, To: Disabled},
	{From: Active, Event: onEcho, To: Active},
	{From: Active, Event: onMove, To: Unverified},
	{From: Active, Event: onDisable, To: Disabled},
	{From: Active, Event: onSilence, To: Disabled},
	{From: Active, Event: onGone, To: Disabled},
	{From: Disabled, Event: onEcho, To: Active},
	{From: Disabled, Event: onMove, To: Unverified},
	{From: Disabled, Event: onDisable, To: Disabled},
}

// State is where a delivery stands.
type State string

// The states of a delivery.
const (
	Waiting   State = "waiting"   // it is sent, or sent again, when its turn comes
	Delivered State = "delivered" // the endpoint answered 2xx
	GivenUp   State = "given_up"  // after three days, or by its owner; Replay sends it again
)

// step is what happens to a delivery.
type step string

const (
	onTaken   step = "answered_2xx"
	onFailure step = "other_answer_or_none"
	onEnd     step = "three_days_over"
	onGiveUp  step = "give_up" // by its owner
	onReplay  step = "replay"
)

// deliveries is the life of a delivery: from, step, to.
var deliveries = fsm.Table[State, step]{
	{From: Waiting, Event: onTaken, To: Delivered},
	{From: Waiting, Event: onFailure, To: Waiting},
	{From: Waiting, Event: onEnd, To: GivenUp},
	{From: Waiting, Event: onGiveUp, To: GivenUp},
	{From: Waiting, Event: onReplay, To: Waiting},
	{From: Delivered, Event: onReplay, To: Waiting},
	{From: GivenUp, Event: onReplay, To: Waiting},
}
