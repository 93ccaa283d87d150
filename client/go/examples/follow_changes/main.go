// Follow_changes prints picture changes as they are found; none is missed between
// two runs.
//
//	follow_changes seen.token
//
// The file keeps how far this has come; without it, all changes that the server
// keeps are printed first. PORTRAIT_SERVER (such as 127.0.0.1:7700) and
// PORTRAIT_TOKEN_FILE say where to ask.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"

	"portrait"
)

func main() {
	client, err := portrait.NewClient(os.Getenv("PORTRAIT_SERVER"),
		portrait.Options{TokenFile: os.Getenv("PORTRAIT_TOKEN_FILE")})
	check(err)
	defer client.Close()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	path := os.Args[1]
	token, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		token, err = []byte("beginning"), nil
	}
	check(err)
	options := portrait.WatchOptions{ResumeToken: string(token)}
	for response, err := range client.Watch(ctx, options) {
		if ctx.Err() != nil {
			return
		}
		check(err)
		for _, change := range response.Changes {
			fmt.Println(change.PhoneNumber, change.Kind, change.NewId)
		}
		// Only once the changes are safe; and never half a token.
		check(os.WriteFile(path+".new", []byte(response.ResumeToken), 0o600))
		check(os.Rename(path+".new", path))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
