package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"roster/team"
)

// E2: the short way knows how long a field may be, as its tag says.
func TestPlainKnowsEveryBound(t *testing.T) {
	t.Parallel()
	fields := reflect.TypeFor[Check]()
	texts := 0
	for i := range fields.NumField() {
		f := fields.Field(i)
		if f.Type.Kind() != reflect.String {
			continue
		}
		texts++
		most, err := strconv.Atoi(f.Tag.Get("maxLength"))
		if err != nil {
			t.Fatal(f.Name, err)
		}
		for n, want := range map[int]bool{most: f.Name != "Level", most + 1: false} { // a level is one of two words
			var c Check
			reflect.ValueOf(&c).Elem().Field(i).SetString(strings.Repeat("ü", n))
			if c.plain() != want {
				t.Errorf("%s of %d letters: %v", f.Name, n, c.plain())
			}
		}
	}
	if texts != 6 {
		t.Errorf("%d fields are texts: plain looks at 6", texts)
	}
}

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
