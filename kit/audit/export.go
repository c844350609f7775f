package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"watari/kit/clock"
	"watari/kit/event"
)

// Version is that of the file's form.
const Version = 1

// first is the first line of an export.
type first struct {
	Version    int       `json:"watari_audit"`
	AcquirerNo int64     `json:"acquirer_no"`
	At         time.Time `json:"at"`
	Heads      []head    `json:"heads"`
}

type head struct {
	Lane int    `json:"lane"`
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

// line is an event of an export.
type line struct {
	Lane       int    `json:"lane"`
	Seq        int64  `json:"seq"`
	AtUS       int64  `json:"at_us"`
	Kind       string `json:"kind"`
	Subject    string `json:"subject"`
	AcquirerNo int64  `json:"acquirer_no"`
	StoreNo    int64  `json:"store_no"`
	Actor      string `json:"actor"`
	Data       string `json:"data"`
	Prev       string `json:"prev"`
	Hash       string `json:"hash"`
}

// last is the last line of an export.
type last struct {
	End    bool   `json:"end,omitempty"`
	Next   string `json:"next,omitempty"`
	Events int    `json:"events"`
}

// page is how many events are read at a time.
const page = 1000

// Export writes the trail of an acquirer, 0 is everything, from a cursor on ("" is the beginning),
// at most limit events; 0 is no limit. It returns the cursor of the next part, "" when this is the
// end.
//
// Errors: event.ErrCursor; those of w and of the database.
func Export(
	ctx context.Context, log *event.Log, acquirerNo int64, after string, limit int, w io.Writer,
) (next string, err error) {
	from, err := event.ParseCursor(after)
	if err != nil {
		return "", err
	}
	ends, err := log.Heads(ctx)
	if err != nil {
		return "", fmt.Errorf("read the heads: %w", err)
	}
	out := encoder{w: w}
	top := first{Version: Version, AcquirerNo: acquirerNo, At: clock.Now().UTC(), Heads: []head{}}
	for _, h := range ends {
		top.Heads = append(top.Heads, head{h.Lane, h.Seq, hex.EncodeToString(h.Hash)})
	}
	out.write(top)
	count := 0
	for _, h := range ends {
		at := from.Seq(h.Lane)
		for at < h.Seq && out.err == nil {
			n := page
			if limit > 0 {
				n = min(n, limit-count)
			}
			if n == 0 {
				out.write(last{Next: from.String(), Events: count})
				return from.String(), out.err
			}
			links, err := log.Links(ctx, h.Lane, at, h.Seq, acquirerNo, n)
			if err != nil {
				return "", fmt.Errorf("read events: %w", err)
			}
			for _, l := range links {
				out.write(lineOf(l))
			}
			count += len(links)
			at = h.Seq
			if len(links) == n {
				at = links[n-1].Seq
			}
			from = from.With(h.Lane, at)
		}
	}
	out.write(last{End: true, Events: count})
	return "", out.err
}

func lineOf(l event.Link) line {
	return line{Lane: l.Lane, Seq: l.Seq, AtUS: clock.Micros(l.At), Kind: l.Kind,
		Subject: l.Subject, AcquirerNo: l.AcquirerNo, StoreNo: l.StoreNo, Actor: l.Actor,
		Data: string(l.Data), Prev: hex.EncodeToString(l.Prev), Hash: hex.EncodeToString(l.Hash)}
}

// link is the reverse of lineOf.
func (l line) link() (event.Link, error) {
	prev, err := hex.DecodeString(l.Prev)
	if err != nil {
		return event.Link{}, fmt.Errorf("read prev: %w", err)
	}
	hash, err := hex.DecodeString(l.Hash)
	if err != nil {
		return event.Link{}, fmt.Errorf("read hash: %w", err)
	}
	return event.Link{Prev: prev, Event: event.Event{Lane: l.Lane, Seq: l.Seq,
		At: clock.FromMicros(l.AtUS), Kind: l.Kind, Subject: l.Subject,
		AcquirerNo: l.AcquirerNo, StoreNo: l.StoreNo, Actor: l.Actor,
		Data: json.RawMessage(l.Data), Hash: hash}}, nil
}

// encoder writes lines until one cannot be written.
type encoder struct {
	w   io.Writer
	buf bytes.Buffer
	err error
}

func (e *encoder) write(v any) {
	if e.err != nil {
		return
	}
	e.buf.Reset()
	j := json.NewEncoder(&e.buf)
	j.SetEscapeHTML(false)
	if e.err = j.Encode(v); e.err == nil {
		_, e.err = e.w.Write(e.buf.Bytes())
	}
}
