package acquirer

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"watari/pay/party/signup"
	"watari/ui/console"
)

// upload reads the file of a form. errNoFile says that none was chosen.
func upload(v *console.Visit, name string, most int64) (file string, data []byte, err error) {
	f, head, err := v.R.FormFile(name)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return "", nil, errNoFile
	}
	if err != nil {
		return "", nil, fmt.Errorf("open the upload: %w", err)
	}
	defer func(f multipart.File) { _ = f.Close() }(f)
	data, err = io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return "", nil, fmt.Errorf("read the upload: %w", err)
	}
	return head.Filename, data, nil
}

var errNoFile = errors.New("acquirer: no file was chosen")

func (a *app) addDocument(v *console.Visit) error {
	name, data, err := upload(v, "file", signup.DocumentMax)
	if errors.Is(err, errNoFile) {
		v.Mistake("file", v.T("mistake.file"))
		return a.showApplication(v)
	}
	if err != nil {
		return err
	}
	_, err = a.Signup.AddDocument(v.Ctx(), me(v), bank(v), v.R.PathValue("id"),
		signup.Paper(v.Typed("paper")), name, data)
	return a.done(v, err, "document")
}

func (a *app) removeDocument(v *console.Visit) error {
	err := a.Signup.RemoveDocument(v.Ctx(), me(v), bank(v), v.R.PathValue("id"),
		v.R.PathValue("document"))
	return a.done(v, err, "document_removed")
}

// sendDocument hands a paper out, as a download (B4).
func (a *app) sendDocument(v *console.Visit) error {
	d, data, err := a.Signup.OpenDocument(v.Ctx(), me(v), bank(v), v.R.PathValue("id"),
		v.R.PathValue("document"))
	if err != nil {
		return err
	}
	return sendFile(v, d.Name, d.ContentType, data)
}

// sendFile answers with a file that browsers keep and never show as part of the page.
func sendFile(v *console.Visit, name, contentType string, data []byte) error {
	h := v.W.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment",
		map[string]string{"filename": name}))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "no-store")
	v.W.WriteHeader(http.StatusOK)
	_, _ = v.W.Write(data)
	return nil
}
