package signup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"
	"time"

	"watari/kit/db"
	"watari/kit/foureyes"
	"watari/kit/id"
)

// Paper is what a document proves.
type Paper string

// The kinds of documents.
const (
	Identity Paper = "identity"   // of the representative, or the sole trader
	Registry Paper = "registry"   // the certificate of registered matters of a corporation
	Licence  Paper = "licence"    // for categories that need one
	Photo    Paper = "shop_photo" // of the shop
	Other    Paper = "other"
)

// Bounds of documents.
const (
	DocumentMax  = 5 << 20 // bytes of one
	DocumentsMax = 10      // of one application
	nameOfFile   = 200     // characters
)

// Document is a paper without its content.
type Document struct {
	ID          string // "doc_…"
	Application string
	Paper       Paper
	Name        string // of the file, at most 200 characters, without a path
	ContentType string // application/pdf, image/jpeg or image/png, by content
	Size        int64  // bytes
	SHA256      string // of the content, in hexadecimal
	By          string
	At          time.Time
}

// signatures are how files of the kinds that are taken begin.
var signatures = []struct{ begin, contentType string }{
	{"%PDF-", "application/pdf"},
	{"\xff\xd8\xff", "image/jpeg"},
	{"\x89PNG\r\n\x1a\n", "image/png"},
}

// newDocument looks at a file by its content; its name says nothing.
func newDocument(acquirerNo int64, by string, p Paper, name string, data []byte) (Document, error) {
	d := Document{Paper: p, Size: int64(len(data)), By: by, At: now()}
	switch p {
	case Identity, Registry, Licence, Photo, Other:
	default:
		return d, ErrDocumentInvalid.Newf("").At("/paper", "is not a kind of document")
	}
	if len(data) > DocumentMax {
		return d, ErrDocumentInvalid.Newf("").At("/content", "must be at most 5 MiB")
	}
	for _, s := range signatures {
		if bytes.HasPrefix(data, []byte(s.begin)) {
			d.ContentType = s.contentType
		}
	}
	if d.ContentType == "" {
		return d, ErrDocumentInvalid.Newf("").At("/content", "must be a PDF, JPEG or PNG")
	}
	var f sheet
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if !f.text("/name", &name, nameOfFile, true) || name == "." || name == "/" {
		return d, ErrDocumentInvalid.Newf("").At("/name",
			"must be 1 to 200 printable characters")
	}
	sum := sha256.Sum256(data)
	d.ID, d.Name = id.New("doc", int(acquirerNo)), name
	d.SHA256 = hex.EncodeToString(sum[:])
	return d, nil
}

// AddDocument keeps a paper of an application that is not decided yet. What it is, is told by its
// content.
//
// Errors: ErrUnknown, ErrState, ErrDocumentInvalid.
func (s *Service) AddDocument(
	ctx context.Context, by foureyes.Person, acquirerNo int64, applicationID string, p Paper,
	name string, data []byte,
) (Document, error) {
	whoever(by)
	return s.addDocument(ctx, by, acquirerNo, applicationID, p, name, data,
		Draft, Applied, InReview, Returned)
}

// addDocument keeps a paper in one of these states.
func (s *Service) addDocument(
	ctx context.Context, by foureyes.Person, acquirerNo int64, applicationID string, p Paper,
	name string, data []byte, states ...State,
) (Document, error) {
	d, err := newDocument(acquirerNo, by.Name, p, name, data)
	if err != nil {
		return d, err
	}
	d.Application = applicationID
	sealedName, sealed := s.sealFor(d.ID, d.Name), s.sealFor(d.ID, string(data))
	_, err = s.do(ctx, change{acquirerNo: acquirerNo, id: applicationID, by: by,
		kind: "application.document-added",
		do: func(ctx context.Context, tx *db.Tx, a *row, f *facts) error {
			if err := a.in(states...); err != nil {
				return err
			}
			have, err := documentsOf(ctx, tx, a.ID)
			if err != nil {
				return err
			}
			if len(have) >= DocumentsMax {
				return ErrDocumentInvalid.Newf("an application has at most %d documents",
					DocumentsMax)
			}
			f.Paper, f.Document = p, d.ID
			return insertDocument(ctx, tx, d, sealedName, sealed)
		}})
	return d, err
}

// Documents lists the papers of an application, oldest first. Errors: ErrUnknown.
func (s *Service) Documents(
	ctx context.Context, acquirerNo int64, applicationID string,
) ([]Document, error) {
	if _, err := s.find(ctx, acquirerNo, applicationID); err != nil {
		return nil, err
	}
	var all []Document
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		all, err = documentsOf(ctx, tx, applicationID)
		return err
	})
	for i := range all {
		if err == nil {
			all[i].Name, err = s.openFor(all[i].ID, all[i].Name)
		}
	}
	return all, err
}

// OpenDocument returns a paper with its content. That somebody looked at it is an event. It is
// handed out as a download only, never as a page.
//
// Errors: ErrUnknown, ErrDocument.
func (s *Service) OpenDocument(
	ctx context.Context, by foureyes.Person, acquirerNo int64, applicationID, documentID string,
) (Document, []byte, error) {
	all, err := s.Documents(ctx, acquirerNo, applicationID)
	if err != nil {
		return Document{}, nil, err
	}
	for _, d := range all {
		if d.ID == documentID {
			data, err := s.content(ctx, by, acquirerNo, d)
			return d, data, err
		}
	}
	return Document{}, nil, ErrDocument.Newf("")
}

// content reads what a paper holds and notes who did.
func (s *Service) content(
	ctx context.Context, by foureyes.Person, acquirerNo int64, d Document,
) ([]byte, error) {
	var sealed string
	err := s.Registry.Change(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if sealed, err = documentContent(ctx, tx, d.ID); err != nil {
			return err
		}
		return s.tellAny(ctx, tx, d.Application, acquirerNo, by, "application.document-opened",
			facts{By: by.Name, Paper: d.Paper, Document: d.ID})
	})
	if err != nil {
		return nil, err
	}
	text, err := s.openFor(d.ID, sealed)
	return []byte(text), err
}

// RemoveDocument forgets a paper of an application that is not decided yet.
//
// Errors: ErrUnknown, ErrDocument, ErrState.
func (s *Service) RemoveDocument(
	ctx context.Context, by foureyes.Person, acquirerNo int64, applicationID, documentID string,
) error {
	whoever(by)
	return s.removeDocument(ctx, by, acquirerNo, applicationID, documentID,
		Draft, Applied, InReview, Returned)
}

func (s *Service) removeDocument(
	ctx context.Context, by foureyes.Person, acquirerNo int64, applicationID, documentID string,
	states ...State,
) error {
	_, err := s.do(ctx, change{acquirerNo: acquirerNo, id: applicationID, by: by,
		kind: "application.document-removed",
		do: func(ctx context.Context, tx *db.Tx, a *row, f *facts) error {
			if err := a.in(states...); err != nil {
				return err
			}
			f.Document = documentID
			n, err := deleteDocument(ctx, tx, a.ID, documentID)
			if err == nil && n == 0 {
				err = ErrDocument.Newf("")
			}
			return err
		}})
	return err
}
