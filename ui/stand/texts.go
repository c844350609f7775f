package stand

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"
)

//go:embed texts.json
var textsFile []byte

// words are what every stand says, in one language. The fonts of the build hold their characters.
type words struct {
	Scan    string `json:"scan"`
	Wallets string `json:"wallets"`
	How     string `json:"how"`
	Store   string `json:"store"`
}

// languages are those of a stand, in the order in which they stand on it.
var languages = []string{"ja", "en", "zh-Hans", "ko"}

var allWords = sync.OnceValue(func() map[string]words {
	var all map[string]words
	if err := json.Unmarshal(textsFile, &all); err != nil {
		panic(fmt.Sprintf("stand: texts.json: %v", err))
	}
	return all
})

// said is what a stand says in a language.
func said(lang string) words { return allWords()[lang] }

// script is the font in whose forms a language is written, as typeface.shape takes it.
func script(lang string) int {
	switch lang {
	case "zh-Hans":
		return 1
	case "ko":
		return 2
	}
	return 0
}
