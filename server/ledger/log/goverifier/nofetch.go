//go:build !http

package main

import "errors"

// fetch is left out by default: the HTTP client and its TLS take most of the time of a first build.
func fetch(string) ([]byte, error) {
	return nil, errors.New("built without HTTP: build with -tags http")
}
