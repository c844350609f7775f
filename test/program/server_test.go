package program

import (
	"bytes"
	"testing"
)

// The goal is that Start knows what its caller chose. The method: both forms of a flag, and none.
func TestAFlagIsFoundInBothForms(t *testing.T) {
	t.Parallel()
	cases := []struct {
		args []string
		want string
	}{
		{[]string{"--sandbox", "--data=/a"}, "/a"},
		{[]string{"--data", "/a", "--sandbox"}, "/a"},
		{[]string{"--data"}, ""},
		{[]string{"--database=/a"}, ""},
		{nil, ""},
	}
	for _, c := range cases {
		if got := value(c.args, "--data"); got != c.want {
			t.Errorf("--data in %q: got %q, want %q", c.args, got, c.want)
		}
	}
}

// The goal is that a server which talks for hours does not fill the memory of its test, and that
// its last words are kept. The method: write far more than is kept.
func TestTheLogKeepsTheLastWords(t *testing.T) {
	t.Parallel()
	l := &log{}

	for range 4 * logMax / 1024 {
		_, _ = l.Write(bytes.Repeat([]byte{'.'}, 1024))
	}
	_, _ = l.Write([]byte("the end"))

	if n := len(l.String()); n > logMax || n < logMax/2 {
		t.Errorf("%d bytes are kept, want between %d and %d", n, logMax/2, logMax)
	}
	if !bytes.HasSuffix([]byte(l.String()), []byte("the end")) {
		t.Error("the last words are lost")
	}
}
