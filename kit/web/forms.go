package web

import (
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// unseen returns the name of an embedded struct of an unexported type somewhere in t, or "". huma
// passes such a struct over without a word: its parameters would be refused as unknown, its members
// be missing in the document, while encoding/json reads and writes them.
func unseen(t reflect.Type, seen map[reflect.Type]bool) string {
	if seen[t] || readsItself(t) {
		return ""
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return unseen(t.Elem(), seen)
	case reflect.Struct:
	default:
		return ""
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && !f.IsExported() {
			return t.String() + "." + f.Name
		}
		if f.IsExported() {
			if name := unseen(f.Type, seen); name != "" {
				return name
			}
		}
	}
	return ""
}

// readsItself says that a type has a form of its own, whatever its fields are.
func readsItself(t reflect.Type) bool {
	for _, own := range []reflect.Type{reflect.TypeFor[json.Marshaler](),
		reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[huma.SchemaProvider]()} {
		if t.Implements(own) || reflect.PointerTo(t).Implements(own) {
			return true
		}
	}
	return false
}
