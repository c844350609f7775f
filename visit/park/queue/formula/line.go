package formula

import "math"

// Little is the wait of somebody who joins a line of ahead people that rate people leave a unit of
// time at its head. It is +Inf when nobody leaves and somebody is ahead.
func Little(ahead, rate float64) float64 {
	if ahead <= 0 {
		return 0
	}
	if rate <= 0 {
		return math.Inf(1)
	}
	return ahead / rate
}

// Batch is a ride that takes people in dispatches.
type Batch struct {
	// Seats is how many seats a dispatch has.
	Seats float64
	// Interval is the time from one dispatch to the next.
	Interval float64
	// Load is the part of the seats that is filled while people wait, 0 to 1: groups do not
	// divide into rows.
	Load float64
	// Priority is the part of the filled seats that goes to people of a priority lane, 0 to less
	// than 1.
	Priority float64
}

// Boarding is how many people of the standby line one dispatch takes.
func (b Batch) Boarding() float64 { return b.Seats * b.Load * (1 - b.Priority) }

// Rate is how many people of the standby line leave a unit of time while people wait.
func (b Batch) Rate() float64 {
	if b.Interval <= 0 {
		return 0
	}
	return b.Boarding() / b.Interval
}

// Wait is the wait of somebody who joins behind ahead people when the next dispatch leaves after
// rest: all dispatches that they fill before, and that one. It is +Inf for a ride that takes
// nobody.
func (b Batch) Wait(ahead, rest float64) float64 {
	boarding := b.Boarding()
	if boarding <= 0 || b.Interval <= 0 {
		return math.Inf(1)
	}
	return math.Floor(max(0, ahead)/boarding)*b.Interval + rest
}

// NCurve returns how long the person waited who leaves with the last of the departures: the time
// since as many had arrived as have left by now. arrived[i] and left[i] are cumulative counts at
// the end of step i, each a unit of time long; the answer is in steps, and between two steps
// arrivals are taken as even. It is 0 when nobody is behind, and false when the counts do not
// reach back far enough.
func NCurve(arrived, left []float64) (float64, bool) {
	n := len(arrived)
	if n == 0 || len(left) != n {
		return 0, false
	}
	gone := left[n-1]
	if gone >= arrived[n-1] {
		return 0, true
	}
	for i := n - 1; i >= 0; i-- {
		before := 0.0
		if i > 0 {
			before = arrived[i-1]
		}
		if before <= gone && gone <= arrived[i] && arrived[i] > before {
			part := (gone - before) / (arrived[i] - before)
			return float64(n-1-i) + 1 - part, true
		}
	}
	return 0, false
}
