package signup_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"watari/kit/fault"
	"watari/pay/party/signup"
)

// Goal: the document that people read names every column with what it is, every state, every
// refusal and every category of its own. Method: look for each in the file.
func TestDocumentIsCurrent(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../../docs/sign-up.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	want := func(what string) {
		if !strings.Contains(text, what) {
			t.Errorf("docs/sign-up.md lacks: %s", what)
		}
	}
	for _, c := range signup.Columns() {
		needed := ""
		if c.Needed {
			needed = "yes"
		}
		want(fmt.Sprintf("| `%s` | %s | %s | %s |", c.Name, needed, c.Of, c.Meaning))
	}
	for _, s := range signup.Steps.States() {
		want("| `" + string(s) + "` |")
	}
	for _, p := range []*fault.Problem{signup.ErrUnknown, signup.ErrInvalid, signup.ErrState,
		signup.ErrStale, signup.ErrOwn, signup.ErrIncomplete, signup.ErrCategory,
		signup.ErrDocument, signup.ErrDocumentInvalid, signup.ErrInvitation, signup.ErrBusy,
		signup.ErrPayout, signup.ErrPayoutState, signup.ErrPayouts, signup.ErrImport,
		signup.ErrImportFile,
		signup.ErrImportBusy, signup.ErrUnderReview, signup.ErrRegistration} {
		want("| `" + p.Slug + "` |")
	}
	for mcc := range signup.Categories() {
		want(mcc)
	}
}
