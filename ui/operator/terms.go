package operator

import (
	"context"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"strconv"
	"strings"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/foureyes"
	"watari/kit/money"
	"watari/pay/party"
	"watari/ui/console"
)

// propose keeps a change request and leads to its page; again draws the form anew.
func (p *pages) propose(
	v *console.Visit, again func(v *console.Visit) error,
	fn func(ctx context.Context, tx *db.Tx) (foureyes.Request, error),
) error {
	var made foureyes.Request
	err := p.Registry.Change(v.Ctx(), func(ctx context.Context, tx *db.Tx) (err error) {
		made, err = fn(ctx, tx)
		return err
	})
	if v.Refused(err) {
		return again(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(Prefix+"/changes/"+made.ID, v.T("changes.proposed"))
}

// noteMax is the longest note of a change on these pages, in characters.
const noteMax = 300

// note reads why, for whoever decides.
func note(v *console.Visit) string {
	text := v.Typed("note")
	if len([]rune(text)) > noteMax {
		v.Mistake("note", v.T("mistake.toolong"))
	}
	return text
}

// memberPage is the frame of a form about a participant.
func memberPage(v *console.Visit, m party.Participant, title string) console.Page {
	return console.Page{Title: title, Tab: "participants", Lead: v.T("changes.lead"),
		Crumbs: []console.Link{
			{Text: v.T("nav.participants"), Href: Prefix + "/participants"},
			{Text: m.Name, Href: participantPath(m.ID)}}}
}

// editParticipant draws the form with a participant's own terms.
func (p *pages) editParticipant(v *console.Visit) error {
	m, err := p.Directory.ByID(v.Ctx(), v.R.PathValue("id"))
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, memberPage(v, m, v.T("participant.edit")),
		participantForm(v, m))
}

// proposeParticipant asks for other terms of a participant.
func (p *pages) proposeParticipant(v *console.Visit) error {
	m, err := p.Directory.ByID(v.Ctx(), v.R.PathValue("id"))
	if err != nil {
		return err
	}
	t := party.ParticipantTerms{Name: v.Typed("name"), BaseURL: v.Typed("base_url"),
		OwnCodes: v.R.PostForm.Has("own_codes"), OnSight: v.R.PostForm.Has("on_sight")}
	why := note(v)
	if v.Wrong() {
		return p.editParticipant(v)
	}
	return p.propose(v, p.editParticipant, func(
		ctx context.Context, tx *db.Tx,
	) (foureyes.Request, error) {
		return p.Registry.ProposeParticipant(ctx, tx, by(v), m.No, t, why)
	})
}

// agreement finds the newest version of the agreement that the address names.
func (p *pages) agreement(v *console.Visit) (m party.Participant, a party.Agreement, err error) {
	if m, err = p.Directory.ByID(v.Ctx(), v.R.PathValue("id")); err != nil {
		return m, a, err
	}
	all, err := p.Directory.Agreements(v.Ctx(), m.No)
	if err != nil {
		return m, a, err
	}
	for _, one := range all { // the newest first
		if string(one.Role) == v.R.PathValue("role") &&
			string(one.Currency) == v.R.PathValue("currency") {
			return m, one, nil
		}
	}
	return m, a, v.NotFound()
}

// editAgreement draws the form with the terms of an agreement.
func (p *pages) editAgreement(v *console.Visit) error {
	m, a, err := p.agreement(v)
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, memberPage(v, m, v.T("terms.title",
		"role", v.T("role."+string(a.Role)), "currency", string(a.Currency))),
		agreementForm(v, m, a))
}

// proposeAgreement asks for the next version of an agreement.
func (p *pages) proposeAgreement(v *console.Visit) error {
	_, a, err := p.agreement(v)
	if err != nil {
		return err
	}
	next := party.Agreement{ParticipantNo: a.ParticipantNo, Role: a.Role, Currency: a.Currency,
		Zone: v.Typed("zone"), CutOffMin: cutOff(v)}
	next.CapMinor = most(v, "cap_minor", a.Currency)
	if a.Role == party.Issuer {
		next.SpreadPPM = share(v, "spread_ppm")
		next.InterchangePPM = share(v, "interchange_ppm")
		next.SchemePPM = share(v, "scheme_ppm")
		next.PerPaymentMaxMinor = most(v, "per_payment_max_minor", yen)
		next.PerDayMaxMinor = most(v, "per_day_max_minor", yen)
	}
	from, ok := japan(v.Typed("from"))
	if !ok {
		v.Mistake("from", v.T("mistake.time"))
	}
	if !from.IsZero() {
		next.FromUS = clock.Micros(from)
	}
	why := note(v)
	if v.Wrong() {
		return p.editAgreement(v)
	}
	return p.propose(v, p.editAgreement, func(
		ctx context.Context, tx *db.Tx,
	) (foureyes.Request, error) {
		return p.Registry.ProposeAgreement(ctx, tx, by(v), next, why)
	})
}

// cutOff reads when the clearing day ends, "15:30", in minutes after midnight.
func cutOff(v *console.Visit) int {
	text := v.Typed("cut_off_min")
	if text == "" {
		return 0
	}
	hour, minute, ok := strings.Cut(text, ":")
	h, err := strconv.Atoi(hour)
	m, err2 := strconv.Atoi(minute)
	if !ok || err != nil || err2 != nil || h < 0 || h > 23 || m < 0 || m > 59 {
		v.Mistake("cut_off_min", v.T("mistake.clock"))
		return 0
	}
	return h*60 + m
}

// share reads a percentage.
func share(v *console.Visit, name string) int64 {
	n, ok := parsePPM(v.Typed(name))
	if !ok {
		v.Mistake(name, v.T("mistake.percent"))
	}
	return n
}

// most reads a cap or a limit; an empty field is none.
func most(v *console.Visit, name string, c money.Currency) *int64 {
	text := strings.ReplaceAll(v.Typed(name), ",", "")
	if text == "" {
		return nil
	}
	a, err := money.Parse(text, c)
	if err != nil {
		v.Mistake(name, v.T("mistake.amount", "currency", string(c)))
		return nil
	}
	n := a.Minor()
	return &n
}

// plain is a cap or a limit as it stands in a field.
func plain(n *int64, c money.Currency) string {
	if n == nil {
		return ""
	}
	a, err := money.New(*n, c)
	if err != nil {
		return strconv.FormatInt(*n, 10)
	}
	return a.Decimal()
}

// newKey draws the form for a public key.
func (p *pages) newKey(v *console.Visit) error {
	m, err := p.Directory.ByID(v.Ctx(), v.R.PathValue("id"))
	if err != nil {
		return err
	}
	keys, err := p.Directory.KeysOf(v.Ctx(), m.No)
	if err != nil {
		return err
	}
	next := 1
	for _, k := range keys {
		next = max(next, k.Version+1)
	}
	return v.Show(http.StatusOK, memberPage(v, m, v.T("key.add")), keyForm(v, m, next))
}

// proposeKey asks for a public key to be added.
func (p *pages) proposeKey(v *console.Visit) error {
	m, err := p.Directory.ByID(v.Ctx(), v.R.PathValue("id"))
	if err != nil {
		return err
	}
	k := party.Key{ParticipantNo: m.No, PublicDER: keyBytes(v.Typed("public_key"))}
	if len(k.PublicDER) == 0 {
		v.Mistake("public_key", v.T("mistake.key"))
	}
	if k.Version, err = strconv.Atoi(v.Typed("version")); err != nil {
		v.Mistake("version", v.T("mistake.number"))
	}
	var ok bool
	if k.From, ok = japan(v.Typed("from")); !ok {
		v.Mistake("from", v.T("mistake.time"))
	}
	if k.Until, ok = japan(v.Typed("until")); !ok {
		v.Mistake("until", v.T("mistake.time"))
	}
	why := note(v)
	if v.Wrong() {
		return p.newKey(v)
	}
	return p.propose(v, p.newKey, func(
		ctx context.Context, tx *db.Tx,
	) (foureyes.Request, error) {
		return p.Registry.ProposeKey(ctx, tx, by(v), k, why)
	})
}

// keyBytes reads a public key as PEM or as base64 of the DER.
func keyBytes(text string) []byte {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block.Bytes
	}
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil
	}
	return der
}

// proposeRetire asks for the end of a public key.
func (p *pages) proposeRetire(v *console.Visit) error {
	m, err := p.Directory.ByID(v.Ctx(), v.R.PathValue("id"))
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(v.R.PathValue("version"))
	if err != nil {
		return v.NotFound()
	}
	return p.propose(v, p.showParticipant, func(
		ctx context.Context, tx *db.Tx,
	) (foureyes.Request, error) {
		return p.Registry.ProposeRetire(ctx, tx, by(v), m.No, version, "")
	})
}
