package party

import (
	"bytes"
	"context"
	"errors"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/web"
)

type keysOutput struct{ Body web.List[KeyResource] }

type keyOutput struct{ Body KeyResource }

type newKeyInput struct{ Body newKey }

type newKey struct {
	Version   int       `json:"version" minimum:"0" maximum:"999999" doc:"As your messages will name it."`
	PublicKey []byte    `json:"public_key" doc:"Base64 of SubjectPublicKeyInfo in DER: RSA, 2048 bits."`
	From      time.Time `json:"from,omitempty" doc:"Valid from; now when it is left out."`
	Until     time.Time `json:"until,omitempty" doc:"Valid to before; open when it is left out."`
}

type newKeyOutput struct {
	Status int
	Body   KeyResource
}

type keyPath struct {
	Version int `path:"version" minimum:"0" maximum:"999999"`
}

func (a *API) listKeys(ctx context.Context, _ *struct{}) (*keysOutput, error) {
	all, err := a.Directory.KeysOf(ctx, who(ctx).ParticipantNo)
	if err != nil {
		return nil, err
	}
	items := make([]KeyResource, len(all))
	for i, k := range all {
		items[i] = k.resource()
	}
	return &keysOutput{web.ListOf(items, "")}, nil
}

func (a *API) addKey(ctx context.Context, in *newKeyInput) (*newKeyOutput, error) {
	c, b := who(ctx), in.Body
	k := Key{ParticipantNo: c.ParticipantNo, Version: b.Version, PublicDER: b.PublicKey,
		From: b.From, Until: b.Until}
	if k.From.IsZero() {
		k.From = clock.Now()
	}
	err := a.change(ctx, func(ctx context.Context, tx *db.Tx) error {
		return a.Registry.AddKey(ctx, tx, c.Actor, k)
	})
	if err != nil && !errors.Is(err, ErrTaken) {
		return nil, err
	}
	old, readErr := a.key(ctx, c.ParticipantNo, b.Version)
	switch {
	case readErr != nil:
		return nil, readErr
	case err == nil:
		return &newKeyOutput{made, old.resource()}, nil
	case !bytes.Equal(old.PublicDER, k.PublicDER) || micros(old.Until) != micros(k.Until) ||
		!b.From.IsZero() && micros(old.From) != micros(k.From):
		return nil, err
	}
	return &newKeyOutput{there, old.resource()}, nil
}

// key reads a version of a participant's key. Errors: ErrKeyVersionUnknown.
func (a *API) key(ctx context.Context, no int64, version int) (k Key, err error) {
	err = a.view(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		k, err = keyByVersion(ctx, tx, no, version)
		return err
	})
	return k, noVersion(err, version)
}

// noVersion tells an unknown version apart from a message that cannot be verified.
func noVersion(err error, version int) error {
	if errors.Is(err, ErrKeyUnknown) {
		return ErrKeyVersionUnknown.Newf("you have no key of version %d", version)
	}
	return err
}

func (a *API) retireKey(ctx context.Context, in *keyPath) (*keyOutput, error) {
	c := who(ctx)
	err := a.change(ctx, func(ctx context.Context, tx *db.Tx) error {
		return a.Registry.RetireKey(ctx, tx, c.Actor, c.ParticipantNo, in.Version)
	})
	if err != nil {
		return nil, noVersion(err, in.Version)
	}
	k, err := a.key(ctx, c.ParticipantNo, in.Version)
	if err != nil {
		return nil, err
	}
	return &keyOutput{k.resource()}, nil
}
