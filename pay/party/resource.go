package party

import (
	"encoding/base64"
	"time"
)

// MerchantResource is a merchant as /v1 shows it.
type MerchantResource struct {
	ID         string `json:"id" doc:"Your own reference."`
	Subject    string `json:"subject" doc:"What events about it are filed under."`
	Name       string `json:"name"`
	NameJA     string `json:"name_ja,omitempty"`
	MCC        string `json:"mcc" doc:"Merchant category code, ISO 18245."`
	MDRPPM     int64  `json:"mdr_ppm" doc:"What the merchant pays you, parts per million of a payment."`
	Status     Status `json:"status" enum:"open,suspended,closed"`
	Unverified bool   `json:"unverified" doc:"A message brought it and nobody has checked it: it is not paid out."`
}

func (m Merchant) resource() MerchantResource {
	return MerchantResource{ID: m.ID, Subject: Subject(KindMerchant, m.No), Name: m.Name,
		NameJA: m.NameJA, MCC: m.MCC, MDRPPM: m.MDRPPM, Status: m.Status,
		Unverified: m.Unverified}
}

// StoreResource is a store as /v1 shows it. Limits are whole yen; null is no limit.
type StoreResource struct {
	ID                 string `json:"id" doc:"Your own reference, unique with its merchant."`
	MerchantID         string `json:"merchant_id"`
	Subject            string `json:"subject" doc:"What events about it are filed under."`
	Name               string `json:"name"`
	NameJA             string `json:"name_ja,omitempty"`
	Prefecture         string `json:"prefecture" doc:"Two digits, JIS X 0401; empty while a store that a message brought has none."`
	City               string `json:"city,omitempty"`
	PostalCode         string `json:"postal_code,omitempty"`
	UnifiedID          string `json:"unified_id,omitempty" doc:"Of JPQR."`
	MCC                string `json:"mcc" doc:"Merchant category code, ISO 18245."`
	Status             Status `json:"status" enum:"open,suspended,closed"`
	Unverified         bool   `json:"unverified" doc:"A message brought it and nobody has checked it."`
	PerPaymentMaxMinor *int64 `json:"per_payment_max_minor" doc:"Yen a payment."`
	PerDayMaxMinor     *int64 `json:"per_day_max_minor" doc:"Yen a day."`
	RefundDayMaxMinor  *int64 `json:"refund_day_max_minor" doc:"Yen refunded by tills in a day."`
	ManagerPIN         bool   `json:"manager_pin" doc:"A PIN is set."`
	PINAboveMinor      int64  `json:"pin_above_minor" doc:"Refunds above this many yen need the PIN, when one is set."`
}

// placed is a store with the id of its merchant.
type placed struct {
	Store
	merchantID string
}

func (s placed) resource() StoreResource {
	return StoreResource{ID: s.ID, MerchantID: s.merchantID, Subject: Subject(KindStore, s.No),
		Name: s.Name, NameJA: s.NameJA, Prefecture: s.Prefecture, MCC: s.MCC, Status: s.Status,
		City: s.City, PostalCode: s.PostalCode, UnifiedID: s.UnifiedID,
		Unverified: s.Unverified, PerPaymentMaxMinor: s.PerPaymentMaxMinor,
		PerDayMaxMinor: s.PerDayMaxMinor, RefundDayMaxMinor: s.RefundDayMaxMinor,
		ManagerPIN: s.ManagerPINHash != "", PINAboveMinor: s.PINAboveMinor}
}

// TerminalResource is a terminal as /v1 shows it.
type TerminalResource struct {
	ID                string `json:"id" doc:"Your own reference, unique in its store."`
	StoreID           string `json:"store_id"`
	MerchantID        string `json:"merchant_id"`
	Subject           string `json:"subject" doc:"What events about it are filed under."`
	Label             string `json:"label,omitempty" doc:"Shown on the till."`
	Status            Status `json:"status" enum:"open,suspended,closed"`
	CanRefund         bool   `json:"can_refund"`
	RefundDayMaxMinor *int64 `json:"refund_day_max_minor" doc:"Yen refunded in a day; null is no limit of its own."`
	FailuresMax       int    `json:"failures_max" doc:"Failures a minute before it is paused; 0 is the network's own number."`
}

func (t Terminal) resource(s placed) TerminalResource {
	return TerminalResource{ID: t.ID, StoreID: s.ID, MerchantID: s.merchantID,
		Subject: Subject(KindTerminal, t.No), Label: t.Label, Status: t.Status,
		CanRefund: t.CanRefund, RefundDayMaxMinor: t.RefundDayMaxMinor,
		FailuresMax: t.FailuresMax}
}

// KeyResource is a version of a public key as /v1 shows it.
type KeyResource struct {
	Version     int        `json:"version"`
	PublicKey   string     `json:"public_key" doc:"Base64 of SubjectPublicKeyInfo in DER."`
	Fingerprint string     `json:"fingerprint_sha256" doc:"Of the DER, in hexadecimal."`
	From        time.Time  `json:"from" doc:"Valid from."`
	Until       *time.Time `json:"until,omitempty" doc:"Valid to before; absent is open."`
	RetiredAt   *time.Time `json:"retired_at,omitempty"`
	LastUsedAt  *time.Time `json:"last_used_at,omitempty" doc:"To the minute."`
}

func (k Key) resource() KeyResource {
	return KeyResource{Version: k.Version, Fingerprint: k.Fingerprint(), From: k.From,
		PublicKey: base64.StdEncoding.EncodeToString(k.PublicDER), Until: orNil(k.Until),
		RetiredAt: orNil(k.Retired), LastUsedAt: orNil(k.LastUsed)}
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// ParticipantResource is a member of the scheme as /v1 shows it to operators.
type ParticipantResource struct {
	ID        string `json:"id"`
	Subject   string `json:"subject" doc:"What events about it are filed under."`
	Name      string `json:"name"`
	Roles     []Role `json:"roles" nullable:"false" enum:"acquirer,issuer" doc:"What it does under agreements in force."`
	Status    Status `json:"status" enum:"open,suspended,closed"`
	ClientID  string `json:"client_id,omitempty" doc:"As it names itself in signed messages."`
	Connector string `json:"connector,omitempty" doc:"The protocol of an issuer."`
	BaseURL   string `json:"base_url,omitempty" doc:"Where an issuer is called."`
	OnSight   bool   `json:"on_sight" doc:"An acquirer that may bring unknown merchants by protocol."`
}

func (p Participant) resource(ms *members) ParticipantResource {
	r := ParticipantResource{ID: p.ID, Subject: Subject(KindParticipant, p.No), Name: p.Name,
		Roles: []Role{}, Status: p.Status, ClientID: p.ClientID, Connector: p.Connector,
		BaseURL: p.BaseURL, OnSight: p.OnSight}
	for _, role := range []Role{Acquirer, Issuer} {
		if _, ok := ms.main[membership{p.No, role}]; ok {
			r.Roles = append(r.Roles, role)
		}
	}
	return r
}
