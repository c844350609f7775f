package queue

import (
	"slices"
	"time"

	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/id"
)

// Kind is what people wait for at a place.
type Kind string

// The kinds of places.
const (
	// Ride takes people in dispatches.
	Ride Kind = "ride"
	// Counter sells or changes tickets at windows.
	Counter Kind = "counter"
	// Entrance lets people in through lanes.
	Entrance Kind = "entrance"
)

// Kinds returns every kind.
func Kinds() []Kind { return []Kind{Ride, Counter, Entrance} }

// Design is what a place can do by its construction. A ride has Seats, Dispatch, Load and
// Priority; a counter and an entrance have Windows, Service and the two variations. Parts are in
// millionths.
type Design struct {
	// Seats is how many people one dispatch can take, 1 to 2,000.
	Seats int64 `json:"seats,omitempty"`
	// Dispatch is the time from one dispatch to the next, 1 s to 1 h.
	Dispatch time.Duration `json:"dispatch_ns,omitempty"`
	// LoadPPM is the part of the seats that is filled while people wait; 0 is 850,000.
	LoadPPM int64 `json:"load_ppm,omitempty"`
	// PriorityPPM is the part of the filled seats that a priority lane gets, at most 900,000.
	PriorityPPM int64 `json:"priority_ppm,omitempty"`
	// Windows is how many windows or lanes there are, 1 to 100.
	Windows int64 `json:"windows,omitempty"`
	// Service is the mean time that a window takes for one person, 1 s to 1 h.
	Service time.Duration `json:"service_ns,omitempty"`
	// ArrivalSCVPPM is the squared coefficient of variation of the times between arrivals;
	// 1,000,000 is random, which 0 stands for.
	ArrivalSCVPPM int64 `json:"arrival_scv_ppm,omitempty"`
	// ServiceSCVPPM is that of the services.
	ServiceSCVPPM int64 `json:"service_scv_ppm,omitempty"`
}

// Virtual is how a place's virtual queue works, see Ticket. The zero value: it has none.
type Virtual struct {
	// Offered tells whether the place has a virtual queue at all.
	Offered bool `json:"offered,omitempty"`
	// SharePPM is the part of what the place can take that is called from the virtual queue.
	SharePPM int64 `json:"share_ppm,omitempty"`
	// Lead is the time from the call to the begin of the window: the walk. 0 to 1 h.
	Lead time.Duration `json:"lead_ns,omitempty"`
	// Window is how long the return window is, 5 min to 2 h.
	Window time.Duration `json:"window_ns,omitempty"`
	// Grace is how much later one is still let in, 0 to 1 h.
	Grace time.Duration `json:"grace_ns,omitempty"`
	// NoShowPPM is the part of those called that is expected not to come; so many more are called.
	NoShowPPM int64 `json:"no_show_ppm,omitempty"`
	// PartyMax is the most people on one number, 1 to 20.
	PartyMax int64 `json:"party_max,omitempty"`
	// Draw is how long after the opening all who take a number are put into an order by lot, so
	// that the fastest finger has no advantage. 0 to 1 h; 0 is none.
	Draw time.Duration `json:"draw_ns,omitempty"`
	// DayMax is the most people who can take numbers in a day; 0 is no limit.
	DayMax int64 `json:"day_max,omitempty"`
	// TicketOnly gives numbers only to who holds a ticket into the park for the day, see
	// Config.Holders.
	TicketOnly bool `json:"ticket_only,omitempty"`
}

// Place is something that people queue for: a ride, a ticket counter, an entrance.
type Place struct {
	// ID is "que_…"; ParkID is the park's.
	ID, ParkID string
	// Code is the park's own short name, unique in the park: a to z, 0 to 9 and hyphens, at most
	// 40.
	Code string
	Kind Kind
	// Name has at most 80 characters in each language.
	Name    i18n.Text
	Design  Design
	Virtual Virtual
	// Ended tells whether the place is no more; its history stays.
	Ended bool
	// Version grows with each change.
	Version int64
}

// NameMax is the longest name of a place in one language, in characters.
const NameMax = 80

// CodeMax is the longest code of a place.
const CodeMax = id.CodeMax

// PlacesMax is the most places of one park that have not ended.
const PlacesMax = 200

const million = 1_000_000

// complete fills in what was left out and refuses what cannot be, with the field that it is.
//
// Errors: ErrInvalid.
func (p *Place) complete() error {
	var wrong *fault.Error
	refuse := func(pointer, text string) {
		if wrong == nil {
			wrong = ErrInvalid.Newf("the place cannot be kept like this")
		}
		wrong = wrong.At(pointer, text)
	}
	if !id.IsCode(p.Code) {
		refuse("/code", "has 1 to 40 letters a to z, digits and single hyphens inside")
	}
	if !slices.Contains(Kinds(), p.Kind) {
		refuse("/kind", "is ride, counter or entrance")
	}
	if err := p.Name.Validate(NameMax); err != nil {
		refuse("/name", err.Error())
	}
	p.Design.complete(p.Kind, refuse)
	p.Virtual.complete(p.Kind, refuse)
	if wrong == nil {
		return nil
	}
	return wrong
}

func (d *Design) complete(kind Kind, refuse func(pointer, text string)) {
	between := func(v, low, high int64) bool { return v >= low && v <= high }
	if kind == Ride {
		if d.LoadPPM == 0 {
			d.LoadPPM = 850_000
		}
		if !between(d.Seats, 1, 2000) {
			refuse("/design/seats", "is 1 to 2000")
		}
		if d.Dispatch < time.Second || d.Dispatch > time.Hour {
			refuse("/design/dispatch_seconds", "is 1 to 3600")
		}
		if !between(d.LoadPPM, 100_000, million) {
			refuse("/design/load_ppm", "is 100000 to 1000000")
		}
		if !between(d.PriorityPPM, 0, 900_000) {
			refuse("/design/priority_ppm", "is 0 to 900000")
		}
		d.Windows, d.Service, d.ArrivalSCVPPM, d.ServiceSCVPPM = 0, 0, 0, 0
		return
	}
	for _, scv := range []*int64{&d.ArrivalSCVPPM, &d.ServiceSCVPPM} {
		if *scv == 0 {
			*scv = million
		}
		if !between(*scv, 1, 100*million) {
			refuse("/design/scv", "variations are 1 to 100000000 millionths")
		}
	}
	if !between(d.Windows, 1, 100) {
		refuse("/design/windows", "is 1 to 100")
	}
	if d.Service < time.Second || d.Service > time.Hour {
		refuse("/design/service_seconds", "is 1 to 3600")
	}
	d.Seats, d.Dispatch, d.LoadPPM, d.PriorityPPM = 0, 0, 0, 0
}

func (v *Virtual) complete(kind Kind, refuse func(pointer, text string)) {
	if !v.Offered {
		*v = Virtual{}
		return
	}
	within := func(d, low, high time.Duration) bool { return d >= low && d <= high }
	if kind != Ride {
		refuse("/virtual/offered", "only rides have a virtual queue")
	}
	if v.SharePPM < 10_000 || v.SharePPM > million {
		refuse("/virtual/share_ppm", "is 10000 to 1000000")
	}
	if !within(v.Lead, 0, time.Hour) {
		refuse("/virtual/lead_seconds", "is 0 to 3600")
	}
	if !within(v.Window, 5*time.Minute, 2*time.Hour) {
		refuse("/virtual/window_seconds", "is 300 to 7200")
	}
	if !within(v.Grace, 0, time.Hour) {
		refuse("/virtual/grace_seconds", "is 0 to 3600")
	}
	if v.NoShowPPM < 0 || v.NoShowPPM > 500_000 {
		refuse("/virtual/no_show_ppm", "is 0 to 500000")
	}
	if v.PartyMax < 1 || v.PartyMax > 20 {
		refuse("/virtual/party_max", "is 1 to 20")
	}
	if !within(v.Draw, 0, time.Hour) {
		refuse("/virtual/draw_seconds", "is 0 to 3600")
	}
	if v.DayMax < 0 || v.DayMax > 1_000_000 {
		refuse("/virtual/day_max", "is 0 to 1000000")
	}
}
