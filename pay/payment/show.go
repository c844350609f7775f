package payment

// Resource returns f as /v1 shows it.
func (f *Refund) Resource() RefundResource { return showRefund(f) }

// Resource returns k as /v1 shows it.
func (k *Capture) Resource() CaptureResource { return showCapture(k) }
