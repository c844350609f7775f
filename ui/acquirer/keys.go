package acquirer

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"

	"watari/kit/access"
	"watari/pay/party"
	"watari/ui/console"
)

// keysPage is the keys of the bank's own systems.
type keysPage struct {
	api     []access.Key
	signing []party.Key
	made    string // the API key that was just made; "" on other visits
}

func (a *app) listKeys(v *console.Visit) error { return a.showKeys(v, keysPage{}) }

func (a *app) showKeys(v *console.Visit, p keysPage) error {
	keys, err := a.Keys.List(v.Ctx(), v.Caller, bank(v), 0)
	if err != nil {
		return fmt.Errorf("list API keys: %w", err)
	}
	for _, k := range keys {
		// Merchants' and tills' keys are on the pages of their own.
		if slices.Contains(all, k.Role) {
			p.api = append(p.api, k)
		}
	}
	if p.signing, err = a.Places.KeysOf(v.Ctx(), bank(v)); err != nil {
		return fmt.Errorf("list signing keys: %w", err)
	}
	frame := page(v.T("keys.title"), "keys")
	frame.Lead, frame.Wide = v.T("keys.lead"), true
	return show(v, frame, keysOverview(v, p))
}

// keyLabelMax is the longest name of a key, in characters.
const keyLabelMax = 100

func (a *app) makeKey(v *console.Visit) error {
	g := access.Grant{Role: access.Role(v.Typed("role")), ParticipantNo: bank(v),
		Label: v.Typed("label")}
	if g.Label == "" || utf8.RuneCountInString(g.Label) > keyLabelMax {
		v.Mistake("label", v.T("mistake.key.label"))
	}
	if !slices.Contains(all, g.Role) {
		v.Mistake("role", v.T("mistake.key.role"))
	}
	if v.Wrong() {
		return a.listKeys(v)
	}
	secret, _, err := a.Keys.Make(v.Ctx(), v.Caller, g)
	if v.Refused(err) {
		return a.listKeys(v)
	}
	if err != nil {
		return err
	}
	return a.showKeys(v, keysPage{made: secret})
}

// keyOverlap is how long a key goes on working after it was replaced.
const keyOverlap = 24 * time.Hour

// replaceKey makes a key with the same rights, and shows it, this once (B5).
func (a *app) replaceKey(v *console.Visit) error {
	secret, _, err := a.Keys.Replace(v.Ctx(), v.Caller, v.R.PathValue("key"), keyOverlap)
	if v.Refused(err) {
		return a.listKeys(v)
	}
	if err != nil {
		return err
	}
	return a.showKeys(v, keysPage{made: secret})
}

// revokeKey ends an API key of the bank; another bank's is as one that is not there.
func (a *app) revokeKey(v *console.Visit) error {
	keys, err := a.Keys.List(v.Ctx(), v.Caller, bank(v), 0)
	if err != nil {
		return err
	}
	id := v.R.PathValue("key")
	if !slices.ContainsFunc(keys, func(k access.Key) bool {
		return k.ID == id && slices.Contains(all, k.Role)
	}) {
		return v.NotFound()
	}
	if err := a.Keys.Revoke(v.Ctx(), v.Caller, id); err != nil {
		return err
	}
	return v.SeeOther(link("keys"), v.T("keys.revoked"))
}

// versionMost is the highest version of a key that a form takes.
const versionMost = party.KeyVersionMax

func (a *app) addSigningKey(v *console.Visit) error {
	k := party.Key{ParticipantNo: bank(v), Version: int(number(v.Typed("version")))}
	if v.Typed("version") == "" || k.Version > versionMost {
		v.Mistake("version", v.T("mistake.version"))
	}
	k.PublicDER = publicDER(v.Typed("public_key"))
	if k.PublicDER == nil {
		v.Mistake("public_key", v.T("mistake.public_key"))
	}
	if v.Wrong() {
		return a.listKeys(v)
	}
	k.From = v.Now
	err := a.Keeping.AddSigningKey(v.Ctx(), v.Caller.Actor, k)
	if v.Refused(err) {
		return a.listKeys(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(link("keys"), v.T("keys.signing.added"))
}

// publicDER reads a public key as PEM or as base64 of its DER; nil when it is neither.
func publicDER(text string) []byte {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block.Bytes
	}
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil || len(bytes.TrimSpace(der)) == 0 {
		return nil
	}
	return der
}

func (a *app) retireSigningKey(v *console.Visit) error {
	err := a.Keeping.RetireSigningKey(v.Ctx(), v.Caller.Actor, bank(v),
		int(number(v.R.PathValue("version"))))
	if v.Refused(err) {
		return a.listKeys(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(link("keys"), v.T("keys.signing.retired"))
}

func (p keysPage) apiTable(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("keys.api"), Columns: []console.Column{
		{Title: v.T("keys.label"), Main: true}, {Title: v.T("staff.role")},
		{Title: v.T("word.status")}, {Title: v.T("keys.used")},
		{Title: v.T("keys.made"), Small: true}, {Title: v.T("keys.revoke"), Unseen: true}},
		Empty: console.Empty{Icon: "key", Title: v.T("keys.none"),
			Text: v.T("keys.none.text")}}
	for _, k := range p.api {
		row := console.Row{Cells: []templ.Component{console.Two(k.Label, k.ID),
			console.Text(v.T("role." + string(k.Role))), keyBadge(v, k.Good(v.Now)),
			console.Text(ago(v, k.LastUsed)), console.Text(v.Lang.Date(k.Created)),
			console.Text("")}}
		if v.May(admins...) && k.Revoked.IsZero() {
			row.Cells[5] = keyActions(v, k)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func keyBadge(v *console.Visit, good bool) templ.Component {
	if good {
		return v.Badge(console.Good, "tick", v.T("keys.good"))
	}
	return v.Badge(console.Stop, "slash", v.T("keys.over"))
}

func (p keysPage) signingTable(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("keys.signing"), Columns: []console.Column{
		{Title: v.T("keys.version"), Main: true}, {Title: v.T("keys.fingerprint")},
		{Title: v.T("word.status")}, {Title: v.T("keys.from"), Small: true},
		{Title: v.T("keys.used")}, {Title: v.T("keys.retire"), Unseen: true}},
		Empty: console.Empty{Icon: "shield", Title: v.T("keys.signing.none")}}
	for _, k := range p.signing {
		good := k.Retired.IsZero() && !v.Now.Before(k.From) &&
			(k.Until.IsZero() || v.Now.Before(k.Until))
		row := console.Row{Cells: []templ.Component{console.Text(itoa(int64(k.Version))),
			console.Code(k.Fingerprint()[:16] + "…"), keyBadge(v, good),
			console.Text(v.Lang.Date(k.From)), console.Text(ago(v, k.LastUsed)),
			console.Text("")}}
		if v.May(admins...) && k.Retired.IsZero() {
			row.Cells[5] = v.Action(console.Action{Text: v.T("keys.retire"),
				Dialog: "retire-" + itoa(int64(k.Version))})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
