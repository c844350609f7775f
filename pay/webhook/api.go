package webhook

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"watari/kit/access"
	"watari/kit/check"
	"watari/kit/fault"
	"watari/kit/web"
)

// Who may look at endpoints, and who may change them: each its own.
var (
	readers = []access.Role{access.Acquirer, access.AcquirerClerk, access.AcquirerViewer,
		access.MerchantOwner}
	keepers = []access.Role{access.Acquirer, access.MerchantOwner}
)

// EndpointPath is the address of one of the caller's endpoints.
type EndpointPath struct {
	EndpointID string `path:"endpoint_id" maxLength:"64"`
}

type deliveryPath struct {
	EndpointPath
	DeliveryID string `path:"delivery_id" maxLength:"64"`
}

type termsBody struct {
	URL         string   `json:"url" maxLength:"500" doc:"Where messages are posted: https, on the public internet."`
	Description string   `json:"description,omitempty" maxLength:"200" doc:"A name for people."`
	Kinds       []string `json:"kinds,omitempty" maxItems:"50" doc:"Which messages it gets, see list-webhook-kinds; left out: all that you may get."`
}

func (b termsBody) terms() Terms {
	return Terms{URL: b.URL, Description: b.Description, Kinds: b.Kinds}
}

type newInput struct{ Body termsBody }

type changeInput struct {
	EndpointPath
	Body termsBody
}

type endpointOutput struct{ Body Resource }

type secretOutput struct{ Body SecretResource }

type listOutput struct{ Body web.List[Resource] }

type kindsOutput struct{ Body web.List[KindResource] }

type deliveriesInput struct {
	EndpointPath
	web.Paging
	State State  `query:"state" enum:"waiting,delivered,given_up"`
	Kind  string `query:"kind" maxLength:"64"`
}

type deliveriesOutput struct {
	Body web.List[DeliveryResource]
}

type deliveryOutput struct{ Body DeliveryResource }

type replayInput struct {
	EndpointPath
	Body struct {
		Since time.Time `json:"since" doc:"Everything that was given up and happened at or after."`
	}
}

type replayOutput struct {
	Body struct {
		Count int64 `json:"count" doc:"How many are sent again."`
	}
}

// Register adds the operations of this package.
func (s *Service) Register(w *web.Server) {
	tags := []string{"Webhooks"}
	const all, one = "/v1/webhook-endpoints", "/v1/webhook-endpoints/{endpoint_id}"
	unknown := []*fault.Problem{ErrUnknown}
	web.Register(w, web.Op{ID: "list-webhook-kinds", Method: http.MethodGet,
		Path: "/v1/webhook-kinds", Summary: "List the messages that your endpoints may get",
		Tags: tags, Roles: readers}, s.apiKinds)
	web.Register(w, web.Op{ID: "list-webhook-endpoints", Method: http.MethodGet, Path: all,
		Summary: "List your webhook endpoints, oldest first", Tags: tags, Roles: readers},
		s.apiList)
	web.Register(w, web.Op{ID: "create-webhook-endpoint", Method: http.MethodPost, Path: all,
		Summary: "Add an address that is told what happens", Tags: tags, Roles: keepers,
		Status: http.StatusCreated, Description: "It gets nothing before it is verified. The " +
			"secret in the answer is shown this once.",
		Faults: []*fault.Problem{ErrInvalid, ErrTaken, ErrTooMany}}, s.apiAdd)
	web.Register(w, web.Op{ID: "read-webhook-endpoint", Method: http.MethodGet, Path: one,
		Summary: "Read a webhook endpoint", Tags: tags, Roles: readers, Faults: unknown},
		s.apiFind)
	web.Register(w, web.Op{ID: "change-webhook-endpoint", Method: http.MethodPut, Path: one,
		Summary: "Change a webhook endpoint", Tags: tags, Roles: keepers,
		Description: "Takes all terms: what the body leaves out is gone. With another address " +
			"it has to be verified again.",
		Faults: []*fault.Problem{ErrUnknown, ErrInvalid, ErrTaken}}, s.apiChange)
	web.Register(w, web.Op{ID: "remove-webhook-endpoint", Method: http.MethodDelete, Path: one,
		Summary: "Forget a webhook endpoint and what waits for it", Tags: tags, Roles: keepers,
		Faults: unknown}, s.apiRemove)
	web.Register(w, web.Op{ID: "verify-webhook-endpoint", Method: http.MethodPost,
		Path: one + "/verify", Summary: "Send the challenge, and begin when it is echoed",
		Tags: tags, Roles: keepers, Description: "A message of the type endpoint.verify is " +
			"posted, signed. Answer it 2xx within 15 seconds with {\"challenge\": \"…\"}, its " +
			"data.challenge. Also for an endpoint that was disabled, and for one that is " +
			"failing: its next message is tried at once.",
		Faults: []*fault.Problem{ErrUnknown, ErrChallenge}}, s.apiVerify)
	web.Register(w, web.Op{ID: "disable-webhook-endpoint", Method: http.MethodPost,
		Path: one + "/disable", Summary: "Switch an endpoint off until it is verified again",
		Tags: tags, Roles: keepers, Description: "What waits is kept. What happens meanwhile " +
			"is not told.", Faults: unknown}, s.apiDisable)
	web.Register(w, web.Op{ID: "rotate-webhook-secret", Method: http.MethodPost,
		Path: one + "/rotate", Summary: "Make a new secret", Tags: tags, Roles: keepers,
		Description: "For 24 hours messages carry two signatures, of the new secret and of " +
			"the one before. The secret in the answer is shown this once.", Faults: unknown},
		s.apiRotate)
	s.registerDeliveries(w)
}

func (s *Service) registerDeliveries(w *web.Server) {
	tags := []string{"Webhooks"}
	const one = "/v1/webhook-endpoints/{endpoint_id}"
	web.Register(w, web.Op{ID: "list-webhook-deliveries", Method: http.MethodGet,
		Path: one + "/deliveries", Summary: "Read what was sent to an endpoint, newest first",
		Tags: tags, Roles: readers, Faults: []*fault.Problem{ErrUnknown, ErrCursor}},
		s.apiDeliveries)
	web.Register(w, web.Op{ID: "read-webhook-delivery", Method: http.MethodGet,
		Path: one + "/deliveries/{delivery_id}", Summary: "Read a delivery with its message",
		Tags: tags, Roles: readers, Faults: []*fault.Problem{ErrUnknown, ErrDeliveryUnknown}},
		s.apiDelivery)
	web.Register(w, web.Op{ID: "replay-webhook-delivery", Method: http.MethodPost,
		Path: one + "/deliveries/{delivery_id}/replay", Summary: "Send a message again",
		Tags: tags, Roles: keepers, Description: "Before those that wait, under the same " +
			"webhook-id and with the same body.",
		Faults: []*fault.Problem{ErrUnknown, ErrDeliveryUnknown, ErrNotActive}}, s.apiReplay)
	web.Register(w, web.Op{ID: "give-up-webhook-delivery", Method: http.MethodPost,
		Path: one + "/deliveries/{delivery_id}/give-up", Summary: "Give up a message that waits",
		Tags: tags, Roles: keepers, Description: "The next has its turn at once. Otherwise a " +
			"message that is never taken keeps those behind it waiting for three days.",
		Faults: []*fault.Problem{ErrUnknown, ErrDeliveryUnknown, ErrNotWaiting}}, s.apiGiveUp)
	web.Register(w, web.Op{ID: "replay-webhook-failures", Method: http.MethodPost,
		Path: one + "/replays", Summary: "Send everything again that was given up since a time",
		Tags: tags, Roles: keepers, Faults: []*fault.Problem{ErrUnknown, ErrNotActive}},
		s.apiReplays)
}

// caller is who calls, and whose endpoints they see.
func caller(ctx context.Context) (Owner, string) {
	c, ok := access.FromContext(ctx)
	check.That(ok && (c.Role != access.MerchantOwner || c.MerchantNo != 0),
		"webhook: an operation without a caller")
	return Owner{AcquirerNo: c.ParticipantNo, MerchantNo: c.MerchantNo}, c.Actor
}

func shown(e Endpoint, err error) (*endpointOutput, error) {
	return &endpointOutput{e.Resource()}, err
}

func (s *Service) apiKinds(ctx context.Context, _ *struct{}) (*kindsOutput, error) {
	o, _ := caller(ctx)
	var items []KindResource
	for _, k := range Kinds(o) {
		items = append(items, KindResource{k.Name, k.Text, k.Holds})
	}
	return &kindsOutput{web.ListOf(items, "")}, nil
}

func (s *Service) apiList(ctx context.Context, _ *struct{}) (*listOutput, error) {
	o, _ := caller(ctx)
	es, err := s.List(ctx, o)
	items := make([]Resource, len(es))
	for i, e := range es {
		items[i] = e.Resource()
	}
	return &listOutput{web.ListOf(items, "")}, err
}

func (s *Service) apiAdd(ctx context.Context, in *newInput) (*secretOutput, error) {
	o, actor := caller(ctx)
	e, secret, err := s.Add(ctx, o, actor, in.Body.terms())
	return &secretOutput{SecretResource{e.Resource(), secret}}, err
}

func (s *Service) apiFind(ctx context.Context, in *EndpointPath) (*endpointOutput, error) {
	o, _ := caller(ctx)
	return shown(s.Find(ctx, o, in.EndpointID))
}

func (s *Service) apiChange(ctx context.Context, in *changeInput) (*endpointOutput, error) {
	o, actor := caller(ctx)
	return shown(s.Change(ctx, o, actor, in.EndpointID, in.Body.terms()))
}

func (s *Service) apiRemove(ctx context.Context, in *EndpointPath) (*struct{}, error) {
	o, actor := caller(ctx)
	return nil, s.Remove(ctx, o, actor, in.EndpointID)
}

func (s *Service) apiVerify(ctx context.Context, in *EndpointPath) (*endpointOutput, error) {
	o, actor := caller(ctx)
	return shown(s.Verify(ctx, o, actor, in.EndpointID))
}

func (s *Service) apiDisable(ctx context.Context, in *EndpointPath) (*endpointOutput, error) {
	o, actor := caller(ctx)
	return shown(s.Disable(ctx, o, actor, in.EndpointID))
}

func (s *Service) apiRotate(ctx context.Context, in *EndpointPath) (*secretOutput, error) {
	o, actor := caller(ctx)
	e, secret, err := s.Rotate(ctx, o, actor, in.EndpointID)
	return &secretOutput{SecretResource{e.Resource(), secret}}, err
}

func (s *Service) apiDeliveries(
	ctx context.Context, in *deliveriesInput,
) (*deliveriesOutput, error) {
	o, _ := caller(ctx)
	f := DeliveryFilter{State: in.State, Kind: in.Kind, Limit: in.Limit}
	if in.Cursor != "" {
		seq, err := strconv.ParseInt(in.Cursor, 10, 64)
		if err != nil || seq < 1 {
			return nil, ErrCursor.Newf("use a next_cursor as it was given").Because(err)
		}
		f.Before = seq
	}
	ds, next, err := s.Deliveries(ctx, o, in.EndpointID, f)
	items := make([]DeliveryResource, len(ds))
	for i, d := range ds {
		items[i] = d.Resource()
	}
	cursor := ""
	if next != 0 {
		cursor = strconv.FormatInt(next, 10)
	}
	return &deliveriesOutput{web.ListOf(items, cursor)}, err
}

func (s *Service) apiDelivery(ctx context.Context, in *deliveryPath) (*deliveryOutput, error) {
	o, _ := caller(ctx)
	d, err := s.Delivery(ctx, o, in.EndpointID, in.DeliveryID)
	return &deliveryOutput{d.Resource()}, err
}

func (s *Service) apiReplay(ctx context.Context, in *deliveryPath) (*deliveryOutput, error) {
	o, actor := caller(ctx)
	d, err := s.Replay(ctx, o, actor, in.EndpointID, in.DeliveryID)
	return &deliveryOutput{d.Resource()}, err
}

func (s *Service) apiGiveUp(ctx context.Context, in *deliveryPath) (*deliveryOutput, error) {
	o, actor := caller(ctx)
	d, err := s.GiveUp(ctx, o, actor, in.EndpointID, in.DeliveryID)
	return &deliveryOutput{d.Resource()}, err
}

func (s *Service) apiReplays(ctx context.Context, in *replayInput) (*replayOutput, error) {
	o, actor := caller(ctx)
	out := &replayOutput{}
	n, err := s.ReplayFailed(ctx, o, actor, in.EndpointID, in.Body.Since)
	out.Body.Count = n
	return out, err
}
