// Package site is the ground of the sandbox's park: an invented park at the foot of Mount Fuji, in
// Yamanashi, with twelve rides, three ticket counters, two entrances and fifteen shops.
//
// Everything is laid out in metres east and north of the south-western corner of the site, and
// turned into degrees at the end. The shops are ordinary stores of the network; their codes name
// the points on the map that they stand at.
package site
