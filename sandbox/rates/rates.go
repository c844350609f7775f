package rates

import _ "embed"

// Recent is the rate file, newest day first. It must not be changed.
//
//go:embed eurofxref-recent.csv
var Recent []byte
