// Package park plants the sandbox's park into the network: what it sells, its calendar, prices,
// quotas and discounts, and its map. Package site draws it, package crowd lets people come.
//
// The park never closes for the night: whoever tries the sandbox at any hour finds it open, with
// people in it. Its calendar is extended each time a process starts.
package park
