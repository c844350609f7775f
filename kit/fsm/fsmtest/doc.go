// Package fsmtest proves the rules that every state table must keep.
//
// A domain's test calls Check with its table, its first state, and the list of the CHECK
// constraint in its schema, and Diagram with the file in docs/states. Diagram writes the file
// when the environment variable WATARI_UPDATE is 1.
package fsmtest
