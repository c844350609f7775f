package octo

import (
	"context"
	"fmt"
	"time"

	"watari/kit/clock"
	"watari/kit/i18n"
	"watari/visit/park"
)

// supplier is who sells.
type supplier struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Endpoint string  `json:"endpoint"`
	Contact  contact `json:"contact"`
}

type contact struct {
	Website   *string `json:"website"`
	Email     *string `json:"email"`
	Telephone *string `json:"telephone"`
	Address   *string `json:"address"`
}

func (s *Service) supplier(who seller) supplier {
	out := supplier{Endpoint: s.cfg.Public + "/octo"}
	if len(who.parks) > 0 {
		out.ID, out.Name = who.parks[0].MerchantID, who.parks[0].Name.In(i18n.English)
	}
	return out
}

// product is a product as OCTO writes it.
type product struct {
	ID                   string   `json:"id"`
	InternalName         string   `json:"internalName"`
	Reference            *string  `json:"reference"`
	Locale               string   `json:"locale"`
	TimeZone             string   `json:"timeZone"`
	AllowFreesale        bool     `json:"allowFreesale"`
	InstantConfirmation  bool     `json:"instantConfirmation"`
	InstantDelivery      bool     `json:"instantDelivery"`
	AvailabilityRequired bool     `json:"availabilityRequired"`
	AvailabilityType     string   `json:"availabilityType"`
	DeliveryFormats      []string `json:"deliveryFormats"`
	DeliveryMethods      []string `json:"deliveryMethods"`
	RedemptionMethod     string   `json:"redemptionMethod"`
	Options              []option `json:"options"`
	// Of octo/pricing.
	DefaultCurrency     string   `json:"defaultCurrency,omitempty"`
	AvailableCurrencies []string `json:"availableCurrencies,omitempty"`
	PricingPer          string   `json:"pricingPer,omitempty"`
}

type option struct {
	ID                     string       `json:"id"`
	Default                bool         `json:"default"`
	InternalName           string       `json:"internalName"`
	Reference              *string      `json:"reference"`
	LocalStartTimes        []string     `json:"availabilityLocalStartTimes"`
	CancellationCutoff     string       `json:"cancellationCutoff"`
	CancellationCutoffNo   int64        `json:"cancellationCutoffAmount"`
	CancellationCutoffUnit string       `json:"cancellationCutoffUnit"`
	RequiredContactFields  []string     `json:"requiredContactFields"`
	Restrictions           optionLimits `json:"restrictions"`
	Units                  []unit       `json:"units"`
}

type optionLimits struct {
	MinUnits *int64 `json:"minUnits"`
	MaxUnits *int64 `json:"maxUnits"`
}

type unit struct {
	ID                    string     `json:"id"`
	InternalName          string     `json:"internalName"`
	Reference             *string    `json:"reference"`
	Type                  string     `json:"type"`
	RequiredContactFields []string   `json:"requiredContactFields"`
	Restrictions          unitLimits `json:"restrictions"`
	PricingFrom           []pricing  `json:"pricingFrom,omitempty"`
}

type unitLimits struct {
	MinAge        int64    `json:"minAge"`
	MaxAge        int64    `json:"maxAge"`
	IDRequired    bool     `json:"idRequired"`
	MinQuantity   *int64   `json:"minQuantity"`
	MaxQuantity   *int64   `json:"maxQuantity"`
	PaxCount      int64    `json:"paxCount"`
	AccompaniedBy []string `json:"accompaniedBy"`
}

// pricing is an amount in yen.
type pricing struct {
	UnitID            string   `json:"unitId,omitempty"`
	Original          int64    `json:"original"`
	Retail            int64    `json:"retail"`
	Net               int64    `json:"net"`
	Currency          string   `json:"currency"`
	CurrencyPrecision int64    `json:"currencyPrecision"`
	IncludedTaxes     []string `json:"includedTaxes"`
}

func yen(unitID string, list, net int64) pricing {
	return pricing{UnitID: unitID, Original: list, Retail: list, Net: net, Currency: "JPY",
		IncludedTaxes: []string{}}
}

// unitTypes are what OCTO calls the age classes.
var unitTypes = map[park.Unit]string{park.Adult: "ADULT", park.Junior: "YOUTH",
	park.Child: "CHILD", park.Senior: "SENIOR", park.Infant: "INFANT"}

// write writes a product for a reseller.
func (s *Service) write(
	ctx context.Context, who seller, p park.Park, x park.Product,
) (product, error) {
	prices, err := s.pricesOf(ctx, who, p)
	if err != nil {
		return product{}, err
	}
	out := product{ID: productID(p, x.Code), InternalName: x.Name.In(i18n.English),
		Locale: "en", TimeZone: "Asia/Tokyo", InstantConfirmation: true, InstantDelivery: true,
		AvailabilityRequired: true, AvailabilityType: "OPENING_HOURS",
		DeliveryFormats: []string{"QRCODE"}, DeliveryMethods: []string{"TICKET"},
		RedemptionMethod: "DIGITAL"}
	amount := s.cutoff(p)
	o := option{ID: optionID, Default: true, InternalName: out.InternalName,
		LocalStartTimes: []string{"00:00"}, CancellationCutoffNo: amount,
		CancellationCutoffUnit: "hour", CancellationCutoff: fmt.Sprintf("%d hours", amount),
		RequiredContactFields: []string{}}
	if len(x.Slots) > 0 {
		out.AvailabilityType, o.LocalStartTimes = "START_TIME", nil
		for _, slot := range x.Slots {
			o.LocalStartTimes = append(o.LocalStartTimes, clockOf(slot.From))
		}
	}
	least := max(x.MinCount, 1)
	o.Restrictions.MinUnits = &least
	if x.MaxCount > 0 {
		o.Restrictions.MaxUnits = &x.MaxCount
	}
	for _, u := range park.Units() {
		if from, ok := lowest(prices, x.Code, u); ok {
			o.Units = append(o.Units, unitOf(who, p, u, from))
		}
	}
	out.Options = []option{o}
	if who.pricing {
		out.DefaultCurrency, out.AvailableCurrencies = "JPY", []string{"JPY"}
		out.PricingPer = "UNIT"
	}
	return out, nil
}

// cutoff is how many hours before the day everything is returned without a fee.
func (s *Service) cutoff(p park.Park) int64 {
	for _, step := range p.Policy.Steps {
		if step.FeePPM == 0 {
			return max(0, int64(step.Before/time.Hour))
		}
	}
	return 0
}

func unitOf(who seller, p park.Park, u park.Unit, from int64) unit {
	out := unit{ID: string(u), InternalName: u.Name(i18n.English), Type: unitTypes[u],
		RequiredContactFields: []string{}, Restrictions: unitLimits{MaxAge: 120, PaxCount: 1,
			AccompaniedBy: []string{}}}
	for _, a := range p.Ages {
		if a.Unit == u {
			out.Restrictions.MinAge = a.From
			if a.To > 0 {
				out.Restrictions.MaxAge = a.To
			}
		}
	}
	if who.pricing {
		out.PricingFrom = []pricing{yen("", from, from)}
	}
	return out
}

// sold are the age classes that a product has prices for.
func (s *Service) sold(
	ctx context.Context, who seller, p park.Park, x park.Product,
) ([]park.Unit, error) {
	prices, err := s.pricesOf(ctx, who, p)
	var out []park.Unit
	for _, u := range park.Units() {
		if _, ok := lowest(prices, x.Code, u); ok {
			out = append(out, u)
		}
	}
	return out, err
}

// lowest is the lowest price of an age class; false when it has none.
func lowest(prices []park.Price, product string, u park.Unit) (yen int64, ok bool) {
	for _, p := range prices {
		if p.Product == product && p.Unit == u && (!ok || p.Yen < yen) {
			yen, ok = p.Yen, true
		}
	}
	return yen, ok
}

// clockOf is a minute of a day as "10:00".
func clockOf(minute int64) string { return fmt.Sprintf("%02d:%02d", minute/60%24, minute%60) }

// local is a moment as OCTO writes local times.
func local(t time.Time) string { return t.In(clock.JST).Format(time.RFC3339) }
