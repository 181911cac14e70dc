// Package scheme reads role schemes: TOML in, team.Scheme out. Five are built
// in; a directory may add more. A file with a mistake in it is refused whole,
// with every place and reason at once, because a scheme that is read halfway
// would give people the wrong rights. The package knows no organization, no
// member and no rule: what a scheme means is decided in package team.
//
// Files are decoded into plain values and read key by key, instead of into a
// struct by the library's strict mode: so one pass reports every mistake, each
// with its line, and none of them in terms of Go types.
package scheme
