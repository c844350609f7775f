package merchant

import (
	"bytes"
	"encoding/json"
	"strconv"

	"watari/pay/webhook"
	"watari/ui/console"
)

// ticked are the kinds that are ticked in the form of a webhook, also in one that came back.
func ticked(v *console.Visit, t webhook.Terms) []string {
	if v.Wrong() {
		return v.R.PostForm["kinds"]
	}
	return t.Kinds
}

// messageTabs narrow the messages of a webhook.
func messageTabs(v *console.Visit, id string) (tabs []console.Tab) {
	at := "/merchant/webhooks/" + id
	for _, s := range []webhook.State{"", webhook.Waiting, webhook.Delivered, webhook.GivenUp} {
		key := "hooks.state." + string(s)
		if s == "" {
			key = "hooks.messages.all"
		}
		tabs = append(tabs, console.Tab{Text: v.T(key), Href: query(at, "state", string(s)),
			On: messageState(v) == s})
	}
	return tabs
}

// messagePager leads through the messages of a webhook.
func messagePager(v *console.Visit, s hookScreen) console.Pager {
	p := console.Pager{}
	if s.next > 0 {
		p.Next = v.Here("before", strconv.FormatInt(s.next, 10))
	}
	if v.R.Form.Get("before") != "" {
		p.First = v.Here("before", "")
	}
	return p
}

// indented is a JSON text as people read it.
func indented(text string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(text), "", "  ") != nil {
		return text
	}
	return b.String()
}
