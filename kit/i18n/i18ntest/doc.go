// Package i18ntest checks catalogues of texts.
package i18ntest
