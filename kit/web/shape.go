package web

import (
	"fmt"
	"math"
	"regexp"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

// form is what a JSON value may be.
type form int

// The forms. Whole is an integer.
const (
	anything form = iota
	object
	array
	text
	whole
	number
	boolean
)

// maxWhole is the largest integer that every reader of JSON keeps exactly: 2^53 - 1 (RFC 8259,
// section 6).
const maxWhole = 1<<53 - 1

// maxMembers is the most members that an object of a body may be declared with.
const maxMembers = 256

// shape is a schema made ready for checking: what may stand at one place of a body.
type shape struct {
	form form
	null bool

	// Objects: the members by name, and what others must be; nil means that there are none.
	members  map[string]int
	list     []member
	required int
	rest     *shape

	// Arrays.
	items              *shape
	minItems, maxItems int

	// Texts: lengths in characters.
	minLen, maxLen int
	pattern        *regexp.Regexp
	says           string // what a text that fits the pattern is
	format         string
	choices        []string

	// Integers, both ends included.
	low, high int64
	// Other numbers.
	floor, ceiling float64
}

// member is one member of an object.
type member struct {
	name     string
	required bool
	shape    *shape
}

// shaper makes shapes of the schemas of a document. Types that hold themselves end where they
// began.
type shaper struct {
	registry huma.Registry
	done     map[*huma.Schema]*shape
}

// compile makes the shape of the operation's body from its description.
func (o *operation) compile(described *huma.Operation) {
	if described.RequestBody == nil {
		return
	}
	media := described.RequestBody.Content["application/json"]
	if media == nil || media.Schema == nil {
		panic(fmt.Sprintf("web: operation %q: the body is not JSON", o.op.ID))
	}
	if described.RequestBody.Content["application/octet-stream"] != nil {
		panic(fmt.Sprintf("web: operation %q: RawBody is not taken; use Handle", o.op.ID))
	}
	sh := shaper{o.server.document.registry, map[*huma.Schema]*shape{}}
	o.body = sh.shape(media.Schema, o.op.ID)
	o.bodyRequired = described.RequestBody.Required
}

// shape makes one shape. It panics on a keyword that check does not know: a rule that is written
// down and not held would be worse than none.
func (sh *shaper) shape(s *huma.Schema, where string) *shape {
	for s.Ref != "" {
		s = sh.registry.SchemaFromRef(s.Ref)
	}
	if done := sh.done[s]; done != nil {
		return done
	}
	p := &shape{null: s.Nullable, low: -maxWhole, high: maxWhole, maxLen: math.MaxInt,
		maxItems: math.MaxInt, floor: math.Inf(-1), ceiling: math.Inf(1)}
	sh.done[s] = p
	if len(s.OneOf)+len(s.AnyOf)+len(s.AllOf)+len(s.DependentRequired) > 0 || s.Not != nil ||
		s.MultipleOf != nil || s.UniqueItems || s.MinProperties != nil || s.MaxProperties != nil {
		panic("web: " + where + " uses a keyword of JSON Schema that bodies are not held to")
	}

	switch s.Type {
	case "":
		p.form = anything
	case huma.TypeObject:
		sh.object(p, s, where)
	case huma.TypeArray:
		p.form = array
		p.items = sh.shape(s.Items, where+"/*")
		set(&p.minItems, s.MinItems)
		set(&p.maxItems, s.MaxItems)
	case huma.TypeString:
		sh.text(p, s, where)
	case huma.TypeInteger:
		p.form = whole
		bounds(p, s)
	case huma.TypeNumber:
		p.form = number
		bounds(p, s)
	case huma.TypeBoolean:
		p.form = boolean
	default:
		panic("web: " + where + " has the unknown type " + s.Type)
	}
	return p
}

// object fills in what belongs to objects.
func (sh *shaper) object(p *shape, s *huma.Schema, where string) {
	p.form = object
	if len(s.Properties) > maxMembers {
		panic("web: " + where + " has too many members")
	}
	p.members = make(map[string]int, len(s.Properties))
	names := make([]string, 0, len(s.Properties))
	for name := range s.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		m := member{name: name, required: slices.Contains(s.Required, name)}
		m.shape = sh.shape(s.Properties[name], where+"/"+name)
		if m.required {
			p.required++
		}
		p.members[name] = i
		p.list = append(p.list, m)
	}
	switch rest := s.AdditionalProperties.(type) {
	case *huma.Schema:
		p.rest = sh.shape(rest, where+"/*")
	case bool:
		if rest {
			p.rest = free
		}
	case nil:
		p.rest = free
	}
}

// text fills in what belongs to strings.
func (sh *shaper) text(p *shape, s *huma.Schema, where string) {
	p.form = text
	set(&p.minLen, s.MinLength)
	set(&p.maxLen, s.MaxLength)
	p.format = s.Format
	if s.ContentEncoding != "" {
		p.format = s.ContentEncoding
	}
	if _, ok := formats[p.format]; !ok {
		panic("web: " + where + " has the format " + p.format + ", which bodies are not held to")
	}
	if s.Pattern != "" {
		p.pattern = regexp.MustCompile(s.Pattern)
		p.says = "must match " + s.Pattern
		if s.PatternDescription != "" {
			p.says = "must be " + s.PatternDescription
		}
	}
	for _, choice := range s.Enum {
		word, ok := choice.(string)
		if !ok {
			panic("web: " + where + " has a choice that is no text")
		}
		p.choices = append(p.choices, word)
	}
}

// bounds fills in what belongs to numbers. A bound of an integer that is none is rounded inwards.
func bounds(p *shape, s *huma.Schema) {
	if s.Format == "int32" {
		p.low, p.high = math.MinInt32, math.MaxInt32
	}
	if len(s.Enum) > 0 {
		panic("web: a choice of numbers is a keyword that bodies are not held to")
	}
	if s.Minimum != nil {
		p.floor, p.low = *s.Minimum, max(p.low, int64(math.Ceil(*s.Minimum)))
	}
	if s.Maximum != nil {
		p.ceiling, p.high = *s.Maximum, min(p.high, int64(math.Floor(*s.Maximum)))
	}
	if s.ExclusiveMinimum != nil {
		p.floor = math.Nextafter(*s.ExclusiveMinimum, math.Inf(1))
		p.low = max(p.low, int64(math.Floor(*s.ExclusiveMinimum))+1)
	}
	if s.ExclusiveMaximum != nil {
		p.ceiling = math.Nextafter(*s.ExclusiveMaximum, math.Inf(-1))
		p.high = min(p.high, int64(math.Ceil(*s.ExclusiveMaximum))-1)
	}
}

// set copies a bound that is there.
func set(to *int, from *int) {
	if from != nil {
		*to = *from
	}
}
