package console

import (
	"strconv"

	"github.com/a-h/templ"
)

// attributes are what an input element has beside its name and value.
func (v *Visit) attributes(f Field) templ.Attributes {
	a := templ.Attributes{}
	set := func(name, value string) {
		if value != "" {
			a[name] = value
		}
	}
	set("autocomplete", f.Autocomplete)
	set("inputmode", f.Inputmode)
	set("placeholder", f.Placeholder)
	set("min", f.Low)
	set("max", f.High)
	set("accept", f.Accept)
	set("lang", f.Lang)
	set("aria-describedby", v.describedBy(f.Name, f.Hint))
	if f.Max > 0 {
		a["maxlength"] = itoa(f.Max)
	}
	if f.Bytes > 0 {
		a["data-bytes"] = strconv.FormatInt(f.Bytes, 10)
		a["data-large"] = v.frame.T("file.large", "max", megabytes(f.Bytes))
	}
	if f.Required {
		a["required"] = true
	}
	if f.ReadOnly {
		a["readonly"] = true
	}
	if f.Multiple {
		a["multiple"] = true
	}
	if f.Focus && !v.Wrong() {
		a["autofocus"] = true
	}
	if v.Mistakes[f.Name] != "" {
		a["aria-invalid"] = "true"
	}
	return a
}

// megabytes writes a size for people.
func megabytes(n int64) string {
	if n < 1<<20 {
		return strconv.FormatInt(n>>10, 10) + " KB"
	}
	return strconv.FormatInt(n>>20, 10) + " MB"
}
