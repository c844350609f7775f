package stand

import "watari/kit/fault"

// What can keep a stand from being drawn.
var (
	ErrFonts = fault.Define("stand-fonts-missing", fault.Unavailable,
		"This server was built without the fonts of QR stands")
	ErrUndrawable = fault.Define("stand-text-undrawable", fault.Unprocessable,
		"A name on the stand has a character that cannot be printed")
	ErrNoCode = fault.Define("stand-code-impossible", fault.Unprocessable,
		"The store's printed code cannot be made")
	ErrForm = fault.Define("stand-form-unknown", fault.Invalid,
		"There is no such size or form of a stand")
	ErrTooMany = fault.Define("stand-too-many", fault.Invalid,
		"Too many stands for one file")
)
