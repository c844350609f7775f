package signup

import (
	"context"
	"time"

	"watari/kit/web"
)

// DocumentResource is a document as /v1 shows it.
type DocumentResource struct {
	ID          string    `json:"id"`
	Kind        Paper     `json:"kind" enum:"identity,registry,licence,shop_photo,other"`
	Name        string    `json:"name" doc:"Of the file."`
	ContentType string    `json:"content_type" doc:"By its content."`
	Size        int64     `json:"size" doc:"Bytes."`
	SHA256      string    `json:"sha256"`
	By          string    `json:"by"`
	At          time.Time `json:"at"`
}

func (d Document) resource() DocumentResource {
	return DocumentResource{d.ID, d.Paper, d.Name, d.ContentType, d.Size, d.SHA256, d.By, d.At}
}

type documentsOutput struct {
	Body web.List[DocumentResource]
}

func (a *api) documents(ctx context.Context, in *ApplicationPath) (*documentsOutput, error) {
	c, _ := who(ctx)
	all, err := a.Documents(ctx, c.ParticipantNo, in.ApplicationID)
	if err != nil {
		return nil, err
	}
	items := make([]DocumentResource, len(all))
	for i, d := range all {
		items[i] = d.resource()
	}
	return &documentsOutput{web.ListOf(items, "")}, nil
}

type paperInput struct {
	ApplicationPath
	Body struct {
		Kind    Paper  `json:"kind" enum:"identity,registry,licence,shop_photo,other"`
		Name    string `json:"name" minLength:"1" maxLength:"200" doc:"Of the file."`
		Content []byte `json:"content" doc:"Base64; at most 5 MiB of PDF, JPEG or PNG."`
	}
}

type paperOutput struct{ Body DocumentResource }

func (a *api) addPaper(ctx context.Context, in *paperInput) (*paperOutput, error) {
	c, by := who(ctx)
	d, err := a.AddDocument(ctx, by, c.ParticipantNo, in.ApplicationID, in.Body.Kind,
		in.Body.Name, in.Body.Content)
	if err != nil {
		return nil, err
	}
	return &paperOutput{d.resource()}, nil
}

type documentInput struct {
	ApplicationPath
	DocumentID string `path:"document_id" maxLength:"64"`
}

func (a *api) download(ctx context.Context, in *documentInput) (*web.File, error) {
	c, by := who(ctx)
	d, data, err := a.OpenDocument(ctx, by, c.ParticipantNo, in.ApplicationID, in.DocumentID)
	if err != nil {
		return nil, err
	}
	return web.NewFile(d.Name, d.ContentType, data), nil
}

func (a *api) removePaper(ctx context.Context, in *documentInput) (*struct{}, error) {
	c, by := who(ctx)
	return nil, a.RemoveDocument(ctx, by, c.ParticipantNo, in.ApplicationID, in.DocumentID)
}

// InvitationResource is a link as /v1 shows it.
type InvitationResource struct {
	ID            string    `json:"id"`
	ApplicationID string    `json:"application_id,omitempty" doc:"The one that it shows; absent when it is open."`
	Open          bool      `json:"open"`
	Label         string    `json:"label,omitempty"`
	Lang          string    `json:"lang,omitempty"`
	By            string    `json:"by"`
	MadeAt        time.Time `json:"made_at"`
	Until         time.Time `json:"until"`
	URL           string    `json:"url,omitempty" doc:"Told once, when it is made."`
}

func (i Invitation) resource() InvitationResource {
	return InvitationResource{ID: i.ID, ApplicationID: i.Application, Open: i.Open,
		Label: i.Label, Lang: i.Lang, By: i.By, MadeAt: i.Made, Until: i.Until}
}

type linksOutput struct {
	Body web.List[InvitationResource]
}

func (a *api) links(ctx context.Context, _ *struct{}) (*linksOutput, error) {
	c, _ := who(ctx)
	all, err := a.Invitations(ctx, c.ParticipantNo)
	if err != nil {
		return nil, err
	}
	items := make([]InvitationResource, len(all))
	for i, one := range all {
		items[i] = one.resource()
	}
	return &linksOutput{web.ListOf(items, "")}, nil
}

type inviteInput struct {
	Body struct {
		ApplicationID string `json:"application_id,omitempty" maxLength:"64" doc:"A draft of yours, or one that was returned; a new one when it is left out."`
		Open          bool   `json:"open,omitempty" doc:"Everybody who has the link begins an application of their own."`
		Label         string `json:"label,omitempty" maxLength:"100" doc:"For you: who it is for."`
		Lang          string `json:"lang,omitempty" enum:"zh-Hans,zh-Hant,ja,en,ko"`
		Hours         int64  `json:"ttl_hours,omitempty" minimum:"1" maximum:"8784" doc:"How long it works; 14 days when it is left out, 366 when it is open."`
	}
}

type inviteOutput struct{ Body InvitationResource }

func (a *api) invite(ctx context.Context, in *inviteInput) (*inviteOutput, error) {
	c, by := who(ctx)
	b := in.Body
	inv, secret, err := a.Invite(ctx, by, Invitation{AcquirerNo: c.ParticipantNo,
		Application: b.ApplicationID, Open: b.Open, Label: b.Label, Lang: b.Lang,
		TTL: time.Duration(b.Hours) * time.Hour})
	if err != nil {
		return nil, err
	}
	r := inv.resource()
	r.URL = a.public + ApplyPath + secret
	return &inviteOutput{r}, nil
}

// ApplyPath is the path of the page that an invitation opens, up to its secret.
const ApplyPath = "/apply/"

type invitationInput struct {
	InvitationID string `path:"invitation_id" maxLength:"64"`
}

func (a *api) revoke(ctx context.Context, in *invitationInput) (*struct{}, error) {
	c, by := who(ctx)
	return nil, a.Revoke(ctx, by, c.ParticipantNo, in.InvitationID)
}
