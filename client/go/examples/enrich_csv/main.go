// Enrich_csv looks up the phone numbers of a CSV file and writes the results.
//
//	enrich_csv contacts.csv results.csv
//
// The phone numbers are in the column "phone". The environment variables
// PORTRAIT_SERVER (default 127.0.0.1:7700) and PORTRAIT_TOKEN_FILE name the server
// and the file of the access token.
package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"io"
	"log"
	"os"
	"slices"

	"portrait.dev/go/portrait"
)

func main() {
	if len(os.Args) != 3 || os.Getenv("PORTRAIT_TOKEN_FILE") == "" {
		log.Fatal("usage: enrich_csv contacts.csv results.csv; set PORTRAIT_TOKEN_FILE " +
			"to the file of the access token")
	}
	client, err := portrait.NewClient(cmp.Or(os.Getenv("PORTRAIT_SERVER"), "127.0.0.1:7700"),
		portrait.Options{TokenFile: os.Getenv("PORTRAIT_TOKEN_FILE")})
	must(err)
	source, err := os.Open(os.Args[1])
	must(err)
	target, err := os.Create(os.Args[2])
	must(err)
	writer := csv.NewWriter(target)
	must(writer.Write([]string{"phone", "registration", "state", "url", "error"}))
	for result, err := range client.Enrich(context.Background(),
		phones(csv.NewReader(source)), portrait.BulkOptions{}) {
		must(err)
		p := result.Picture // getters of a nil message return zero values
		must(writer.Write([]string{result.Item.Contact, p.GetRegistration().String(),
			p.GetState().String(), p.GetUrl(), result.Error.GetMessage()}))
	}
	writer.Flush()
	must(writer.Error())
	must(target.Close())
}

func phones(reader *csv.Reader) func(yield func(portrait.Item, error) bool) {
	header, err := reader.Read()
	must(err)
	column := slices.Index(header, "phone")
	if column < 0 {
		log.Fatal("the file has no column \"phone\"")
	}
	return func(yield func(portrait.Item, error) bool) {
		row, err := reader.Read()
		for ; err == nil; row, err = reader.Read() {
			if !yield(portrait.Item{Contact: row[column], Context: row}, nil) {
				return
			}
		}
		if err != io.EOF {
			yield(portrait.Item{}, err)
		}
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
