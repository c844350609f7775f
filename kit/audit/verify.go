package audit

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Report is what an export proves.
type Report struct {
	AcquirerNo int64
	Events     int
	Lanes      []LaneReport
	// Whole says that every event of every lane is there, up to the heads that the export names
	// (T1); false for an export of one acquirer.
	Whole bool
}

// LaneReport is what is proved of a lane.
type LaneReport struct {
	Lane   int
	Events int
	Seq    int64  // of the last event
	Hash   string // of the last event: compare it with one that was kept elsewhere
}

// BrokenError says where an export does not hold.
type BrokenError struct {
	Line   int // from 1, over all files
	Reason string
}

// Error returns the line and the reason.
func (e *BrokenError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// lineMax is the longest line that is read.
const lineMax = 4 << 20

// Verify recomputes an export, which may be in several parts, in their order.
//
// Errors: *BrokenError for the first line that does not hold; those of the readers.
func Verify(parts ...io.Reader) (Report, error) {
	v := &verifier{lanes: map[int]*LaneReport{}}
	for i, r := range parts {
		if err := v.part(r); err != nil {
			return v.report, err
		}
		if v.ended != (i == len(parts)-1) {
			if v.ended {
				return v.report, v.broken("the export ended in the part before")
			}
			return v.report, v.broken("the next part is missing: the export goes on at %q", v.next)
		}
	}
	if len(parts) == 0 {
		return v.report, v.broken("there is nothing to verify")
	}
	return v.finish()
}

// verifier holds what was read.
type verifier struct {
	report Report
	n      int // line
	top    first
	lanes  map[int]*LaneReport
	order  []int
	ended  bool
	next   string
}

func (v *verifier) broken(format string, args ...any) error {
	return &BrokenError{v.n, fmt.Sprintf(format, args...)}
}

// part reads one file.
func (v *verifier) part(r io.Reader) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 64<<10), lineMax)
	began, over, count := false, false, 0
	for s.Scan() {
		v.n++
		text := bytes.TrimSpace(s.Bytes())
		switch {
		case over:
			return v.broken("something follows the last line")
		case !began:
			began = true
			if err := v.begin(text); err != nil {
				return err
			}
		default:
			done, err := v.take(text, count)
			if err != nil {
				return err
			}
			if over = done; !done {
				count++
			}
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("read line %d: %w", v.n+1, err)
	}
	if !over {
		return v.broken("the last line is missing: the file was cut off")
	}
	return nil
}

func (v *verifier) begin(text []byte) error {
	var top first
	if err := strict(text, &top); err != nil || top.Version != Version {
		return v.broken("not the first line of an export")
	}
	if v.top.Version != 0 && top.AcquirerNo != v.top.AcquirerNo {
		return v.broken("the part is of another export")
	}
	v.top, v.report.AcquirerNo = top, top.AcquirerNo
	return nil
}

// take reads an event, or the last line: then done.
func (v *verifier) take(text []byte, count int) (done bool, err error) {
	var end last
	if strict(text, &end) == nil {
		if end.End == (end.Next != "") || end.Events != count {
			return true, v.broken("the last line says %d events, there are %d", end.Events, count)
		}
		v.ended, v.next = end.End, end.Next
		return true, nil
	}
	var l line
	if err := strict(text, &l); err != nil {
		return false, v.broken("not an event: %v", err)
	}
	link, err := l.link()
	if err != nil {
		return false, v.broken("%v", err)
	}
	if !link.Holds() {
		return false, v.broken("the hash of event %d.%d does not follow from its content", l.Lane,
			l.Seq)
	}
	return false, v.follows(l)
}

// follows checks an event against the one before in its lane.
func (v *verifier) follows(l line) error {
	if v.top.AcquirerNo != 0 && l.AcquirerNo != v.top.AcquirerNo {
		return v.broken("event %d.%d is another acquirer's", l.Lane, l.Seq)
	}
	before := v.lanes[l.Lane]
	if before == nil {
		before = &LaneReport{Lane: l.Lane, Hash: hex.EncodeToString(make([]byte, 32))}
		v.lanes[l.Lane] = before
		v.order = append(v.order, l.Lane)
	}
	switch {
	case l.Seq <= before.Seq:
		return v.broken("event %d.%d comes after %d.%d", l.Lane, l.Seq, l.Lane, before.Seq)
	case l.Seq != before.Seq+1 && v.top.AcquirerNo == 0:
		return v.broken("event %d.%d is missing", l.Lane, before.Seq+1)
	case l.Seq == before.Seq+1 && l.Prev != before.Hash:
		return v.broken("event %d.%d does not follow the one before", l.Lane, l.Seq)
	}
	before.Seq, before.Hash = l.Seq, l.Hash
	before.Events++
	v.report.Events++
	return nil
}

// finish compares the lanes with the heads.
func (v *verifier) finish() (Report, error) {
	for _, lane := range v.order {
		v.report.Lanes = append(v.report.Lanes, *v.lanes[lane])
	}
	if v.top.AcquirerNo != 0 {
		return v.report, nil
	}
	for _, h := range v.top.Heads {
		l := v.lanes[h.Lane]
		if h.Seq == 0 {
			continue
		}
		if l == nil || l.Seq < h.Seq {
			return v.report, v.broken("lane %d ends before its head, event %d", h.Lane, h.Seq)
		}
		if l.Seq == h.Seq && l.Hash != h.Hash {
			return v.report, v.broken("the head of lane %d has another hash", h.Lane)
		}
	}
	v.report.Whole = true
	return v.report, nil
}

// strict reads a line that has the members of v, each once, in their order and by their own name,
// and nothing else: a line with two actors would say one thing here and another elsewhere.
func strict(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	own, err := json.Marshal(v)
	if err != nil {
		return err
	}
	is, should := json.NewDecoder(bytes.NewReader(text)), json.NewDecoder(bytes.NewReader(own))
	is.UseNumber()
	should.UseNumber()
	for {
		a, errA := is.Token()
		b, errB := should.Token()
		if errors.Is(errA, io.EOF) && errors.Is(errB, io.EOF) {
			return nil
		}
		if errA != nil || errB != nil || a != b {
			return errors.New("a member is missing, comes twice or out of order, or is not known")
		}
	}
}
