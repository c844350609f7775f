package report

import "watari/kit/fault"

// ErrPeriod says that a period is no period, or longer than one report.
var ErrPeriod = fault.Define("period-invalid", fault.Unprocessable,
	"The period cannot be reported on")
