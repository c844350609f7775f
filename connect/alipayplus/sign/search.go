package sign

import (
	"bytes"
	"crypto"
	_ "crypto/md5"  // mistakes are signed with it
	_ "crypto/sha1" // and with this
	"crypto/sha256"
	_ "crypto/sha512" // and with this
	"fmt"
	"strconv"
	"time"

	"watari/connect/alipayplus/wire"
)

// variant is one way in which a part can have been signed.
type variant struct {
	text   []byte
	signed string // how it is told; "" quotes the text
}

// layout puts the parts together in one way.
type layout struct {
	signed string // how it is told; "" is the right one
	join   func(m Message) []byte
}

// choice is one variant of every part, by index; 0 is what was received.
type choice [6]int

// Parts of a choice.
const (
	partMethod = iota
	partPath
	partClient
	partTime
	partBody
	partLayout
)

// parts are the names of the parts, as people are told.
var parts = [...]string{"method", "path", "client id", "time", "body", "form"}

// tripleBody is the largest body for which three mistakes at once are tried, in bytes.
const tripleBody = 2048

// hunt is one search for a text with a digest.
type hunt struct {
	q        Question
	variants [5][]variant
	layouts  []layout
	hash     crypto.Hash
	digest   []byte
	tried    int
}

// search fills Found, Differences and Tried: no mistake, then one, two, three at once.
func (q Question) search(r *Report, s sealed) {
	h := &hunt{q: q, layouts: layouts(), hash: s.hash, digest: s.digest}
	h.variants = [5][]variant{methods(q.Method), paths(q.Path, q.OtherPaths),
		clients(q.ClientID, q.OtherClients), times(q.At, q.OtherTimes), bodies(q.Body)}
	most := 3
	if len(q.Body) > tripleBody {
		most = 2
	}
	defer func() { r.Tried = h.tried }()
	for changes := 0; changes <= most; changes++ {
		var c choice
		if h.try(&c, 0, changes) {
			r.Found, r.Differences = true, h.differences(c)
			return
		}
		if changes == 1 {
			if d, ok := h.nearTime(); ok {
				r.Found, r.Differences = true, []Difference{d}
				return
			}
		}
	}
}

// try sets exactly that many of the parts from part on to something else than was received.
func (h *hunt) try(c *choice, part, changes int) bool {
	if changes == 0 {
		for p := part; p < len(c); p++ {
			c[p] = 0
		}
		return h.fits(h.content(*c))
	}
	if part == len(c) {
		return false
	}
	c[part] = 0
	if h.try(c, part+1, changes) {
		return true
	}
	size := len(h.layouts)
	if part < partLayout {
		size = len(h.variants[part])
	}
	for i := 1; i < size; i++ {
		c[part] = i
		if h.try(c, part+1, changes-1) {
			return true
		}
	}
	return false
}

func (h *hunt) content(c choice) []byte {
	m := Message{
		Method:   string(h.variants[partMethod][c[partMethod]].text),
		Path:     string(h.variants[partPath][c[partPath]].text),
		ClientID: string(h.variants[partClient][c[partClient]].text),
		At:       string(h.variants[partTime][c[partTime]].text),
		Body:     h.variants[partBody][c[partBody]].text,
	}
	return h.layouts[c[partLayout]].join(m)
}

func (h *hunt) fits(content []byte) bool {
	h.tried++
	if h.hash == crypto.SHA256 {
		digest := sha256.Sum256(content)
		return bytes.Equal(digest[:], h.digest)
	}
	w := h.hash.New()
	w.Write(content)
	return bytes.Equal(w.Sum(nil), h.digest)
}

func (h *hunt) differences(c choice) []Difference {
	var all []Difference
	for part := range partLayout {
		if c[part] == 0 {
			continue
		}
		v := h.variants[part][c[part]]
		d := Difference{Part: parts[part], Signed: v.signed,
			Expect: quoted(h.variants[part][0].text)}
		if part == partBody {
			d.Expect = "the bytes exactly as they are sent, " +
				strconv.Itoa(len(h.q.Body)) + " of them"
			d.Signed += placeOfDifference(v.text, h.q.Body)
		} else if v.signed == "" {
			d.Signed = quoted(v.text)
		} else {
			d.Signed = quoted(v.text) + ", " + v.signed
		}
		all = append(all, d)
	}
	if c[partLayout] != 0 {
		all = append(all, Difference{parts[partLayout], h.layouts[c[partLayout]].signed,
			`METHOD, blank, path, \n, client id, dot, time, dot, body`})
	}
	return all
}

func quoted(text []byte) string { return `"` + Visible(string(text)) + `"` }

// placeOfDifference says where two bodies begin to differ.
func placeOfDifference(signed, sent []byte) string {
	i := 0
	for i < len(signed) && i < len(sent) && signed[i] == sent[i] {
		i++
	}
	return fmt.Sprintf(" (%d bytes; the first that differs is byte %d)", len(signed), i)
}

// nearTime finds a program that asks for the time twice, once to sign and once for the header.
func (h *hunt) nearTime() (Difference, bool) {
	at, ok := wire.ParseTime(h.q.At)
	if !ok {
		return Difference{}, false
	}
	form, step, reach := timeForm(h.q.At), time.Second, 60
	if form == "" {
		step, reach = time.Millisecond, 3000
	}
	offset := time.UTC
	if form != "" {
		if t, err := time.Parse(form, h.q.At); err == nil {
			offset = t.Location()
		}
	}
	for n := 1; n <= reach; n++ {
		for _, sign := range []int{-1, 1} {
			t := at.Add(time.Duration(sign*n) * step)
			text := strconv.FormatInt(t.UnixMilli(), 10)
			if form != "" {
				text = t.In(offset).Format(form)
			}
			m := h.q.Message
			m.At = text
			if h.fits(m.Content()) {
				return Difference{parts[partTime], quoted([]byte(text)) +
					", another reading of the clock", quoted([]byte(h.q.At))}, true
			}
		}
	}
	return Difference{}, false
}
