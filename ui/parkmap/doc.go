// Package parkmap draws the map of a park: as a picture that is drawn on the server, and as a list
// that says the same.
//
// The picture is plain SVG: it works without scripts, prints, and is kept for use without a
// network. Every point on it is a link. A script lets it be moved and made larger, filters points
// and writes waits anew as they change (ui/web/src/visitor/map.js).
//
// Distances are metres on a plane that touches the earth in the middle of the park; a park is so
// small that the error is below a millimetre in a hundred metres.
package parkmap
