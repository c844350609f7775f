package parkmap

import "strings"

// say is what a screen reader says of a mark: its name, what it is, and its wait.
func (d *Drawing) say(m Mark) string {
	parts := []string{m.Name, d.t("map.kinds." + m.Kind)}
	if m.Wait != nil {
		parts = append(parts, m.Wait.Long)
	}
	return strings.Join(parts, ", ")
}

// about is the small line below a name in the list.
func (d *Drawing) about(m Mark) string {
	var parts []string
	if m.HeightMin > 0 {
		parts = append(parts, d.t("map.height", "cm", m.HeightMin))
	}
	if m.TakesMine {
		parts = append(parts, d.t("map.takes_mine"))
	}
	switch m.Wheelchair {
	case "yes":
		parts = append(parts, d.t("map.wheelchair_yes"))
	case "limited":
		parts = append(parts, d.t("map.wheelchair_limited"))
	}
	return strings.Join(parts, " · ")
}
