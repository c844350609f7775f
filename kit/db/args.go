package db

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"
)

// errText is returned for text that PostgreSQL would refuse (D5).
var errText = errors.New("text holds a NUL or invalid UTF-8")

// normalise turns every argument into nil, string, int64, bool, []byte or float64, in
// place, so that both engines get the same.
func normalise(args []any) error {
	for i, a := range args {
		switch v := a.(type) {
		case string:
			if !clean(v) {
				return fmt.Errorf("argument $%d: %w", i+1, errText)
			}
		case int64, bool, []byte, nil, float64:
		case int:
			args[i] = int64(v)
		default:
			n, err := plain(a)
			if err != nil {
				return fmt.Errorf("argument $%d: %w", i+1, err)
			}
			args[i] = n
		}
	}
	return nil
}

// clean says whether both engines can store s.
func clean(s string) bool {
	return strings.IndexByte(s, 0) < 0 && utf8.ValidString(s)
}

// plain is the slow way of normalise, for pointers and named types.
func plain(a any) (any, error) {
	switch v := a.(type) {
	case time.Time:
		return nil, errors.New("a time.Time: store microseconds, see kit/clock")
	case *string:
		return deref(v)
	case *int64:
		return deref(v)
	case driver.Valuer:
		if p := reflect.ValueOf(a); p.Kind() == reflect.Pointer && p.IsNil() {
			return nil, nil
		}
		w, err := v.Value()
		if err != nil {
			return nil, err
		}
		if _, again := w.(driver.Valuer); again {
			return nil, fmt.Errorf("%T gives a Valuer", a)
		}
		return plain(w)
	}
	return plainKind(reflect.ValueOf(a))
}

func deref[T any](p *T) (any, error) {
	if p == nil {
		return nil, nil
	}
	return plain(*p)
}

func plainKind(v reflect.Value) (any, error) {
	switch v.Kind() {
	case reflect.Invalid:
		return nil, nil
	case reflect.String:
		if s := v.String(); clean(s) {
			return s, nil
		}
		return nil, errText
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), nil
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint, reflect.Uint64:
		if v.Uint() > math.MaxInt64 {
			return nil, fmt.Errorf("%d does not fit into bigint", v.Uint())
		}
		return int64(v.Uint()), nil
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Float32, reflect.Float64:
		return v.Float(), nil
	case reflect.Pointer:
		if v.IsNil() {
			return nil, nil
		}
		return plain(v.Elem().Interface())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Bytes(), nil
		}
	}
	return nil, fmt.Errorf("type %s is not storable", v.Type())
}
