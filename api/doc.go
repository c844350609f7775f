// Package api holds openapi.json, the description of the network's own API (OpenAPI 3.1), as a
// running server shows it. The file is generated: `make generate` writes it anew, and a test
// compares it with what the program says, so that a change of the API is seen where it is reviewed.
// Only the version of the program is left out.
package api
