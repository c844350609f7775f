package gate

import (
	"context"
	"net/http"
	"time"

	"watari/kit/fault"
	"watari/kit/web"
)

// LinkPath is where a browser takes the link that makes it a device, up to its secret.
const LinkPath = "/gate/activate/"

func (s *Service) registerDevices(w *web.Server, unknown []*fault.Problem) {
	web.Register(w, web.Op{ID: "list-gate-devices", Method: http.MethodGet,
		Path: "/v1/parks/{park_id}/gate-devices", Summary: "List the devices at a park's gates",
		Tags: tagged, Roles: readers, Faults: unknown}, s.apiDevices)
	web.Register(w, web.Op{ID: "create-gate-device", Method: http.MethodPost,
		Path: "/v1/parks/{park_id}/gate-devices", Summary: "Invite a device to a gate",
		Tags: tagged, Roles: runners, Status: http.StatusCreated,
		Faults: append([]*fault.Problem{ErrInvalid, ErrTooMany}, unknown...),
		Description: "The path in the answer, opened once within a day, makes a browser the " +
			"device. It is not shown again."}, s.apiAddDevice)
	web.Register(w, web.Op{ID: "link-gate-device", Method: http.MethodPost,
		Path:    "/v1/parks/{park_id}/gate-devices/{device_id}/link",
		Summary: "Make another link for a device", Tags: tagged, Roles: runners, Faults: unknown},
		s.apiLinkDevice)
	web.Register(w, web.Op{ID: "change-gate-device", Method: http.MethodPatch,
		Path:    "/v1/parks/{park_id}/gate-devices/{device_id}",
		Summary: "Say whether staff at a device may let people in against a refusal",
		Tags:    tagged, Roles: runners, Faults: unknown}, s.apiChangeDevice)
	web.Register(w, web.Op{ID: "end-gate-device", Method: http.MethodDelete,
		Path:    "/v1/parks/{park_id}/gate-devices/{device_id}",
		Summary: "End a device and its session", Tags: tagged, Roles: runners, Faults: unknown},
		s.apiEndDevice)
}

// DeviceItem is a device as the API shows it.
type DeviceItem struct {
	ID        string     `json:"id"`
	GateID    string     `json:"gate_id"`
	Label     string     `json:"label"`
	Activated *time.Time `json:"activated_at,omitempty"`
	Seen      *time.Time `json:"seen_at,omitempty" doc:"When it spoke with the network last."`
	Offset    int64      `json:"clock_offset_ms" doc:"How far its clock was behind then."`
	Waiting   int64      `json:"waiting" doc:"How many scans it kept then."`
	Overrides bool       `json:"overrides" doc:"Its staff may let people in against a refusal."`
}

func deviceBody(d Device) DeviceItem {
	when := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		return &t
	}
	return DeviceItem{ID: d.ID, GateID: d.GateID, Label: d.Label, Activated: when(d.Activated),
		Seen: when(d.Seen), Offset: d.Offset, Waiting: d.Waiting, Overrides: d.Overrides}
}

type devicesOutput struct{ Body web.List[DeviceItem] }

func (s *Service) apiDevices(ctx context.Context, in *ParkPath) (*devicesOutput, error) {
	p, _, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	ds, err := s.Devices(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	items := []DeviceItem{}
	for _, d := range ds {
		items = append(items, deviceBody(d))
	}
	return &devicesOutput{web.ListOf(items, "")}, nil
}

type addDeviceInput struct {
	ParkPath
	Body struct {
		GateID string `json:"gate_id" maxLength:"64" doc:"The gate's id or code."`
		Label  string `json:"label" maxLength:"40"`
	}
}

type linkItem struct {
	DeviceItem
	Path  string    `json:"path" doc:"To be opened in the browser of the device."`
	Until time.Time `json:"until"`
}

type linkOutput struct{ Body linkItem }

func (s *Service) apiAddDevice(ctx context.Context, in *addDeviceInput) (*linkOutput, error) {
	p, c, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	d, secret, err := s.AddDevice(ctx, p.ID, in.Body.GateID, in.Body.Label, c.Actor)
	if err != nil {
		return nil, err
	}
	return &linkOutput{linkItem{deviceBody(d), LinkPath + secret, d.LinkOpen}}, nil
}

// DevicePath names a device of a park's gates.
type DevicePath struct {
	ParkPath
	DeviceID string `path:"device_id" maxLength:"64"`
}

func (s *Service) apiLinkDevice(ctx context.Context, in *DevicePath) (*linkOutput, error) {
	p, c, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	d, secret, err := s.NewLink(ctx, p.ID, in.DeviceID, c.Actor)
	if err != nil {
		return nil, err
	}
	return &linkOutput{linkItem{deviceBody(d), LinkPath + secret, d.LinkOpen}}, nil
}

type changeDeviceInput struct {
	DevicePath
	Body struct {
		Overrides bool `json:"overrides" doc:"Its staff may let people in against a refusal."`
	}
}

type deviceOutput struct{ Body DeviceItem }

func (s *Service) apiChangeDevice(
	ctx context.Context, in *changeDeviceInput,
) (*deviceOutput, error) {
	p, c, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	d, err := s.AllowOverrides(ctx, p.ID, in.DeviceID, in.Body.Overrides, c.Actor)
	if err != nil {
		return nil, err
	}
	return &deviceOutput{deviceBody(d)}, nil
}

func (s *Service) apiEndDevice(ctx context.Context, in *DevicePath) (*struct{}, error) {
	p, c, err := s.allowed(ctx, in.ParkID)
	if err != nil {
		return nil, err
	}
	return nil, s.EndDevice(ctx, p.ID, in.DeviceID, c.Actor)
}
