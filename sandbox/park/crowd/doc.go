// Package crowd is a day in a park that does not exist: people who come by bus and train, buy
// tickets, pass the entrance, choose rides by what they like and by how long the line looks, wait,
// ride, eat, get wet and go home; rides that load in dispatches and break down; sensors that
// miscount them; and staff who press a button a few minutes late.
//
// # Nouns
//
// A Plan is the park: rides, counters, entrances with what they can do. Simulate plays one Day of
// it: a discrete-event simulation, the same for the same Options. A Day holds what the sensors
// said (Counts), what staff did (Signals), what timed riders found (Samples), and, for whoever
// judges an estimate, the truth: every Visit with the moment of joining and of being served.
// A Feed sends all but the truth to the network, through its public API and over HTTP, as sensors
// of a real park do. Live does so in real time.
//
// # What makes it hard
//
//	miscounts   a sensor sees 93 to 98 of 100 people and counts some twice; each has its own bias
//	trains      the dispatch interval follows the number of trains and the crew, not the brochure
//	groups      do not divide into rows, so seats stay empty; a priority lane takes its share
//	surges      buses arrive and a show ends: hundreds join within minutes
//	breakdowns  a ride stands still for 6 to 40 minutes; some of its line walk away
//	rain        open-air rides slow down and some close; people move indoors
//	windows     counters and lanes open and close over the day
//
// # Units
//
// Time inside is minutes since the park day's begin, 05:00 in Japan, as float64: nobody is paid by
// a wait, and no amount of money comes near this package. Lengths of lines are people.
package crowd
