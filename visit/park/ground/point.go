package ground

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/id"
)

// Kind is what a point is.
type Kind string

// The kinds of points.
const (
	Ride       Kind = "ride"
	Show       Kind = "show"
	Restaurant Kind = "restaurant"
	Shop       Kind = "shop"
	Counter    Kind = "ticket_counter"
	Gate       Kind = "gate"
	Restroom   Kind = "restroom"
	FirstAid   Kind = "first_aid"
	Info       Kind = "info"
	Locker     Kind = "locker"
	ATM        Kind = "atm"
	Stroller   Kind = "stroller"
	Smoking    Kind = "smoking"
	Prayer     Kind = "prayer_room"
	Nursing    Kind = "nursing"
	BikePort   Kind = "bike_port"
	Charging   Kind = "charging"
)

// Kinds returns every kind of point, in the order in which pages list them.
func Kinds() []Kind {
	return []Kind{Ride, Show, Restaurant, Shop, Counter, Gate, Restroom, FirstAid, Info, Locker,
		ATM, Stroller, Smoking, Prayer, Nursing, BikePort, Charging}
}

// Surface is what an area is.
type Surface string

// The surfaces.
const (
	Site     Surface = "site" // the whole park
	Plaza    Surface = "plaza"
	Lawn     Surface = "lawn"
	Wood     Surface = "wood"
	Water    Surface = "water"
	Building Surface = "building"
	Track    Surface = "track" // of a ride
	Parking  Surface = "parking"
)

// Surfaces returns every surface, in the order in which they are drawn.
func Surfaces() []Surface {
	return []Surface{Site, Parking, Lawn, Wood, Plaza, Water, Track, Building}
}

// Access says whether somebody in a wheelchair can use a point.
type Access string

// The kinds of access; "" is not known.
const (
	AccessYes     Access = "yes"
	AccessLimited Access = "limited"
	AccessNo      Access = "no"
)

// Limits of a map.
const (
	NameMax     = 80         // characters of a name in one language
	NoteMax     = 300        // characters of a note in one language
	CodeMax     = id.CodeMax // characters of a code
	FeaturesMax = 3000       // points, paths and areas together
	LineMax     = 2000       // positions of one path or area
	ImportMax   = 2 << 20    // bytes of a map as GeoJSON
	hoursMax    = 120
	heightMax   = 250
)

// Point is something that visitors go to.
type Point struct {
	ID, ParkID string // "poi_…"
	// Code is the park's own short name, unique in the park: a to z, 0 to 9 and single hyphens.
	Code string
	Kind Kind
	Name i18n.Text
	Note i18n.Text
	At   Position
	// Hours are as OpenStreetMap writes them, "Mo-Su 09:00-18:00"; "" is the park's own.
	Hours      string
	Wheelchair Access
	HeightMin  int64 // cm that a rider has to have; 0 is none
	StoreNo    int64 // the network's number of the shop that is here; 0 is none
	// Queue is the code of what people queue for here; "" is nothing.
	Queue string
	// Zone groups points in reports: "north".
	Zone    string
	Closed  bool // it is closed until further notice
	Version int64
}

// Area is a surface that is drawn.
type Area struct {
	ID      string
	Surface Surface
	Name    i18n.Text // may be empty
	Ring    []Position
	Zone    string
}

// trouble collects what is wrong.
type trouble struct{ err *fault.Error }

func (t *trouble) add(pointer, format string, args ...any) {
	if t.err == nil {
		t.err = ErrInvalid.Newf("the map cannot be kept like this")
	}
	t.err = t.err.At(pointer, fmt.Sprintf(format, args...))
}

func (t *trouble) fault() error {
	if t.err == nil {
		return nil
	}
	return t.err
}

// check says what is wrong with a point; at is a JSON pointer to it.
func (p *Point) check(t *trouble, at string) {
	if !id.IsCode(p.Code) {
		t.add(at+"/code", "has 1 to %d letters a to z, digits and single hyphens inside", CodeMax)
	}
	if !slices.Contains(Kinds(), p.Kind) {
		t.add(at+"/kind", "is none of %v", Kinds())
	}
	if err := p.Name.Validate(NameMax); err != nil {
		t.add(at+"/name", "%v", err)
	}
	if len(p.Note) > 0 {
		if err := p.Note.Validate(NoteMax); err != nil {
			t.add(at+"/note", "%v", err)
		}
	}
	if !p.At.valid() {
		t.add(at+"/coordinates", "are no longitude and latitude")
	}
	if !plain(p.Hours, hoursMax) {
		t.add(at+"/opening_hours", "has at most %d plain characters", hoursMax)
	}
	if !slices.Contains([]Access{"", AccessYes, AccessLimited, AccessNo}, p.Wheelchair) {
		t.add(at+"/wheelchair", "is yes, limited or no")
	}
	if p.HeightMin < 0 || p.HeightMin > heightMax {
		t.add(at+"/height_min_cm", "is 0 to %d", heightMax)
	}
	if p.Queue != "" && !id.IsCode(p.Queue) {
		t.add(at+"/queue", "is no code of a queue")
	}
	if p.Zone != "" && !id.IsCode(p.Zone) {
		t.add(at+"/zone", "has at most %d letters a to z, digits and single hyphens", CodeMax)
	}
}

// valid says whether p is on the earth.
func (p Position) valid() bool {
	return math.Abs(p.Lon) <= 180 && math.Abs(p.Lat) <= 85 // also false for NaN
}

// ParsePosition reads a longitude and a latitude as people write them, in degrees; false for what
// is no place of a map.
func ParsePosition(lon, lat string) (Position, bool) {
	x, err1 := strconv.ParseFloat(lon, 64)
	y, err2 := strconv.ParseFloat(lat, 64)
	p := Position{x, y}
	return p, err1 == nil && err2 == nil && p.valid()
}

// plain says whether s is at most max printable characters of ASCII.
func plain(s string, max int) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return len(s) <= max
}
