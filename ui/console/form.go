package console

import (
	"errors"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"watari/kit/clock"
	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/web"
)

// BodyMax is the most bytes of a form without files.
const BodyMax = 256 << 10

// uploadTime is how long somebody may take to send files.
const uploadTime = 2 * time.Minute

// answerTime is how long the answer to files may take, after the last of them.
const answerTime = 30 * time.Second

// fileMemory is how much of an upload is kept in memory; the rest goes to temporary files until
// the page was answered.
const fileMemory = 1 << 20

// forgetFiles removes the temporary files of an upload. The server of the standard library does so
// for the request that it made, not for the copies of it that carry a context.
func forgetFiles(r *http.Request) {
	if r.MultipartForm != nil {
		_ = r.MultipartForm.RemoveAll()
	}
}

// readForm reads the query and the body, of at most most bytes.
func (v *Visit) readForm(most int64) error {
	v.R.Body = http.MaxBytesReader(v.W, v.R.Body, most)
	kind, _, _ := mime.ParseMediaType(v.R.Header.Get("Content-Type"))
	var err error
	if kind == "multipart/form-data" {
		until := clock.Now().Add(uploadTime) // of the connection, not of the page
		control := http.NewResponseController(v.W)
		_ = control.SetReadDeadline(until)
		_ = control.SetWriteDeadline(until.Add(answerTime))
		err = v.R.ParseMultipartForm(fileMemory)
	} else {
		err = v.R.ParseForm()
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return web.ErrTooLarge.Newf("at most %d bytes", most).Because(err)
	}
	if err != nil {
		return errForm.Newf("the form could not be read").Because(err)
	}
	for name, values := range v.R.Form {
		if !isText(name) || slices.ContainsFunc(values, func(s string) bool { return !isText(s) }) {
			return errForm.Newf("the form holds the character U+0000 or invalid UTF-8")
		}
	}
	return nil
}

// isText tells whether both database engines take s.
func isText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// Value is what the field of a form holds: what was typed when the form came back, and otherwise
// what stands in it at first.
func (v *Visit) Value(name, first string) string {
	if v.R.Method == http.MethodPost && v.R.PostForm != nil {
		if typed, ok := v.R.PostForm[name]; ok && len(typed) > 0 {
			return typed[0]
		}
		if v.R.MultipartForm != nil && len(v.R.MultipartForm.Value[name]) > 0 {
			return v.R.MultipartForm.Value[name][0]
		}
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

// Refused takes an error that people can do something about into the form: its text above, its
// fields beside the fields of the same name ("/bank/holder_kana" is "bank.holder_kana"). The
// handler then shows its form again and answers with the status of the refusal. It is false for
// nil, and for errors that a form cannot show: those are returned.
//
// The words are those of the App's catalogue, "fault.<slug>" and "mistake.<name>" (or
// "mistake.<slug>.<name>"), and without them those of the error, which are in English.
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
		text, ok := v.either("mistake."+refusal.Problem.Slug+"."+name, "mistake."+name)
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

// either returns the first text that there is, in the App's catalogue or the frame's.
func (v *Visit) either(keys ...string) (string, bool) {
	for _, t := range []*i18n.Texts{v.Texts, v.frame} {
		for _, key := range keys {
			if text := t.T(key); text != key {
				return text, true
			}
		}
	}
	return "", false
}
