// enrich_csv contacts.csv results.csv looks up the column "phone" of a CSV file.
// PORTRAIT_SERVER and PORTRAIT_TOKEN_FILE say where to ask.
package main

import (
	"context"
	"encoding/csv"
	"io"
	"log"
	"os"
	"portrait"
	"slices"
)

func main() {
	client, err := portrait.NewClient(os.Getenv("PORTRAIT_SERVER"),
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
		p := result.Picture // its getters take nil
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
