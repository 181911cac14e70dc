package main

// sameOwner: a file takes the rights of its folder.
func sameOwner(string, string) error { return nil }
