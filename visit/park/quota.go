package park

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"watari/kit/i18n"
	"watari/kit/id"
)

// Pool is what quotas are of: all who enter, the seats of a ride.
type Pool struct {
	Code    string
	Name    i18n.Text // at most 80 characters
	Slotted bool      // it counts each slot by itself; it never changes
}

// Quota is how many there are of a pool on a day.
type Quota struct {
	Pool, Day string
	Slot      string // "" in a pool that is not slotted
	// Channel "" is the quota itself, over all channels. Another is an allotment in it: so many are
	// kept for the channel and no more are sold through it, until Release.
	Channel  string
	Size     int64 // 0 to 1,000,000; of an allotment -1 when there is none
	Oversell int64 // sold beyond Size, for those who do not come; of channel "" only
	Release  time.Time
	Taken    int64 // held, sold, used and offered to who waits
}

const sizeMax = 1_000_000

// quotaKey names what is counted together.
type quotaKey struct{ park, day, pool, slot string }

func (k quotaKey) compare(o quotaKey) int {
	return cmp.Or(strings.Compare(k.park, o.park), strings.Compare(k.day, o.day),
		strings.Compare(k.pool, o.pool), strings.Compare(k.slot, o.slot))
}

// quota is the rows of one key: of all channels, and of each.
type quota struct {
	all    *Quota // nil: nothing is sold
	by     map[string]*Quota
	change map[string]int64 // what is taken by this transaction, by channel
}

// waitFirst is how much later an allotment that ended is sold to everybody than it is offered to
// who waits: longer than Config.Every is, so that nobody who comes by is faster than the waiting
// list.
const waitFirst = 15 * time.Second

// allotted says whether the row of a channel is an allotment at a moment.
func (q *Quota) allotted(now time.Time) bool {
	return q.Channel != "" && q.Size >= 0 && (q.Release.IsZero() || now.Before(q.Release))
}

// room is how many can be bought through a channel (T1).
func (q *quota) room(channel string, now time.Time) int64 {
	return q.roomFor(channel, now.Add(-waitFirst))
}

// roomFor is how many can be taken through a channel, with the allotments of a moment.
func (q *quota) roomFor(channel string, now time.Time) int64 {
	if q == nil || q.all == nil {
		return 0
	}
	free := q.all.Size + q.all.Oversell - q.all.Taken
	own := q.by[channel]
	if own != nil && own.allotted(now) {
		return max(0, min(free, own.Size-own.Taken))
	}
	for _, other := range q.by {
		if other.allotted(now) {
			free -= max(0, other.Size-other.Taken)
		}
	}
	return max(0, free)
}

// take counts n more through a channel; fewer when n is negative.
func (q *quota) take(channel string, n int64) {
	if q.change == nil {
		q.change = map[string]int64{}
	}
	q.change[""] += n
	q.change[channel] += n
	if q.all != nil {
		q.all.Taken += n
	}
	if own := q.by[channel]; own != nil {
		own.Taken += n
	} else {
		if q.by == nil {
			q.by = map[string]*Quota{}
		}
		q.by[channel] = &Quota{Channel: channel, Size: -1, Taken: n}
	}
}

// check refuses what a quota cannot be.
func (q *Quota) check(r *refusal, pointer string) {
	_, ok := midnight(q.Day)
	r.unless(ok, pointer+"/day", "is written 2026-11-23")
	r.unless(id.IsCode(q.Pool), pointer+"/pool", "is the code of a pool")
	r.unless(len(q.Slot) <= 20 && plain(q.Slot), pointer+"/slot", "has at most 20 characters")
	r.unless(q.Channel == "" || slices.Contains(Channels(), q.Channel), pointer+"/channel",
		"is visitor, octo, counter or empty")
	low := int64(0)
	if q.Channel != "" {
		low = -1
		r.unless(q.Oversell == 0, pointer+"/oversell", "is of the whole quota only")
	} else {
		r.unless(q.Release.IsZero(), pointer+"/release_at", "is of allotments only")
	}
	r.unless(within(q.Size, low, sizeMax), pointer+"/size", "is 0 to 1000000")
	r.unless(within(q.Oversell, 0, sizeMax), pointer+"/oversell", "is 0 to 1000000")
}

// check refuses what a pool cannot be.
func (p *Pool) check(r *refusal, pointer string) {
	r.unless(id.IsCode(p.Code), pointer+"/code", "has 1 to 40 letters a to z, digits and hyphens")
	r.text(p.Name, NameMax, true, pointer+"/name")
}
