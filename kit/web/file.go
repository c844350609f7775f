package web

import (
	"fmt"
	"mime"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"watari/kit/check"
)

// File is the output of an operation that answers with bytes, such as a PDF, and not with JSON.
// The operation names in Op.Media what it may be.
type File struct {
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition" doc:"The file's name."`
	Body        []byte
}

// NewFile returns a file that a browser keeps under a name and never shows as a page of this
// site. The name may be any text; the media type is one of Op.Media.
func NewFile(name, mediaType string, body []byte) *File {
	kept := mime.FormatMediaType("attachment", map[string]string{"filename": name})
	check.That(kept != "", "web: no file can be named like this")
	return &File{Type: mediaType, Disposition: kept, Body: body}
}

// fileResponses documents an operation whose output is a File; nil for all others. It panics when
// the output and Op.Media do not agree.
func fileResponses(op Op, output reflect.Type) map[string]*huma.Response {
	isFile := output == reflect.TypeFor[File]()
	if isFile != (len(op.Media) > 0) {
		panic(fmt.Sprintf("web: operation %q: media types belong to an output of type File",
			op.ID))
	}
	if !isFile {
		return map[string]*huma.Response{}
	}
	status := op.Status
	if status == 0 {
		status = http.StatusOK
	}
	content := map[string]*huma.MediaType{}
	for _, m := range op.Media {
		content[m] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString,
			Format: "binary"}}
	}
	return map[string]*huma.Response{strconv.Itoa(status): {
		Description: http.StatusText(status), Content: content}}
}
