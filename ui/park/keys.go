package park

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"watari/ui/console"

	gates "watari/visit/park/gate"
)

// keysScreen are the keys that a park's tickets are signed with, the newest first.
type keysScreen struct{ keys []gates.Key }

func (a *app) showKeys(v *console.Visit) error {
	s, err := a.keysOf(v)
	if err != nil {
		return err
	}
	page := console.Page{Title: v.T("keys.title"), Tab: "gates", Wide: true,
		Lead: v.T("keys.lead"), Crumbs: gateCrumbs(v)}
	if len(s.keys) > 0 {
		page.Actions = []console.Action{{Text: v.T("key.new"), Icon: "plus", Dialog: "new-key"}}
	}
	return v.Show(http.StatusOK, page, keysPage(v, s))
}

// keysOf reads the keys of the park of a visit (R1).
func (a *app) keysOf(v *console.Visit) (s keysScreen, err error) {
	p, err := a.park(v)
	if err != nil {
		return s, err
	}
	list, err := a.Gates.Keys(v.Ctx(), p.ID)
	for i := len(list) - 1; i >= 0; i-- {
		s.keys = append(s.keys, list[i])
	}
	return s, err
}

func (s keysScreen) table(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("keys.title"), Columns: []console.Column{
		{Title: v.T("key"), Main: true}, {Title: v.T("c.state")}, {Title: v.T("key.made")},
		{Title: v.T("key.ended"), Small: true}, {Title: v.T("key.withdraw"), Unseen: true}},
		Empty: console.Empty{Icon: "key", Title: v.T("keys.none"), Text: v.T("keys.none.text")}}
	for _, k := range s.keys {
		ended, act := console.Text(""), v.T("key.withdraw")
		if !k.Withdrawn.IsZero() {
			ended, act = v.Time(k.Withdrawn), v.T("key.again")
		}
		t.Rows = append(t.Rows, console.Row{Cells: []templ.Component{
			console.Strong(v.T("key.no", "no", keyNo(k))), s.badge(v, k), v.Time(k.Made), ended,
			v.Action(console.Action{Text: act, Href: "/park/keys/" + keyNo(k)})}})
	}
	return t
}

// keyNo is the number of a key, as it stands in its address.
func keyNo(k gates.Key) string { return strconv.Itoa(int(k.No)) }

// newest says whether tickets are signed with a key now.
func (s keysScreen) newest(k gates.Key) bool { return len(s.keys) > 0 && s.keys[0].No == k.No }

// badge is how a key stands.
func (s keysScreen) badge(v *console.Visit, k gates.Key) templ.Component {
	switch {
	case !k.Withdrawn.IsZero():
		return v.Badge(console.Stop, "", v.T("key.state.withdrawn"))
	case s.newest(k):
		return v.Badge(console.Good, "", v.T("key.state.signs"))
	}
	return v.Badge(console.Plain, "", v.T("key.state.valid"))
}

// rotateKey signs tickets with a new key from now on.
func (a *app) rotateKey(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	k, err := a.Gates.RotateKey(v.Ctx(), p.ID, v.Caller.Actor)
	if v.Refused(err) {
		return a.showKeys(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/park/keys", v.T("key.rotated", "no", keyNo(k)))
}

// withdrawScreen is the question before a key is withdrawn.
type withdrawScreen struct {
	key    gates.Key
	newest bool
	again  bool // it was withdrawn; what was left is signed anew
}

// keyOf finds the key of an address (R1).
func (a *app) keyOf(v *console.Visit) (s withdrawScreen, err error) {
	all, err := a.keysOf(v)
	if err != nil {
		return s, err
	}
	for _, k := range all.keys {
		if keyNo(k) == v.R.PathValue("no") {
			return withdrawScreen{k, all.newest(k), !k.Withdrawn.IsZero()}, nil
		}
	}
	return s, v.NotFound()
}

func (a *app) askWithdraw(v *console.Visit) error {
	s, err := a.keyOf(v)
	if err != nil {
		return err
	}
	title := v.T("key.withdraw.sure", "no", keyNo(s.key))
	if s.again {
		title = v.T("key.again")
	}
	page := console.Page{Title: title, Tab: "gates", Crumbs: append(gateCrumbs(v),
		console.Link{Text: v.T("keys.title"), Href: "/park/keys"})}
	return v.Show(http.StatusOK, page, withdrawPage(v, s))
}

// withdrawKey ends a key and signs its tickets anew. That goes on when the browser leaves: half of
// it would leave tickets that gates without a network refuse.
func (a *app) withdrawKey(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	s, err := a.keyOf(v)
	if err != nil {
		return err
	}
	if !s.again && v.Typed("sure") == "" {
		v.Mistake("sure", v.T("key.withdraw.missing"))
		return a.askWithdraw(v)
	}
	n, err := a.Gates.WithdrawKey(context.WithoutCancel(v.Ctx()), p.ID, s.key.No, v.Caller.Actor)
	if v.Refused(err) {
		return a.askWithdraw(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther("/park/keys", v.N("key.withdrawn", n, "no", keyNo(s.key)))
}

// withdrawText is the button that does it.
func withdrawText(v *console.Visit, s withdrawScreen) string {
	if s.again {
		return v.T("key.again")
	}
	return v.T("key.withdraw.do", "no", keyNo(s.key))
}
