package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"unicode/utf8"

	"roster/team"
)

// FuzzJSON: no body breaks what looks at it. What passes is JSON that another decoder
// understands too, and what takes the short way means the same to it (I1, I2, I4).
func FuzzJSON(f *testing.F) {
	for _, body := range []string{
		`{}`, `[]`, `"x"`, `{"user":"a@example.com","organization":"acme","permission":"team.view"}`, `{"checks":[{"user":"x","module":"api","level":"read"}]}`,
		`{"user":"\u0061","scope":""}`, `{"a":null}`, `{"a":1,"a":2}`, `{"A":1}`, `{"explain":true}`, `{"user":"` + "\xff" + `"}`, `{"user":"\ud800"}`, `{"a":"\u0000"}`,
		`{"checks":[],"user":"x"}`, ` {"level" : "write" } `, `{} {}`, `[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]`, `{"ſcope":"x"}`, `{"user":"ü` + "\ufffd" + `"}`, `1e999`, `-`, ``,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		err := checkJSON(raw)
		if e := (*team.Error)(nil); err != nil && (!errors.As(err, &e) || e.Code == "" || e.Message == "") {
			t.Errorf("%q: %v", raw, err)
		}
		if err == nil && (!json.Valid(raw) || !utf8.Valid(raw) || bytes.Contains(raw, []byte{0})) {
			t.Errorf("%q passes", raw)
		}
		in, plain := plainChecks(raw)
		if !plain {
			return
		}
		var same CheckBody
		strict := json.NewDecoder(bytes.NewReader(raw))
		strict.DisallowUnknownFields()
		if failed := strict.Decode(&same); err != nil || failed != nil || !reflect.DeepEqual(in, same) {
			t.Errorf("%q is plain: %+v, but %v, %v, %+v", raw, in, err, failed, same)
		}
	})
}
