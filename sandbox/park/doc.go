// Package park plants the sandbox's park into the network, and lets people buy its tickets, come,
// and spend money in it. Package site draws it, package crowd lets people queue.
//
// # Nouns
//
// The plan is what people do on a day: it is made from the date, and so always the same. A deal is
// one purchase of the plan with the visit that follows. A guest is a user of a simulated wallet,
// who buys in the visitors' app and pays in the wallet. A sale is a payment at the till of a shop
// of the park. Live plays the plan: at the first start two weeks of it and this day up to now, then
// as time goes.
//
// # Invariants
//
//	L1  Everything goes through the services of the network: holds, sales on account, payments by
//	    the wallets' own protocols, scans at gates. Nothing is written past them.
//	L2  What happened before the sandbox was started has its own time, through the same services
//	    with another clock. Payments cannot be made in the past: wallets pay now.
//	L3  Ids are made by the plan, so what is played again, after a restart, by two processes or
//	    after one was killed, happens once.
//	L4  It is not much: some 45 purchases and 110 tickets on an ordinary day; users of wallets keep
//	    most of their money for whoever tries the sandbox.
//
// The park never closes for the night: whoever tries the sandbox at any hour finds it open, with
// people in it. Its calendar is extended each time a process starts.
package park
