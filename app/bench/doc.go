// Package bench measures the whole path of a payment: the native API over HTTP on loopback,
// the durable commits before and after the wallet call, and a wallet that answers at once in
// the same process.
//
// In the same run it measures the bare limit: the rows that those payments left, written
// again by plain driver code in batches of 256 into empty tables. Machines differ and are
// noisy, so the ratio of the two is what counts. Client, server and database share the cores.
package bench
