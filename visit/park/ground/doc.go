// Package ground is the map of a park: its points, paths and areas, and the ways between them.
//
// # Nouns
//
// A point is something a visitor goes to: a ride, a counter, a shop, a toilet. A path is a line on
// which people walk, an area a surface that is drawn: water, a building, a lawn. A way is how one
// walks from one place to another. Positions are WGS 84 in degrees, longitude first, as in GeoJSON
// (RFC 7946); distances are metres.
//
// # Invariants
//
//	G1  A way goes along paths only, but for its first and last metres, and is the shortest there is.
//	G2  A way that was asked for without steps has none.
package ground
