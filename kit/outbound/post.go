package outbound

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Poster posts messages to addresses that others named. It is safe for concurrent use.
type Poster struct{ client *http.Client }

// NewPoster makes a Poster.
func NewPoster(o Options) *Poster { return &Poster{New(o)} }

// Close ends idle connections.
func (p *Poster) Close() { p.client.CloseIdleConnections() }

// Message is what is posted.
type Message struct {
	URL    string
	Header map[string]string
	Body   []byte
}

// Answer is what came back.
type Answer struct {
	// Status is the HTTP status.
	Status int
	// Body is the beginning of the body, at most as long as was asked for; shorter when the answer
	// broke off.
	Body []byte
	// RetryAfter is how long the other side wants to be left alone (RFC 9110, 10.2.3, in
	// seconds); 0 when it does not say.
	RetryAfter time.Duration
}

// drainMax is how much of an answer is read on so that its connection can be used again.
const drainMax = 64 << 10

// Post sends a message and returns the answer with up to keep bytes of its body. An error means
// that there was no answer; it holds no URL.
func (p *Poster) Post(ctx context.Context, m Message, keep int64) (Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(m.Body))
	if err != nil {
		return Answer{}, errors.New("the address cannot be called")
	}
	for name, value := range m.Header {
		req.Header.Set(name, value)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return Answer{}, fmt.Errorf("call: %w", WithoutURL(err))
	}
	defer res.Body.Close()
	// A body that breaks off does not undo the status that came before it.
	body, _ := io.ReadAll(io.LimitReader(res.Body, keep))
	_, _ = io.CopyN(io.Discard, res.Body, drainMax)
	a := Answer{Status: res.StatusCode, Body: body}
	seconds, err := strconv.ParseUint(res.Header.Get("Retry-After"), 10, 31)
	if err == nil {
		a.RetryAfter = time.Duration(seconds) * time.Second
	}
	return a, nil
}
