package db

import (
	"errors"
	"io/fs"
	"slices"
)

// Sets returns the files of several sets of migrations as one set: for a package whose tables
// stand on those of another, so that whoever needs its tables gets all.
func Sets(sets ...fs.FS) fs.FS { return union(sets) }

// union is several file systems, the first one in front.
type union []fs.FS

// Open is part of fs.FS.
func (u union) Open(name string) (fs.File, error) {
	for _, set := range u {
		if f, err := set.Open(name); !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// Glob is part of fs.GlobFS.
func (u union) Glob(pattern string) ([]string, error) {
	var all []string
	for _, set := range u {
		names, err := fs.Glob(set, pattern)
		if err != nil {
			return nil, err
		}
		all = append(all, names...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}
