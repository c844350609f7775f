package console

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"watari/kit/access"
	"watari/kit/i18n"
)

// tabsMax is how many entries the bar at the bottom of a phone has, beside "more".
const tabsMax = 4

// group is a part of the navigation under a heading.
type group struct {
	name  string
	items []NavItem
}

// allowed are the entries that the caller sees.
func (v *Visit) allowed() (list []NavItem) {
	for _, i := range v.console.app.Nav {
		if i.Roles == nil || slices.Contains(i.Roles, v.Caller.Role) {
			list = append(list, i)
		}
	}
	return list
}

// groups cuts the navigation at its headings. A group without entries has no heading either.
func (v *Visit) groups() (list []group) {
	name := ""
	heading := map[string]string{}
	for _, i := range v.console.app.Nav {
		if i.Group != "" {
			name = v.T("nav.group." + i.Group)
		}
		heading[i.ID] = name
	}
	for _, i := range v.allowed() {
		if n := len(list); n == 0 || list[n-1].name != heading[i.ID] {
			list = append(list, group{name: heading[i.ID]})
		}
		list[len(list)-1].items = append(list[len(list)-1].items, i)
	}
	return list
}

// tabs are the entries of the bar at the bottom of a phone.
func (v *Visit) tabs() (list []NavItem) {
	if !v.SignedIn() {
		return nil
	}
	for _, i := range v.allowed() {
		if i.Main && len(list) < tabsMax {
			list = append(list, i)
		}
	}
	return list
}

// home is where the mark of the network leads.
func (v *Visit) home() string {
	switch {
	case v.console.app.Stay:
		return v.R.URL.Path
	case !v.SignedIn():
		return SignInPath
	}
	return Home(v.Caller.Role)
}

// heading is the name of the console, or of the network.
func (v *Visit) heading() string {
	key := v.console.app.Name
	if key == "" {
		key = "app"
	}
	if name := v.T(key); name != key {
		return name
	}
	return "Watari"
}

// you is the name of who is signed in.
func (v *Visit) you() string {
	if v.Person.Name != "" {
		return v.Person.Name
	}
	return v.Person.Email
}

// again is where this page can be asked for once more. What answers a form often has no page of
// its own: that is where the form stood.
func (v *Visit) again() string {
	if v.R.Method == http.MethodGet || v.R.Method == http.MethodHead {
		return v.Here()
	}
	from, err := url.Parse(v.R.Referer())
	if err != nil || from.Host != v.R.Host {
		return v.home()
	}
	q := from.Query()
	q.Del(i18n.CookieName)
	from.RawQuery = q.Encode()
	if at := SafeNext(from.RequestURI()); at != "" {
		return at
	}
	return v.home()
}

// inLang is this page in another language.
func (v *Visit) inLang(l i18n.Lang) string {
	at := v.again()
	if strings.Contains(at, "?") {
		return at + "&lang=" + string(l)
	}
	return at + "?lang=" + string(l)
}

func (v *Visit) themeName() string {
	if v.Theme == "" {
		return themes[0]
	}
	return v.Theme
}

// RoleName is what a role is called in the language of the page.
func (v *Visit) RoleName(r access.Role) string { return v.frame.T("role." + string(r)) }

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
