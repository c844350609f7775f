package visitor

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/web"
)

// BodyMax is the most bytes of a form.
const BodyMax = 64 << 10

// readForm reads the query and the body. Text that no database takes goes no further.
func (v *Visit) readForm() error {
	if !sound(v.R.URL.Path) {
		return v.NotFound()
	}
	v.R.Body = http.MaxBytesReader(v.W, v.R.Body, BodyMax)
	err := v.R.ParseForm()
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return web.ErrTooLarge.Newf("at most %d bytes", BodyMax).Because(err)
	}
	if err != nil {
		return errForm.Newf("the form cannot be read").Because(err)
	}
	for name, values := range v.R.Form {
		if !sound(name) || slices.ContainsFunc(values, func(s string) bool { return !sound(s) }) {
			return errForm.Newf("the form is not UTF-8, or holds NUL")
		}
	}
	return nil
}

// sound tells whether a text is one: UTF-8 without NUL.
func sound(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// Value is what the field of a form holds: what was typed when the form came back, and otherwise
// what stands in it at first.
func (v *Visit) Value(name, first string) string {
	if typed, ok := v.R.PostForm[name]; ok && len(typed) > 0 {
		return typed[0]
	}
	return first
}

// Typed is the field of a posted form without spaces around it.
func (v *Visit) Typed(name string) string { return strings.TrimSpace(v.R.PostFormValue(name)) }

// Mistake notes what is wrong with a field; the form that is shown next says it there.
func (v *Visit) Mistake(name, text string) {
	if v.Mistakes == nil {
		v.Mistakes = map[string]string{}
	}
	if _, told := v.Mistakes[name]; !told {
		v.Mistakes[name] = text
	}
	v.status = http.StatusUnprocessableEntity
}

// Wrong tells whether a mistake was noted.
func (v *Visit) Wrong() bool { return len(v.Mistakes) > 0 || v.refusal != "" }

// Refused takes an error that people can do something about into the page: its text above (see
// Visit.Refusal), its fields beside the fields of the same name ("/items/0/count" is
// "items.0.count"). The handler then shows its form again and answers with the status of the
// refusal. It is false for nil, and for errors that a form cannot show: those are returned.
//
// The words are those of the texts, "fault.<slug>" and "mistake.<name>" (or
// "mistake.<slug>.<name>", or the former), and without them those of the error, which are in
// English.
func (v *Visit) Refused(err error) bool {
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		return false
	}
	switch refusal.Problem.Kind {
	case fault.Invalid, fault.Unprocessable, fault.Conflict, fault.TooMany, fault.TooLarge:
	default:
		return false
	}
	for _, f := range refusal.Fields {
		name := strings.ReplaceAll(strings.Trim(f.Pointer, "/"), "/", ".")
		text, ok := v.either("mistake."+refusal.Problem.Slug+"."+name, "mistake."+name,
			"fault."+refusal.Problem.Slug)
		if !ok {
			text = f.Detail
		}
		v.Mistake(name, text)
	}
	v.refusal, _ = v.tell(refusal)
	v.status = web.Status(refusal.Problem)
	return true
}

// Refuse says what is wrong with a form as a whole, in the words of the page.
func (v *Visit) Refuse(text string) {
	v.refusal, v.status = text, http.StatusUnprocessableEntity
}

// tell puts a refusal into words; english says that they are in English for want of others.
func (v *Visit) tell(e *fault.Error) (text string, english bool) {
	if text, ok := v.either("fault." + e.Problem.Slug); ok {
		return text, false
	}
	text = e.Problem.Title
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text, v.Lang != i18n.English
}

// either returns the first text that there is.
func (v *Visit) either(keys ...string) (string, bool) {
	for _, key := range keys {
		if v.Has(key) {
			return v.T(key), true
		}
	}
	return "", false
}
