package gate

import (
	"net/http"
	"strconv"
	"time"

	"watari/kit/id"
	core "watari/visit/park/gate"
)

// scanBody is a scan as the script sends it.
type scanBody struct {
	Nonce    string    `json:"nonce"`
	Text     string    `json:"text"`
	Typed    bool      `json:"typed"`
	Kind     core.Kind `json:"kind"`
	Override string    `json:"override"`
}

func (b scanBody) input() core.ScanInput {
	return core.ScanInput{Text: b.Text, Typed: b.Typed, Kind: b.Kind, Nonce: b.Nonce,
		Override: b.Override}
}

// verdictBody is a verdict as the script shows it. Times are milliseconds since 1970.
type verdictBody struct {
	Admitted bool        `json:"admitted"`
	Reason   core.Reason `json:"reason"`
	Override string      `json:"override"`
	Kind     core.Kind   `json:"kind"`
	At       int64       `json:"at"`
	Number   string      `json:"number"`
	Label    string      `json:"label"`
	Unit     string      `json:"unit"`
	Of       int64       `json:"of"`
	In       int64       `json:"in"`
	Claims   []string    `json:"claims"`
	Last     *passBody   `json:"last"`
}

type passBody struct {
	At   int64     `json:"at"`
	Gate string    `json:"gate"`
	Kind core.Kind `json:"kind"`
}

// scan lets the network decide.
func (a *app) scan(v *visit) (any, error) {
	var in scanBody
	if err := v.read(&in); err != nil {
		return nil, err
	}
	got, err := a.Gates.Scan(v.ctx(), v.station, in.input())
	if err != nil {
		return nil, err
	}
	return v.told(got)
}

// told puts a verdict into the words of the page.
func (v *visit) told(got core.Verdict) (verdictBody, error) {
	out := verdictBody{Admitted: got.Admitted, Reason: got.Reason, Override: got.Override,
		Kind: got.Kind, At: got.At.UnixMilli(), Of: got.Of, In: got.In, Claims: []string{}}
	if t := got.Ticket; t != nil {
		out.Number, out.Unit, out.Label = t.Number, string(t.Unit), t.Label.In(v.Lang)
		out.Claims = append(out.Claims, t.Claims...)
	}
	if got.Last == nil {
		return out, nil
	}
	out.Last = &passBody{At: got.Last.At.UnixMilli(), Kind: got.Last.Kind}
	gates, err := v.Gates.Gates(v.ctx(), v.station.Device.ParkID)
	if err != nil {
		return out, err
	}
	for _, g := range gates {
		if g.ID == got.Last.GateID {
			out.Last.Gate = g.Name.In(v.Lang)
		}
	}
	return out, nil
}

// pack is what the browser takes along.
func (a *app) pack(v *visit) (any, error) {
	q := v.r.URL.Query()
	number := func(name string) (int64, error) {
		if q.Get(name) == "" {
			return 0, nil
		}
		n, err := strconv.ParseInt(q.Get(name), 10, 64)
		if err != nil || n > 1<<53 || n < -(1<<53) {
			return 0, core.ErrScan.Newf("%s is no whole number", name)
		}
		return n, nil
	}
	since, err := number("since")
	if err != nil {
		return nil, err
	}
	offset, err := number("offset")
	if err != nil {
		return nil, err
	}
	waiting, err := number("waiting")
	if err != nil {
		return nil, err
	}
	var from time.Time
	if since > 0 {
		from = time.UnixMilli(since)
	}
	return a.Gates.Pack(v.ctx(), v.station, from, milliseconds(offset), waiting)
}

// milliseconds is a length of time that does not overflow.
func milliseconds(n int64) time.Duration {
	return time.Duration(min(max(n, -1<<40), 1<<40)) * time.Millisecond
}

// uploadBody is what the script sends of scans that it decided.
type uploadBody struct {
	Waiting int64      `json:"waiting"`
	Scans   []keptBody `json:"scans"`
}

type keptBody struct {
	scanBody
	At       int64       `json:"at"`
	Offset   int64       `json:"offset"`
	Admitted bool        `json:"admitted"`
	Reason   core.Reason `json:"reason"`
}

type uploadedBody struct {
	Taken     []string `json:"taken"`
	Conflicts int      `json:"conflicts"`
}

// upload keeps what the browser decided.
func (a *app) upload(v *visit) (any, error) {
	var in uploadBody
	if err := v.read(&in); err != nil {
		return nil, err
	}
	u := core.Upload{Waiting: in.Waiting}
	for _, k := range in.Scans {
		u.Scans = append(u.Scans, core.Kept{ScanInput: k.input(), At: time.UnixMilli(k.At),
			Offset: milliseconds(k.Offset), Admitted: k.Admitted, Reason: k.Reason})
	}
	got, err := a.Gates.Upload(v.ctx(), v.station, u)
	if err != nil {
		return nil, err
	}
	return uploadedBody{Taken: append([]string{}, got.Taken...), Conflicts: got.Conflicts}, nil
}

// typed takes a code from a browser without scripts: the network decides, and the page shows it.
func (a *app) typed(v *visit) error {
	in := core.ScanInput{Text: v.r.PostFormValue("code"), Typed: true,
		Kind: core.Kind(v.r.PostFormValue("kind")), Nonce: v.r.PostFormValue("nonce"),
		Override: v.r.PostFormValue("why")}
	if in.Nonce == "" {
		in.Nonce = id.Secret(12)
	}
	got, err := a.Gates.Scan(v.ctx(), v.station, in)
	if err != nil {
		return err
	}
	told, err := v.told(got)
	if err != nil {
		return err
	}
	return v.desk(http.StatusOK, &told)
}
