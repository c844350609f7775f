package payment

import (
	"context"
	"errors"

	"watari/kit/fault"
	"watari/pay/party"
)

// pointers are the members of a request that refusals speak of, as JSON pointers.
var pointers = map[*fault.Problem]string{
	ErrAmount: "/amount/value", ErrCapture: "/amount/value", ErrRefundAmount: "/amount/value",
	ErrCurrency: "/amount/currency", ErrExpiry: "/expires_at", ErrReturn: "/return_url",
	ErrConsentUnknown:     "/consent_id",
	party.ErrStoreUnknown: "/store_id", party.ErrMerchantUnknown: "/merchant_id",
	party.ErrTerminalUnknown: "/terminal_id", party.ErrWalletUnknown: "/wallet_id",
}

// placed makes the refusals of an operation say which member of the request they speak of.
func placed[I, O any](
	serve func(context.Context, *I) (*O, error),
) func(context.Context, *I) (*O, error) {
	return func(ctx context.Context, in *I) (*O, error) {
		out, err := serve(ctx, in)
		var refusal *fault.Error
		if errors.As(err, &refusal) && len(refusal.Fields) == 0 {
			if at, ok := pointers[refusal.Problem]; ok {
				return out, refusal.Clone().At(at, refusal.Detail)
			}
		}
		return out, err
	}
}

// walletCalled finds a wallet by its id. Errors: party.ErrWalletUnknown, also for participants
// that are no wallet.
func (s *Service) walletCalled(ctx context.Context, id string) (party.Wallet, error) {
	issuer, err := s.directory.ByID(ctx, id)
	var w party.Wallet
	if err == nil {
		w, err = s.directory.Wallet(ctx, issuer.No)
	}
	if errors.Is(err, party.ErrParticipantUnknown) || errors.Is(err, party.ErrWalletUnknown) {
		return w, party.ErrWalletUnknown.Newf("no wallet %q", id)
	}
	return w, err
}
