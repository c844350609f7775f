package account

import (
	"strings"

	"watari/kit/access/people"
	"watari/ui/console"
)

// passwordDoing is what can be done about a password.
func passwordDoing(v *console.Visit, who people.Person) string {
	if who.HasPassword {
		return v.T("security.password.change")
	}
	return v.T("security.password.set")
}

// appDoing is what can be done about an authenticator app.
func appDoing(v *console.Visit, who people.Person) []console.Action {
	if who.Factors.TOTP {
		return []console.Action{{Text: v.T("remove"), Dialog: "remove-totp"}}
	}
	return []console.Action{{Text: v.T("security.app.add"), Icon: "plus", Href: "/account/totp"}}
}

// confirmLabel is what the page that asks again wants.
func confirmLabel(v *console.Visit, who people.Person) string {
	if who.HasPassword {
		return v.T("password")
	}
	return v.T("second.code")
}

func acceptText(v *console.Visit, in people.Invitation) string {
	if in.Reset {
		return v.T("reset.submit")
	}
	return v.T("invitation.submit")
}

// methodKey is the last part of the text of a way to sign in.
func methodKey(m people.Method) string { return strings.ReplaceAll(string(m), "+", "_") }

// device is the icon of a browser's device.
func device(agent string) string {
	for _, phone := range []string{"iPhone", "Android", "Mobile"} {
		if strings.Contains(agent, phone) {
			return "phone"
		}
	}
	return "screen"
}
