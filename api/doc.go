// Package api keeps the OpenAPI document of the program as a file, so that a change of the API
// shows in a review and clients can be generated without a running server.
//
// openapi.json is what the server answers at /openapi.json, except for the version of the build.
// `make generate` writes it anew.
package api
