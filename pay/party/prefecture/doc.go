// Package prefecture is the table of Japan's 47 prefectures, with their names in the five
// languages that people are shown.
//
// Codes are those of JIS X 0401 (two digits, "01" to "47"); ISO 3166-2:JP writes the same number
// as "JP-01". The table is embedded and never changes while the program runs.
package prefecture
