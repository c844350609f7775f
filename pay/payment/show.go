package payment

// OwnID is the id of a request as its caller named it: what a merchant's callers name is kept apart
// from what its bank names.
func OwnID(requestID string) string { return ownID(requestID) }

// Resource returns f as /v1 shows it.
func (f *Refund) Resource() RefundResource { return showRefund(f) }

// Resource returns k as /v1 shows it.
func (k *Capture) Resource() CaptureResource { return showCapture(k) }
