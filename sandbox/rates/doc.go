// Package rates carries the exchange rates that the sandbox begins with: the euro foreign exchange
// reference rates of 90 business days up to 2026-04-13, in the file format of the European Central
// Bank (eurofxref-hist.csv). The sandbox repeats the last day, so its rates never age.
//
// Source: European Central Bank, "Euro foreign exchange reference rates", published for
// information; a real network imports the current file every day.
package rates
