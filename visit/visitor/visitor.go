package visitor

import (
	"time"

	"watari/kit/i18n"
)

// Visitor is somebody who signed in with a wallet. Nothing here says who they are outside it.
type Visitor struct {
	// ID is our name of the visitor, "vis_…".
	ID string
	// IssuerNo and IssuerID are the wallet that they signed in with.
	IssuerNo int64
	IssuerID string
	// SubjectHash recognises the wallet's user without naming them: a keyed hash, 64 hexadecimal
	// characters (V1).
	SubjectHash string
	// Name is what the wallet says that the user wants to be called; most often "".
	Name string
	// Lang is the language that the visitor chose; "" is none yet.
	Lang i18n.Lang
	// InShops says that this wallet's payments name the visitor, so that those in shops are found.
	InShops bool
	// Created is when they first signed in, Seen when they were last here, to the minute.
	Created, Seen time.Time
}
