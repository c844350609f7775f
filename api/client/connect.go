package client

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// callMax is how long a call may take: a sale is answered within seven seconds.
const callMax = 30 * time.Second

// Connect makes a client of the network at an address, such as "https://pay.example", with an API
// key. Options may replace its HTTP client.
func Connect(address, key string, more ...ClientOption) (*ClientWithResponses, error) {
	options := append([]ClientOption{
		WithHTTPClient(&http.Client{Timeout: callMax}),
		WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+key)
			return nil
		})}, more...)
	return NewClientWithResponses(address, options...)
}

// Answer is what every generated response has.
type Answer interface {
	StatusCode() int
	Status() string
	GetApplicationProblemJSONDefault() *Problem
}

// Refused returns the problem that a call was answered with, nil when it went well.
//
// Errors: *Problem; another when the answer is none of this network's.
func Refused(a Answer) error {
	switch {
	case a.StatusCode() >= 200 && a.StatusCode() <= 299:
		return nil
	case a.GetApplicationProblemJSONDefault() != nil:
		return a.GetApplicationProblemJSONDefault()
	}
	return fmt.Errorf("the answer is HTTP %s", a.Status())
}

// Error returns the title, the detail and the fields of a problem in one line.
func (p *Problem) Error() string {
	text := p.Title
	if p.Detail != nil && *p.Detail != "" {
		text += ": " + *p.Detail
	}
	if p.Errors != nil {
		for _, f := range *p.Errors {
			text += " [" + f.Pointer + ": " + f.Detail + "]"
		}
	}
	return text
}
