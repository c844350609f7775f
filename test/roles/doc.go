// Package roles proves that nobody reads or changes what is another party's: it walks every
// operation of the API and every page of the consoles as every role, at home and as a stranger.
//
// The walk is generated: operations and the roles that may call them come from the server's own
// OpenAPI document, pages from following every link. An operation with a parameter that the walk
// does not know fails it, so a new one cannot be forgotten.
package roles
