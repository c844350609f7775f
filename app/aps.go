package app

import (
	"context"
	"net/http"

	"watari/connect/alipayplus"
	"watari/connect/alipayplus/notices"
	"watari/connect/alipayplus/private"
	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/fault"
	"watari/kit/money"
	"watari/kit/web"
	"watari/pay/fx"
	"watari/pay/link"
	"watari/pay/party"
)

// alipayPlus takes what acquirers and wallets ask in that protocol.
func (n *node) alipayPlus() *alipayplus.Server {
	return alipayplus.NewServer(alipayplus.ServerConfig{Payments: n.payments,
		Directory: n.directory, Signers: n.signers, Seal: n.ring, Logger: n.logger,
		PublicURL: n.public, Owners: private.NewBook(n.db), Rates: indicative{n.board},
		Registrar: registrar{n},
		Local:     n.local})
}

// tell tells acquirers how their payments ended until ctx ends.
func (n *node) tell(ctx context.Context) {
	notifier := alipayplus.NewNotifier(alipayplus.NotifierConfig{Directory: n.directory,
		Signers: n.signers, Seal: n.ring, Logger: n.logger, Local: n.local})
	defer notifier.Close()
	notices.New(notices.Config{DB: n.db, Log: n.log, Payments: n.payments, Sender: notifier,
		Registrations: registrar{n},
		Logger:        n.logger}).Run(ctx)
}

// indicative tells wallets what a payment would be converted at now.
type indicative struct{ board *fx.Board }

// Indicative is part of alipayplus.Rates.
func (i indicative) Indicative(ctx context.Context, issuerNo int64, base, quote money.Currency,
	spreadPPM int64,
) (link.Quote, error) {
	q, err := i.board.Live(ctx, issuerNo, base, quote, spreadPPM, clock.Now())
	return link.Quote{ID: q.ID, Rate: q.Rate, From: q.From, Until: q.Until}, err
}

// registerPrefixes adds the operations by which an operator says whose codes begin how.
func registerPrefixes(w *web.Server, n *node) {
	tags, operator := []string{"Participants"}, []access.Role{access.Operator}
	web.Register(w, web.Op{ID: "create-code-prefix", Method: http.MethodPost,
		Path:    "/v1/participants/{participant_id}/code-prefixes",
		Summary: "Say how the codes of an acquirer begin, and where it is asked about them",
		Description: "A wallet's user scans such a code; the network asks the acquirer, by " +
			"userInitiatedPay, which order it is. The same prefix again changes the address.",
		Tags: tags, Roles: operator, Status: http.StatusCreated,
		Faults: []*fault.Problem{party.ErrParticipantUnknown, private.ErrPrefix,
			private.ErrTaken}}, n.apiPrefix)
	web.Register(w, web.Op{ID: "list-code-prefixes", Method: http.MethodGet,
		Path: "/v1/code-prefixes", Summary: "List how acquirers' codes begin", Tags: tags,
		Roles: operator}, n.apiPrefixes)
	web.Register(w, web.Op{ID: "delete-code-prefix", Method: http.MethodDelete,
		Path: "/v1/code-prefixes", Summary: "Forget a prefix: its codes are unknown then",
		Tags: tags, Roles: operator}, n.apiPrefixGone)
}

type prefixInput struct {
	ParticipantID string `path:"participant_id" maxLength:"64"`
	Body          struct {
		Prefix string `json:"prefix" maxLength:"512" doc:"An https address with at least a slash after its host."`
		AskURL string `json:"ask_url" maxLength:"512" doc:"Where the acquirer is asked, by https."`
	}
}

func (n *node) apiPrefix(ctx context.Context, in *prefixInput) (*joinOutput, error) {
	p, err := n.directory.ByID(ctx, in.ParticipantID)
	if err != nil {
		return nil, err
	}
	err = n.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return private.NewBook(n.db).Add(ctx, tx, actorOf(ctx), private.Owner{
			Prefix: in.Body.Prefix, AcquirerNo: p.No, AskURL: in.Body.AskURL})
	})
	return &joinOutput{joined{p.ID}}, err
}

type prefixesOutput struct{ Body web.List[prefixItem] }

type prefixItem struct {
	Prefix        string `json:"prefix"`
	ParticipantID string `json:"participant_id"`
	AskURL        string `json:"ask_url"`
}

func (n *node) apiPrefixes(ctx context.Context, _ *struct{}) (*prefixesOutput, error) {
	all, err := private.NewBook(n.db).All(ctx)
	if err != nil {
		return nil, err
	}
	items := []prefixItem{}
	for _, o := range all {
		p, err := n.directory.Participant(ctx, o.AcquirerNo)
		if err != nil {
			return nil, err
		}
		items = append(items, prefixItem{o.Prefix, p.ID, o.AskURL})
	}
	return &prefixesOutput{web.ListOf(items, "")}, nil
}

type prefixGoneInput struct {
	Prefix string `query:"prefix" required:"true" maxLength:"512"`
}

func (n *node) apiPrefixGone(ctx context.Context, in *prefixGoneInput) (*struct{}, error) {
	return nil, n.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return private.NewBook(n.db).Remove(ctx, tx, in.Prefix)
	})
}
