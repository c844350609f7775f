package explain

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"watari/connect/alipayplus/sign"
)

// The exit codes of Run.
const (
	verifies = 0
	differs  = 1
	misused  = 2
)

// sizes of what is read, in bytes.
const (
	bodyMax = 1 << 20
	keyMax  = 64 << 10
)

// usage is printed with -h and after a wrong flag.
const usage = `usage: watari explain-signature --path PATH --client-id ID --time TIME --body FILE
         --signature HEADER --key FILE [--key VERSION=FILE] [--method POST] [--response]

Prints the text that should have been signed and what was signed instead.

  --method NAME      of the request; POST unless given
  --path PATH        of the request, as the server sees it; a whole address will do
  --client-id ID     the header Client-Id
  --time TIME        the header Request-Time, of an answer Response-Time, unchanged
  --body FILE        the body, byte for byte; - is the standard input
  --signature TEXT   the header Signature, or only the value behind signature=
  --key FILE         the sender's public key: PEM, or one line of Base64 of its DER form;
                     VERSION=FILE says which keyVersion it is; may be given several times
  --response         the message is an answer
  --other-client-id  an id that may have been signed by mistake, such as the receiver's
  --other-time       a time that may have been signed by mistake, such as the request's

Exit: 0 the signature verifies, 1 it does not, 2 something is missing or cannot be read.
`

// options is the command line.
type options struct {
	method, path, client, time, body, signature string
	response                                    bool
	keys, otherClients, otherTimes              texts
}

// texts is a flag that may be given several times.
type texts []string

// String returns the values in one line.
func (t *texts) String() string { return strings.Join(*t, ",") }

// Set adds a value.
func (t *texts) Set(s string) error {
	*t = append(*t, s)
	return nil
}

// Run explains one signature. args are the arguments after the command's name; in is read when
// the body is "-". It returns the exit code: 0 the signature verifies, 1 it does not, 2 the
// question could not be read, with one line on errw that says why.
func Run(args []string, in io.Reader, out, errw io.Writer) int {
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		io.WriteString(out, usage)
		return verifies
	}
	var q sign.Question
	if err == nil {
		q, err = o.question(in)
	}
	if err != nil {
		fmt.Fprintf(errw, "explain-signature: %v\n", err)
		return misused
	}

	report := sign.Explain(q)
	io.WriteString(out, report.Text())
	o.hints(out, report)
	if report.Verified {
		return verifies
	}
	return differs
}

func parse(args []string) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("explain-signature", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&o.method, "method", http.MethodPost, "")
	f.StringVar(&o.path, "path", "", "")
	f.StringVar(&o.client, "client-id", "", "")
	f.StringVar(&o.time, "time", "", "")
	f.StringVar(&o.body, "body", "", "")
	f.StringVar(&o.signature, "signature", "", "")
	f.BoolVar(&o.response, "response", false, "")
	f.Var(&o.keys, "key", "")
	f.Var(&o.otherClients, "other-client-id", "")
	f.Var(&o.otherTimes, "other-time", "")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if f.NArg() > 0 {
		return nil, fmt.Errorf("%q is no flag; --help shows them", f.Arg(0))
	}
	var missing []string
	for _, need := range []struct{ name, value string }{{"--path", o.path},
		{"--client-id", o.client}, {"--time", o.time}, {"--body", o.body},
		{"--signature", o.signature}, {"--key", o.keys.String()}} {
		if need.value == "" {
			missing = append(missing, need.name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%s missing; --help shows what each is",
			strings.Join(missing, ", "))
	}
	return o, nil
}

// question reads the files that the command line names.
func (o *options) question(in io.Reader) (sign.Question, error) {
	q := sign.Question{Signature: headerValue(o.signature), OtherClients: o.otherClients,
		OtherTimes: o.otherTimes}
	body, err := read(o.body, in, bodyMax)
	if err != nil {
		return q, fmt.Errorf("read the body: %w", err)
	}
	q.Message = sign.Message{Method: o.method, Path: o.path, ClientID: o.client, At: o.time,
		Body: body}
	for _, name := range o.keys {
		key, err := readKey(name, in)
		if err != nil {
			return q, err
		}
		q.Keys = append(q.Keys, key)
	}
	header, err := sign.ParseHeader(q.Signature)
	if err == nil && len(q.Keys) == 1 && q.Keys[0].Version < 0 {
		q.Keys[0].Version = header.Version
	}
	for i := range q.Keys {
		if q.Keys[i].Version < 0 {
			q.Keys[i].Version = i + 1
		}
	}
	return q, nil
}

// headerValue takes the name of the header off when it was copied with it.
func headerValue(s string) string {
	name, value, found := strings.Cut(s, ":")
	if found && strings.EqualFold(strings.TrimSpace(name), sign.HeaderSignature) {
		return strings.TrimSpace(value)
	}
	return strings.TrimSpace(s)
}

// readKey reads FILE or VERSION=FILE. Without a version it is -1: the header's, or the place on
// the command line.
func readKey(name string, in io.Reader) (sign.Key, error) {
	version := -1
	if before, after, found := strings.Cut(name, "="); found {
		if n, err := strconv.ParseUint(before, 10, 31); err == nil {
			version, name = int(n), after
		}
	}
	text, err := read(name, in, keyMax)
	if err != nil {
		return sign.Key{}, fmt.Errorf("read the key: %w", err)
	}
	public, err := sign.ParsePublic(string(text))
	if err != nil {
		return sign.Key{}, fmt.Errorf("read the key %s: %w", name, err)
	}
	return sign.Key{Version: version, Name: name, Public: public}, nil
}

// read reads a file, or in for "-", up to a limit.
func read(name string, in io.Reader, limit int64) ([]byte, error) {
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("%s is over %d bytes", name, limit)
	}
	return text, nil
}

// hints says what a person may have overlooked when nothing was found.
func (o *options) hints(out io.Writer, r sign.Report) {
	if r.Verified || r.Found || r.Maker == nil {
		return
	}
	if o.response {
		io.WriteString(out, "hint: an answer is signed over the method and path of its request, "+
			"and over Response-Time;\n  give the request's time with --other-time\n")
	}
	if len(o.otherClients) == 0 {
		io.WriteString(out, "hint: give the other party's id with --other-client-id, in case "+
			"that was signed\n")
	}
}
