package party

// What the events of the directory tell. Secrets are not among it: of a key its fingerprint,
// of a manager's PIN whether there is one. Field names are a published form; they may grow and
// never change.

type participantFacts struct {
	No        int64  `json:"no"`
	ID        string `json:"id"`
	Name      string `json:"name"`
	ClientID  string `json:"client_id,omitempty"`
	Status    Status `json:"status"`
	Connector string `json:"connector,omitempty"`
	BaseURL   string `json:"base_url,omitempty"`
	CodeGroup string `json:"code_group,omitempty"`
	OwnCodes  bool   `json:"own_codes"`
	OnSight   bool   `json:"on_sight"`
}

func (p Participant) facts() participantFacts { return participantFacts(p) }

type agreementFacts struct {
	ID                 string `json:"id"`
	Version            int64  `json:"version"`
	Role               Role   `json:"role"`
	Currency           string `json:"currency"`
	Zone               string `json:"zone"`
	CutOffMin          int    `json:"cut_off_min"`
	SpreadPPM          int64  `json:"spread_ppm"`
	InterchangePPM     int64  `json:"interchange_ppm"`
	SchemePPM          int64  `json:"scheme_ppm"`
	CapMinor           *int64 `json:"cap_minor"`
	PerPaymentMaxMinor *int64 `json:"per_payment_max_minor"`
	PerDayMaxMinor     *int64 `json:"per_day_max_minor"`
	FromUS             int64  `json:"from_us"`
	UntilUS            int64  `json:"until_us"`
}

func (a Agreement) facts() agreementFacts {
	return agreementFacts{ID: a.ID, Version: a.Version, Role: a.Role,
		Currency: string(a.Currency), Zone: a.Zone, CutOffMin: a.CutOffMin,
		SpreadPPM: a.SpreadPPM, InterchangePPM: a.InterchangePPM, SchemePPM: a.SchemePPM,
		CapMinor: a.CapMinor, PerPaymentMaxMinor: a.PerPaymentMaxMinor,
		PerDayMaxMinor: a.PerDayMaxMinor, FromUS: a.FromUS, UntilUS: a.UntilUS}
}

type keyFacts struct {
	Version     int    `json:"version"`
	Fingerprint string `json:"fingerprint_sha256"`
	From        string `json:"from"`
	Until       string `json:"until,omitempty"`
	Retired     string `json:"retired,omitempty"`
}

func (k Key) facts() keyFacts {
	return keyFacts{Version: k.Version, Fingerprint: k.Fingerprint(), From: stamp(k.From),
		Until: stamp(k.Until), Retired: stamp(k.Retired)}
}

type merchantFacts struct {
	No         int64  `json:"no"`
	ID         string `json:"id"`
	Name       string `json:"name"`
	NameJA     string `json:"name_ja,omitempty"`
	MCC        string `json:"mcc"`
	MDRPPM     int64  `json:"mdr_ppm"`
	Status     Status `json:"status"`
	Unverified bool   `json:"unverified"`
}

func (m Merchant) facts() merchantFacts {
	return merchantFacts{No: m.No, ID: m.ID, Name: m.Name, NameJA: m.NameJA, MCC: m.MCC,
		MDRPPM: m.MDRPPM, Status: m.Status, Unverified: m.Unverified}
}

type storeFacts struct {
	No                 int64  `json:"no"`
	MerchantNo         int64  `json:"merchant_no"`
	ID                 string `json:"id"`
	Name               string `json:"name"`
	NameJA             string `json:"name_ja,omitempty"`
	Prefecture         string `json:"prefecture"`
	MCC                string `json:"mcc"`
	Status             Status `json:"status"`
	Unverified         bool   `json:"unverified"`
	PerPaymentMaxMinor *int64 `json:"per_payment_max_minor"`
	PerDayMaxMinor     *int64 `json:"per_day_max_minor"`
	RefundDayMaxMinor  *int64 `json:"refund_day_max_minor"`
	ManagerPIN         bool   `json:"manager_pin"`
	PINAboveMinor      int64  `json:"pin_above_minor"`
}

func (s Store) facts() storeFacts {
	return storeFacts{No: s.No, MerchantNo: s.MerchantNo, ID: s.ID, Name: s.Name,
		NameJA: s.NameJA, Prefecture: s.Prefecture, MCC: s.MCC, Status: s.Status,
		Unverified: s.Unverified, PerPaymentMaxMinor: s.PerPaymentMaxMinor,
		PerDayMaxMinor: s.PerDayMaxMinor, RefundDayMaxMinor: s.RefundDayMaxMinor,
		ManagerPIN: s.ManagerPINHash != "", PINAboveMinor: s.PINAboveMinor}
}

type terminalFacts struct {
	No                int64  `json:"no"`
	StoreNo           int64  `json:"store_no"`
	ID                string `json:"id"`
	Label             string `json:"label,omitempty"`
	Status            Status `json:"status"`
	CanRefund         bool   `json:"can_refund"`
	RefundDayMaxMinor *int64 `json:"refund_day_max_minor"`
	FailuresMax       int    `json:"failures_max"`
}

func (t Terminal) facts() terminalFacts {
	return terminalFacts{No: t.No, StoreNo: t.StoreNo, ID: t.ID, Label: t.Label,
		Status: t.Status, CanRefund: t.CanRefund, RefundDayMaxMinor: t.RefundDayMaxMinor,
		FailuresMax: t.FailuresMax}
}
