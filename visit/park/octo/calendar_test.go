package octo_test

import (
	"encoding/json"
	"testing"
	"time"

	"watari/visit/park"
)

// Goal: the calendar says what the availability of the best slot says, however slots are allotted:
// to nobody, to resellers, to others, to both, more than there is, and to whom it was taken back.
func TestCalendarAgreesWithAvailability(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		c := r.reseller(r.park, "reseller:tabi")
		over := r.now().Add(-time.Hour)
		give := func(slot, channel string, size int64, release time.Time) park.Quota {
			return park.Quota{Pool: "raijin", Day: day, Slot: slot, Channel: channel, Size: size,
				Release: release}
		}
		none := time.Time{}
		for _, x := range []struct {
			what string
			put  []park.Quota
			want string
		}{
			{"nobody", nil, "3"},
			{"resellers, less", []park.Quota{give("10:00", park.ByOCTO, 1, none),
				give("11:00", park.ByOCTO, 1, none)}, "1"},
			{"resellers, one of two", []park.Quota{give("11:00", park.ByOCTO, 1, none),
				give("10:00", park.ByOCTO, -1, none)}, "2"},
			{"resellers, more than there is", []park.Quota{give("11:00", park.ByOCTO, 50, none)}, "3"},
			{"taken back from resellers", []park.Quota{give("11:00", park.ByOCTO, 1, over)}, "3"},
			{"others too", []park.Quota{give("10:00", park.ByCounter, 2, none),
				give("11:00", park.ByCounter, 2, none)}, "1"},
			{"resellers and others", []park.Quota{give("11:00", park.ByOCTO, 2, none)}, "2"},
			{"others no more", []park.Quota{give("10:00", park.ByCounter, -1, none),
				give("11:00", park.ByCounter, -1, none)}, "2"},
		} {
			if len(x.put) > 0 {
				r.quotas(r.park, x.put...)
			}
			ask := j{"productId": "fuji-kogen.raijin", "optionId": "DEFAULT", "localDateStart": day,
				"localDateEnd": day}
			most := "0"
			for _, slot := range c.list("POST", "/octo/availability", ask) {
				if v, ok := slot["vacancies"].(json.Number); ok && v.String() > most {
					most = v.String()
				}
			}
			if got := c.list("POST", "/octo/availability/calendar", ask)[0]["vacancies"]; most !=
				x.want || got != json.Number(x.want) {
				t.Errorf("%s: the calendar says %v, the slots %s, want %s", x.what, got, most, x.want)
			}
		}
		c.want(200, "POST", "/octo/bookings", booking(1, "fuji-kogen.raijin", slot11, 1))
		if got := c.list("POST", "/octo/availability/calendar", j{"optionId": "DEFAULT",
			"productId": "fuji-kogen.raijin", "localDateStart": day, "localDateEnd": day,
		})[0]["vacancies"]; got != json.Number("2") {
			t.Errorf("after a sale at eleven %v are left at ten", got)
		}
	})
}
