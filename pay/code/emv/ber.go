package emv

import "slices"

// Object is one BER-TLV data object, as on a chip card.
type Object struct {
	Tag      uint32   // its bytes, most significant first: 0x4F, 0x5F20, 0x9F26
	Value    []byte   // of a primitive object, 0 to 65,535 bytes
	Children []Object // of a template
}

// Template tells whether the object's tag is that of a template, which has Children and no Value.
func (o Object) Template() bool {
	bytes := tagBytes(o.Tag)
	return bytes[0]&0x20 != 0
}

// depthMax is how deep templates may stand in each other: 63 in 61 is two.
const depthMax = 4

// cursor walks over decoded bytes.
type cursor struct {
	data []byte
	at   int // bytes before data, for positions
}

func (c *cursor) wrong(format string, args ...any) *Error {
	return wrong("", c.at+1, format, args...)
}

// take returns the next n bytes.
func (c *cursor) take(n int) ([]byte, bool) {
	if n > len(c.data) {
		return nil, false
	}
	taken := c.data[:n]
	c.data, c.at = c.data[n:], c.at+n
	return taken, true
}

// objects reads the rest as data objects. A tag comes once, except those that may repeat.
func (c *cursor) objects(depth int, repeats uint32) ([]Object, error) {
	if depth > depthMax {
		return nil, c.wrong("templates stand in each other deeper than %d", depthMax)
	}
	var list []Object
	for len(c.data) > 0 {
		began := c.at
		o := Object{}
		var err error
		if o.Tag, err = c.tag(); err != nil {
			return nil, err
		}
		n, err := c.length()
		if err != nil {
			return nil, err
		}
		value, ok := c.take(n)
		path := tagText(o.Tag)
		if !ok {
			return nil, wrong(path, began+1, "the length is %d, but %d bytes follow", n,
				len(c.data))
		}
		if o.Tag != repeats && slices.ContainsFunc(list, func(p Object) bool {
			return p.Tag == o.Tag
		}) {
			return nil, wrong(path, began+1, "the tag comes twice")
		}
		if o.Template() {
			inner := &cursor{data: value, at: c.at - n}
			o.Children, err = inner.objects(depth+1, 0)
		} else {
			o.Value = value
		}
		if err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}

// tag reads a tag of one to three bytes.
func (c *cursor) tag() (uint32, error) {
	const bytesMax = 3
	first := c.data[0]
	if first == 0x00 || first == 0xff {
		return 0, c.wrong("%02X is no tag", first)
	}
	n := 1
	if first&0x1f == 0x1f {
		for n++; n <= len(c.data) && c.data[n-1]&0x80 != 0; n++ {
		}
	}
	if n > bytesMax || n > len(c.data) {
		return 0, c.wrong("the tag is not complete, or longer than %d bytes", bytesMax)
	}
	taken, _ := c.take(n)
	var tag uint32
	for _, b := range taken {
		tag = tag<<8 | uint32(b)
	}
	return tag, nil
}

// length reads a length of one to three bytes, which must be the shortest form.
func (c *cursor) length() (int, error) {
	first, ok := c.take(1)
	if !ok {
		return 0, c.wrong("the length is missing")
	}
	if first[0] < 0x80 {
		return int(first[0]), nil
	}
	more, ok := c.take(int(first[0] & 0x7f))
	n := 0
	for _, b := range more {
		n = n<<8 | int(b)
	}
	switch {
	case !ok || len(more) == 0 || len(more) > 2:
		return 0, c.wrong("the length has a form that is not used")
	case n < 0x80 || len(more) == 2 && n < 0x100:
		return 0, c.wrong("the length is longer than it has to be")
	}
	return n, nil
}

// appendObjects writes data objects.
func appendObjects(b []byte, list []Object) ([]byte, error) {
	for _, o := range list {
		whole := &cursor{data: tagBytes(o.Tag)}
		if _, err := whole.tag(); err != nil || len(whole.data) > 0 {
			return nil, wrong(tagText(o.Tag), 0, "the tag is not complete, or none")
		}
		value := o.Value
		if o.Template() {
			if len(o.Value) > 0 {
				return nil, wrong(tagText(o.Tag), 0, "a template has no value of its own")
			}
			var err error
			if value, err = appendObjects(nil, o.Children); err != nil {
				return nil, err
			}
		} else if len(o.Children) > 0 {
			return nil, wrong(tagText(o.Tag), 0, "the tag is not that of a template")
		}
		b = append(b, tagBytes(o.Tag)...)
		switch n := len(value); {
		case n < 0x80:
			b = append(b, byte(n))
		case n < 0x100:
			b = append(b, 0x81, byte(n))
		case n < 0x10000:
			b = append(b, 0x82, byte(n>>8), byte(n))
		default:
			return nil, wrong(tagText(o.Tag), 0, "the value has %d bytes, at most 65535", n)
		}
		b = append(b, value...)
	}
	return b, nil
}

// tagBytes returns the bytes of a tag.
func tagBytes(tag uint32) []byte {
	all := []byte{byte(tag >> 24), byte(tag >> 16), byte(tag >> 8), byte(tag)}
	for len(all) > 1 && all[0] == 0 {
		all = all[1:]
	}
	return all
}
