package sign

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
)

// collect makes variants of texts, what was received first, without repeats.
type collect []variant

func (c *collect) add(signed string, text string) {
	same := func(v variant) bool { return string(v.text) == text }
	if !slices.ContainsFunc(*c, same) {
		*c = append(*c, variant{[]byte(text), signed})
	}
}

func methods(method string) []variant {
	var c collect
	c.add("", method)
	for _, m := range []string{strings.ToUpper(method), strings.ToLower(method), "POST", "GET",
		"PUT", "Post", ""} {
		c.add("", m)
	}
	return c
}

// hosts are the documented hosts of the network; some programs sign the whole address.
var hosts = []string{"https://open-sea.alipayplus.com", "https://open-sea-global.alipayplus.com",
	"https://open-na.alipayplus.com", "https://open-na-global.alipayplus.com"}

func paths(path string, others []string) []variant {
	var c collect
	c.add("", path)
	for _, other := range others {
		c.add("", other)
		c.add("", withoutHost(other))
		c.add("", pathOnly(other))
	}
	c.add("with a slash at its end", path+"/")
	c.add("without the slash at its end", strings.TrimRight(path, "/"))
	c.add("without the slash at its beginning", strings.TrimLeft(path, "/"))
	c.add("with a second slash at its beginning", "/"+path)
	c.add("in lower case", strings.ToLower(path))
	for _, prefix := range []string{"/aps", "/aps/api", "/aps/api/v1", "/api", "/api/v1"} {
		if rest, found := strings.CutPrefix(path, prefix+"/"); found {
			c.add("without "+prefix, "/"+rest)
		}
		c.add("with "+prefix+" before it", prefix+path)
	}
	c.add("", strings.Replace(path, "/aps/api/", "/aps/", 1))
	c.add("", strings.Replace(path, "/aps/v1", "/aps/api/v1", 1))
	c.add("", strings.Replace(path, "/aps/", "/ams/", 1))
	if at := strings.LastIndex(path, "/"); at >= 0 {
		c.add("only its last part", path[at:])
		c.add("only its last part", path[at+1:])
	}
	c.add("URL-escaped", url.QueryEscape(path))
	for _, host := range hosts {
		c.add("the whole address", host+path)
	}
	c.add("", "/")
	c.add("nothing", "")
	return c
}

func clients(client string, others []string) []variant {
	var c collect
	c.add("", client)
	for _, other := range others {
		c.add("", other)
	}
	c.add("without blanks", strings.TrimSpace(client))
	c.add("in upper case", strings.ToUpper(client))
	c.add("in lower case", strings.ToLower(client))
	c.add("URL-escaped", url.QueryEscape(client))
	c.add("nothing", "")
	return c
}

// timeForms are layouts in which programs write times.
var timeForms = []string{
	"2006-01-02T15:04:05-07:00", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05.000-07:00",
	"2006-01-02T15:04:05.000Z07:00", "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05",
	"2006-01-02 15:04:05", "2006-01-02T15:04:05 07:00", "20060102150405-0700",
	"20060102150405-07:00", "20060102150405",
}

// timeForm returns the layout that writes a time exactly as it stands; "" is none of them.
func timeForm(at string) string {
	for _, form := range timeForms {
		if t, err := time.Parse(form, at); err == nil && t.Format(form) == at {
			return form
		}
	}
	return ""
}

func times(at string, others []string) []variant {
	var c collect
	c.add("", at)
	for _, other := range others {
		c.add("the other time of the exchange", other)
	}
	for _, text := range append([]string{at}, others...) {
		t, ok := wire.ParseTime(text)
		if !ok {
			continue
		}
		c.add("Unix milliseconds", strconv.FormatInt(t.UnixMilli(), 10))
		c.add("Unix milliseconds without a fraction", strconv.FormatInt(t.Unix()*1000, 10))
		c.add("Unix seconds", strconv.FormatInt(t.Unix(), 10))
		for _, zone := range []*time.Location{clock.JST, clock.CST, time.UTC} {
			for _, form := range timeForms {
				c.add("the same time in another form", t.In(zone).Format(form))
			}
		}
	}
	c.add("URL-escaped", url.QueryEscape(at))
	c.add("with its + as a blank (URL-decoded)", strings.ReplaceAll(at, "+", " "))
	c.add("without blanks", strings.TrimSpace(at))
	c.add("nothing", "")
	return c
}

// layouts are the forms in which the parts are put together, the right one first.
func layouts() []layout {
	join := func(sep1, sep2, sep3, sep4, end string) func(Message) []byte {
		return func(m Message) []byte {
			return slices.Concat([]byte(m.Method+sep1+m.Path+sep2+m.ClientID+sep3+m.At+sep4),
				m.Body, []byte(end))
		}
	}
	return []layout{
		{"", Message.Content},
		{"no line feed between path and client id", join(" ", "", ".", ".", "")},
		{"a blank instead of the line feed", join(" ", " ", ".", ".", "")},
		{`a backslash and an n instead of the line feed`, join(" ", `\n`, ".", ".", "")},
		{"carriage return and line feed instead of the line feed", join(" ", "\r\n", ".", ".", "")},
		{"line feeds instead of the dots", join(" ", "\n", "\n", "\n", "")},
		{"line feeds instead of the dots and at the end", join(" ", "\n", "\n", "\n", "\n")},
		{"no dots", join(" ", "\n", "", "", "")},
		{"no blank after the method", join("", "\n", ".", ".", "")},
		{"a line feed after the method", join("\n", "\n", ".", ".", "")},
		{"no dot before the body", join(" ", "\n", ".", "", "")},
		{"a line feed before the body", join(" ", "\n", ".", "\n", "")},
		{"no method and no path", func(m Message) []byte {
			return slices.Concat([]byte(m.ClientID+"."+m.At+"."), m.Body)
		}},
		{"the body alone", func(m Message) []byte { return m.Body }},
		{"the text without the body", func(m Message) []byte {
			return []byte(m.Method + " " + m.Path + "\n" + m.ClientID + "." + m.At)
		}},
		{"the SHA-256 digest of the text (it is hashed twice)", func(m Message) []byte {
			digest := sha256.Sum256(m.Content())
			return digest[:]
		}},
		{"the SHA-256 digest of the text in hexadecimal", func(m Message) []byte {
			digest := sha256.Sum256(m.Content())
			return []byte(hex.EncodeToString(digest[:]))
		}},
		{"the Base64 of the text", func(m Message) []byte {
			return []byte(base64Of(m.Content()))
		}},
		{"the URL-escaped text", func(m Message) []byte {
			return []byte(url.QueryEscape(string(m.Content())))
		}},
		{"the text in US-ASCII, other letters as question marks", func(m Message) []byte {
			return questionMarks(m.Content())
		}},
		{"the text in UTF-8 encoded twice", func(m Message) []byte {
			return twiceEncoded(m.Content())
		}},
	}
}

// questionMarks is what a program signs whose character set has no other letters.
func questionMarks(text []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if r > 0x7f {
			return '?'
		}
		return r
	}, text)
}

// twiceEncoded is what a program signs that reads UTF-8 as Latin-1 and writes UTF-8.
func twiceEncoded(text []byte) []byte {
	var b strings.Builder
	for _, c := range text {
		b.WriteRune(rune(c))
	}
	return []byte(b.String())
}
