package console

import (
	"time"

	"github.com/a-h/templ"

	"watari/kit/qr"
)

// Tones of badges, notes, rows and figures. A word or a shape always stands beside the colour.
const (
	Plain = ""     // nothing to notice
	Good  = "good" // went well
	Wait  = "wait" // not decided yet, or to be looked at
	Stop  = "stop" // went wrong, or is closed
	Back  = "back" // money went back
)

// toneIcons are the shapes that go with the tones.
var toneIcons = map[string]string{Plain: "list", Good: "tick", Wait: "wait", Stop: "cross",
	Back: "return"}

// Note is something to notice on a page.
type Note struct {
	Tone, Icon, Title, Text string
}

func (n Note) icon() string {
	if n.Icon != "" {
		return n.Icon
	}
	if n.Tone == Plain {
		return "alert"
	}
	return toneIcons[n.Tone]
}

// Fact is a name and its value.
type Fact struct {
	Name  string
	Value templ.Component
}

// Card is a part of a page with a heading of its own. Its children are what is inside.
type Card struct {
	Title   string
	Actions []Action
	// Flush lets a table touch the sides.
	Flush bool
	// ID is for links to it.
	ID string
}

// Tab is one of several views of the same thing.
type Tab struct {
	Text, Href string
	On         bool
	// Count stands beside the text; 0 is not shown.
	Count int64
}

// Moment is one line of a Timeline.
type Moment struct {
	At               time.Time
	Tone, Icon       string
	Title, Text, Who string
	// Detail is anything more, shown when it is opened; nil is nothing.
	Detail templ.Component
	// DetailTitle opens it; DetailRaw says that it is an id and no word.
	DetailTitle string
	DetailRaw   bool
}

func (m Moment) icon() string {
	if m.Icon != "" {
		return m.Icon
	}
	return toneIcons[m.Tone]
}

// Dialog is a question in front of the page, opened by an Action that names its ID. Its children
// are what stands above its buttons: fields of the form, too.
type Dialog struct {
	// ID is an HTML id, once a page.
	ID, Title, Text string
	// Action and Hidden are the form that it posts.
	Action string
	Hidden map[string]string
	// Submit is the button that does it; Danger marks what cannot be undone.
	Submit string
	Danger bool
}

// Progress tells how far a job is.
type Progress struct {
	Label string
	// Done of Total; a Total of 0 is not known yet.
	Done, Total int64
	// Note stands under the bar.
	Note string
}

// percent is 0 to 100.
func (p Progress) percent() int64 {
	if p.Total <= 0 {
		return 0
	}
	return min(100, max(0, p.Done*100/p.Total))
}

// Live marks a part of a page that is fetched anew by itself. Its children are the part.
type Live struct {
	// ID is an HTML id, once a page.
	ID string
	// Seconds is how often; 0 is only when the stream says so.
	Seconds int
	// Stream is the address of server-sent events; each one has the part fetched. "" is none.
	Stream string
}

// symbol draws a QR code; a text that is too long is a defect of the page.
func symbol(text, title string) (string, error) {
	s, err := qr.QR(text)
	if err != nil {
		return "", err
	}
	return s.SVG(title), nil
}
