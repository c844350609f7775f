package web_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/web"
)

// Goal: callers of a suspended place read, and call what says that it is for them too; callers of
// a closed one nothing (access, A6). Method: an operation of each sort, by one key as its place
// goes.
func TestOperationsHeedTheStanding(t *testing.T) {
	t.Parallel()
	for stands, want := range map[access.Standing]string{
		access.Open:      "204 204 204",
		access.Suspended: "204 403 place-suspended 204",
		access.Closed:    "403 place-closed 403 place-closed 403 place-closed",
	} {
		f := newFixture(t, func(c *web.Config) {
			c.Keys.Heed(func(context.Context, *db.Tx, access.Caller) (access.Standing, error) {
				return stands, nil
			})
		})
		var got []string
		for id, op := range map[string]web.Op{"": {Method: "GET"}, "a": {Method: "POST"},
			"b": {Method: "POST", WhileSuspended: true}} {
			op.ID, op.Path, op.Summary = "try-"+id+"it", "/v1/try/"+id+"it", "Try it"
			op.Roles = []access.Role{access.Acquirer}
			web.Register(f.Server, op, func(context.Context, *struct{}) (*struct{}, error) {
				return nil, nil
			})
		}
		for _, what := range []string{"GET /v1/try/it", "POST /v1/try/ait", "POST /v1/try/bit"} {
			method, path, _ := strings.Cut(what, " ")
			r := httptest.NewRequest(method, path, nil)
			r.Header.Set("Authorization", "Bearer "+f.keys[access.Acquirer])
			w := httptest.NewRecorder()
			f.ServeHTTP(w, r)
			one := strconv.Itoa(w.Code)
			var problem struct{ Type string }
			if w.Body.Len() > 0 && json.Unmarshal(w.Body.Bytes(), &problem) == nil {
				one += " " + strings.TrimPrefix(problem.Type, "/problems/")
			}
			got = append(got, one)
		}
		if all := strings.Join(got, " "); all != want {
			t.Errorf("standing %d: %s, want %s", stands, all, want)
		}
		if undone := f.Undeclared(); len(undone) > 0 {
			t.Errorf("undeclared: %v", undone)
		}
	}
}
