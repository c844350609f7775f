package db

import (
	"database/sql"
	"fmt"
	"math"
	"reflect"
)

// assign copies a value that SQLite returned (nil, int64, float64, string, []byte) to what
// dest points to, with the same results as the PostgreSQL driver.
func assign(dest, src any) error {
	switch d := dest.(type) {
	case *string:
		if s, ok := src.(string); ok {
			*d = s
			return nil
		}
	case *int64:
		if n, ok := src.(int64); ok {
			*d = n
			return nil
		}
	case *int:
		if n, ok := src.(int64); ok {
			*d = int(n)
			return nil
		}
	case *bool:
		if n, ok := src.(int64); ok {
			*d = n != 0
			return nil
		}
	case *[]byte:
		return assignBytes(d, src)
	case sql.Scanner:
		return d.Scan(src)
	}
	return assignKind(reflect.ValueOf(dest), src)
}

func assignBytes(d *[]byte, src any) error {
	switch s := src.(type) {
	case nil:
		*d = nil
	case []byte: // the driver has made a copy for us, nil for an empty one
		*d = s
		if s == nil {
			*d = []byte{}
		}
	case string:
		*d = []byte(s)
	default:
		return fmt.Errorf("scan %T into *[]byte", src)
	}
	return nil
}

func assignKind(p reflect.Value, src any) error {
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return fmt.Errorf("scan into %s: not a pointer", p.Type())
	}
	v := p.Elem()
	if v.Kind() == reflect.Pointer {
		if src == nil {
			v.SetZero()
			return nil
		}
		n := reflect.New(v.Type().Elem())
		if err := assign(n.Interface(), src); err != nil {
			return err
		}
		v.Set(n)
		return nil
	}
	ok := false
	switch s := src.(type) {
	case int64:
		ok = assignInt(v, s)
	case float64:
		if ok = v.Kind() == reflect.Float64; ok {
			v.SetFloat(s)
		}
	case string:
		ok = assignText(v, s)
	case []byte:
		if ok = v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8; ok {
			v.SetBytes(s)
		}
	}
	if !ok {
		return fmt.Errorf("scan %s into %s", describe(src), p.Type())
	}
	return nil
}

func assignInt(v reflect.Value, n int64) bool {
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if v.OverflowInt(n) {
			return false
		}
		v.SetInt(n)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint, reflect.Uint64:
		if n < 0 || v.OverflowUint(uint64(n)) {
			return false
		}
		v.SetUint(uint64(n))
	case reflect.Bool:
		v.SetBool(n != 0)
	case reflect.Float64:
		if n > 1<<53 || n < -(1<<53) {
			return false
		}
		v.SetFloat(float64(n))
	default:
		return false
	}
	return true
}

func assignText(v reflect.Value, s string) bool {
	switch {
	case v.Kind() == reflect.String:
		v.SetString(s)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		v.SetBytes([]byte(s))
	default:
		return false
	}
	return true
}

func describe(src any) string {
	switch s := src.(type) {
	case nil:
		return "NULL"
	case int64:
		if s > math.MaxInt32 || s < math.MinInt32 {
			return "a large integer"
		}
		return "an integer"
	}
	return fmt.Sprintf("a %T", src)
}
