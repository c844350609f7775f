package parkmap

import "strconv"

// Frame says how a script turns a place of the picture into degrees: the longitude and latitude of
// its upper left corner, and how many degrees a metre to the right and one down are. ok is false
// for a map with nothing on it.
func (d *Drawing) Frame() (west, north, perRight, perDown string, ok bool) {
	f := d.origin
	if f.perLon == 0 || f.perLat == 0 {
		return "", "", "", "", false
	}
	write := func(n float64, form byte) string { return strconv.FormatFloat(n, form, 9, 64) }
	return write(f.lon-margin/f.perLon, 'f'), write(f.lat+margin/f.perLat, 'f'),
		write(1/f.perLon, 'e'), write(-1/f.perLat, 'e'), true
}
