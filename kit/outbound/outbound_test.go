package outbound_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"watari/kit/outbound"
)

// Goal: a client goes nowhere but where it was sent. Method: a server that redirects to another,
// which must not be asked; a guard that refuses the address.
func TestNobodyIsSentElsewhere(t *testing.T) {
	t.Parallel()
	asked := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked++
	}))
	t.Cleanup(other.Close)
	first := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	t.Cleanup(first.Close)
	get := func(c *http.Client) (int, error) {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet,
			first.URL+"/secret", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := c.Do(req)
		if err != nil {
			return 0, outbound.WithoutURL(err)
		}
		return res.StatusCode, res.Body.Close()
	}
	if status, err := get(outbound.New(outbound.Options{})); err != nil ||
		status != http.StatusTemporaryRedirect || asked != 0 {
		t.Errorf("HTTP %d, %v; the other server was asked %d times", status, err, asked)
	}
	refused := errors.New("not there")
	_, err := get(outbound.New(outbound.Options{Guard: func(address string) error {
		if !strings.HasPrefix(address, "127.0.0.1:") {
			t.Errorf("the guard sees %q", address)
		}
		return refused
	}}))
	if !errors.Is(err, refused) || strings.Contains(err.Error(), "secret") {
		t.Errorf("a guarded address: %v", err)
	}
}

// Goal: an answer is read whole or not at all.
func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	if text, err := outbound.Read(strings.NewReader("1234"), 4); err != nil ||
		string(text) != "1234" {
		t.Errorf("%q, %v", text, err)
	}
	if text, err := outbound.Read(strings.NewReader("12345"), 4); err == nil || text != nil {
		t.Errorf("too long: %q, %v", text, err)
	}
	broken := io.MultiReader(strings.NewReader("12"), brokenReader{})
	if text, err := outbound.Read(broken, 4); err == nil || text != nil {
		t.Errorf("broken off: %q, %v", text, err)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
