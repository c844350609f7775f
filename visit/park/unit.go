package park

import (
	"slices"

	"watari/kit/i18n"
	"watari/visit/park/ticket"
)

// Unit is the age class of who enters.
type Unit string

// The age classes. A park says which ages they are.
const (
	Adult  Unit = "adult"
	Junior Unit = "junior" // a pupil of a middle school
	Child  Unit = "child"
	Senior Unit = "senior"
	Infant Unit = "infant" // needs a ticket, which is free
)

// Units returns every age class, in the order in which pages list them.
func Units() []Unit { return []Unit{Adult, Junior, Child, Senior, Infant} }

// Class is the number of an age class in the text of a ticket.
func (u Unit) Class() ticket.Class {
	for i, known := range Units() {
		if u == known {
			return ticket.Class(i + 1)
		}
	}
	return 0
}

// known says whether u is one of Units.
func (u Unit) known() bool { return slices.Contains(Units(), u) }

// Name is what an age class is called.
func (u Unit) Name(l i18n.Lang) string { return unitNames[u].In(l) }

// unitNames are what pages and receipts call the age classes.
var unitNames = map[Unit]i18n.Text{
	Adult: {i18n.English: "Adult", i18n.Japanese: "大人", i18n.SimplifiedChinese: "成人",
		i18n.TraditionalChinese: "成人", i18n.Korean: "성인"},
	Junior: {i18n.English: "Junior high pupil", i18n.Japanese: "中学生",
		i18n.SimplifiedChinese: "初中生", i18n.TraditionalChinese: "國中生",
		i18n.Korean: "중학생"},
	Child: {i18n.English: "Child", i18n.Japanese: "小人", i18n.SimplifiedChinese: "儿童",
		i18n.TraditionalChinese: "兒童", i18n.Korean: "어린이"},
	Senior: {i18n.English: "Senior", i18n.Japanese: "シニア", i18n.SimplifiedChinese: "长者",
		i18n.TraditionalChinese: "長者", i18n.Korean: "경로"},
	Infant: {i18n.English: "Infant", i18n.Japanese: "幼児", i18n.SimplifiedChinese: "幼儿",
		i18n.TraditionalChinese: "幼兒", i18n.Korean: "유아"},
}
