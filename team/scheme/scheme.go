package scheme

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"roster/team"
)

//go:embed *.toml
var builtIn embed.FS

// sizeMax is more than any scheme needs, and less than what hurts to read.
const sizeMax = 1 << 20

// BuiltIn returns the schemes that come with Roster.
func BuiltIn() (team.Schemes, error) { return Load(nil) }

// Load returns the built-in schemes and those of the *.toml files in dir. A
// mistake in any file refuses all of them; several are reported together. A
// file cannot replace a scheme that is already there.
func Load(dir fs.FS) (team.Schemes, error) {
	all := team.Schemes{}
	if err := add(all, builtIn); err != nil {
		return nil, err
	}
	if dir == nil {
		return all, nil
	}
	if err := add(all, dir); err != nil {
		return nil, err
	}
	return all, nil
}

func add(all team.Schemes, dir fs.FS) error {
	names, err := fs.Glob(dir, "*.toml")
	if err != nil {
		return fmt.Errorf("list scheme files: %w", err)
	}
	slices.Sort(names)
	var found Errors
	for _, name := range names {
		data, err := fs.ReadFile(dir, name)
		if err != nil {
			return fmt.Errorf("read scheme file %s: %w", name, err)
		}
		s, err := Parse(name, data)
		var wrong Errors
		switch {
		case errors.As(err, &wrong):
			found = append(found, wrong...)
		case err != nil:
			return err
		case all[s.Name] != nil:
			at := locate(data).find("name")
			found = append(found, &Error{
				File: name, Line: at.line, Column: at.column, Key: "name",
				Problem: "there is a scheme " + quote(s.Name) + " already", Right: "choose another name",
			})
		default:
			all[s.Name] = s
		}
	}
	if len(found) > 0 {
		return found
	}
	return nil
}

// Text returns the file of a built-in scheme, as a start for one's own.
func Text(name string) ([]byte, bool) {
	data, err := builtIn.ReadFile(path.Base(strings.ToLower(name)) + ".toml")
	return data, err == nil
}

// Parse reads one scheme. Its error is Errors, with name as the file.
func Parse(name string, data []byte) (*team.Scheme, error) {
	if len(data) > sizeMax {
		return nil, Errors{{File: name, Problem: "the file is too large", Right: "keep it below 1 MB"}}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // some editors leave one
	values := map[string]any{}
	if err := toml.Unmarshal(data, &values); err != nil {
		return nil, Errors{syntax(name, err)}
	}
	p := &problems{file: name, at: locate(data)}
	s := read(&table{p: p, values: values})
	if len(p.all) > 0 {
		slices.SortStableFunc(p.all, func(a, b *Error) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
		return nil, p.all
	}
	return s, nil
}

func syntax(name string, err error) *Error {
	out := &Error{File: name, Problem: strings.TrimPrefix(err.Error(), "toml: "), Right: "write TOML: key = value, text in quotes"}
	var at *toml.DecodeError
	if errors.As(err, &at) {
		out.Line, out.Column = at.Position()
	}
	return out
}
