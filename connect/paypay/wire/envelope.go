package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"unicode/utf8"
)

// ResultInfo is the result of a call.
type ResultInfo struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
	CodeID  string `json:"codeId"`
}

// envelope is the form of every answer.
type envelope struct {
	ResultInfo *ResultInfo     `json:"resultInfo"`
	Data       json.RawMessage `json:"data"`
}

// ErrEnvelope says that an answer does not have the form of PayPay's.
var ErrEnvelope = errors.New("the answer is not an envelope with a result")

// codeMax is the longest code that is read, in bytes; PayPay's are shorter.
const codeMax = 64

// Reply is an answer as it came.
type Reply struct {
	Status int // HTTP
	Code   Code
	data   json.RawMessage
}

// ParseReply reads an answer.
//
// Errors: ErrEnvelope.
func ParseReply(status int, body []byte) (Reply, error) {
	var e envelope
	if err := decode(body, &e, false); err != nil {
		return Reply{}, fmt.Errorf("%w: %w", ErrEnvelope, err)
	}
	if e.ResultInfo == nil || !isCode(e.ResultInfo.Code) {
		return Reply{}, ErrEnvelope
	}
	return Reply{Status: status, Code: e.ResultInfo.Code, data: e.Data}, nil
}

// isCode tells whether a text has the form of a code; what has not is not written into logs.
func isCode(c Code) bool {
	for _, r := range c {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' {
			return false
		}
	}
	return c != "" && len(c) <= codeMax
}

// Sound tells whether the code is a documented one and has its documented status (W1).
func (r Reply) Sound() bool {
	want, known := r.Code.Status()
	if r.Code == Success && r.Status == http.StatusCreated {
		return true
	}
	if r.Code == ConfirmationRequired && r.Status == http.StatusCreated {
		return true // as the call to confirm a higher amount has it
	}
	return known && r.Status == want
}

// Data reads the data of an answer.
func (r Reply) Data(into any) error {
	if len(r.data) == 0 || string(r.data) == "null" {
		return errors.New("the answer has no data")
	}
	if err := json.Unmarshal(r.data, into); err != nil {
		return errors.New("the data of the answer have another form")
	}
	return nil
}

// Encode writes a message. It panics on what cannot be written, which no message of this package
// is.
func Encode(m any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		panic(fmt.Sprintf("paypay: encode %T: %v", m, err))
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// EncodeReply writes an answer. data may be nil. created makes a success 201.
func EncodeReply(c Code, data any, created bool) (status int, body []byte) {
	m := meanings[c]
	status = m.status
	if created && c == Success {
		status = http.StatusCreated
	}
	return status, Encode(struct {
		ResultInfo ResultInfo `json:"resultInfo"`
		Data       any        `json:"data"`
	}{ResultInfo{c, m.message, m.id}, data})
}

// decode reads one JSON object; strict refuses fields that are not known.
func decode(body []byte, into any, strict bool) error {
	if !utf8.Valid(body) {
		return errors.New("is not valid UTF-8")
	}
	if !strict {
		return json.Unmarshal(body, into) // refuses text after the end as well
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("has more text after its end")
	}
	return nil
}

// ParseNotice reads what is posted as a notice. It is as unproven afterwards as before.
func ParseNotice(body []byte) (Notice, error) {
	var n Notice
	if err := decode(body, &n, false); err != nil {
		return n, errors.New("the body is not a notice")
	}
	if n.Type == "" {
		return n, errors.New("the notice has no type")
	}
	return n, nil
}
