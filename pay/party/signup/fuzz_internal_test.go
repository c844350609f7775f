package signup

import (
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// Goal: no file makes the reader fall over; what it reads is whole, each mistake has its line, and
// what is taken makes shops that the directory takes. Method: fuzzing of files, seeded with the
// template in both encodings.
func FuzzReadPage(f *testing.F) {
	template := string(Template())
	f.Add([]byte(template))
	f.Add([]byte(strings.Repeat(template, 2)))
	f.Add([]byte("kind,legal_name\n\"a,b\n"))
	f.Add([]byte("\xef\xbb\xbfmerchant_id\n=1\n"))
	f.Add([]byte("\x83\x5c,\x81\n"))
	at := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, data []byte) {
		text, _, err := decode(data)
		if err != nil {
			return
		}
		if !utf8.ValidString(text) {
			t.Fatalf("decoded to no text: %q", text)
		}
		p := readPage(text)
		b := newBook(at, p.wrong)
		for _, l := range p.lines {
			b.take(l)
		}
		most := strings.Count(text, "\n") + 1
		for _, m := range b.wrong.kept {
			if m.Line < 1 || m.Line > most || m.Text == "" || !utf8.ValidString(m.Field) {
				t.Fatalf("mistake %+v of a file of %d lines", m, most)
			}
		}
		if b.wrong.count > 0 {
			return
		}
		shops, of := b.group()
		if len(shops) != len(of) {
			t.Fatalf("%d shops of %d groups", len(shops), len(of))
		}
		for i := range shops {
			if err := shops[i].Clean(); err != nil {
				t.Fatalf("taken, but not by the directory: %v", err)
			}
		}
	})
}

// Goal: one cell, whatever is in it, never makes a shop that the directory refuses, and a mistake
// names a column. Method: fuzzing of one cell of a good line.
func FuzzCell(f *testing.F) {
	for i, c := range columns {
		f.Add(i, c.Example)
	}
	f.Add(0, "㍿")
	f.Add(6, "\u202egpj.exe")
	at := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, at0 int, cell string) {
		if at0 < 0 || at0 >= len(columns) || !utf8.ValidString(cell) {
			return
		}
		cells := make([]string, len(columns))
		for i, c := range columns {
			cells[i] = c.Example
		}
		cells[at0] = cell
		b := newBook(at, mistakes{})
		b.take(line{2, cells})
		for _, m := range b.wrong.kept {
			if m.Line != 2 || m.Field == "" || strings.HasPrefix(m.Field, "/") {
				t.Fatalf("%s = %q: mistake %+v", columns[at0].Name, cell, m)
			}
		}
		if b.wrong.count == 0 {
			if shops, _ := b.group(); len(shops) != 1 || shops[0].Clean() != nil {
				t.Fatalf("%s = %q makes %+v", columns[at0].Name, cell, shops)
			}
		}
	})
}

// Goal: a file cannot make the network hold many times its size in memory: one that is nothing
// but commas, quotes or broken lines is refused, or left after as many lines as a file may have.
// Method: the largest files of each kind, and what reading them allocates.
// Not parallel: it measures the memory of the whole process.
func TestFilesOfNothingCostLittle(t *testing.T) {
	if len(columns) > columnsMax {
		t.Fatalf("there are %d columns: commasMax is too low", len(columns))
	}
	header := strings.SplitAfter(string(Template()), "\n")[0]
	fill := func(unit string) string { return strings.Repeat(unit, (ImportMax-2000)/len(unit)) }
	for name, text := range map[string]string{"commas in the header": fill(","),
		"commas in a line": header + fill(","), "cells of line ends": header + fill("\"\n\","),
		"empty cells": header + fill(",\n"), "broken lines": header + fill("a\"\n")} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		p := page{}
		got, _, err := decode([]byte(text))
		if err == nil {
			p = readPage(got)
		}
		runtime.ReadMemStats(&after)
		if err == nil && (p.wrong.count == 0 || p.wrong.count > ImportLinesMax+1) {
			t.Errorf("%s: %d mistakes", name, p.wrong.count)
		}
		if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; mib > 100 {
			t.Errorf("%s: %d MiB", name, mib)
		}
	}
}
