// Follow_changes prints picture changes as the server detects them. A later run
// continues where the last one stopped.
//
//	follow_changes seen.token
//
// The file stores the position. If it does not exist, all changes that the server
// has stored are printed first. The environment variables PORTRAIT_SERVER (default
// 127.0.0.1:7700) and PORTRAIT_TOKEN_FILE name the server and the file of the access
// token.
package main

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"

	"portrait.dev/go/portrait"
)

func main() {
	if len(os.Args) != 2 || os.Getenv("PORTRAIT_TOKEN_FILE") == "" {
		log.Fatal("usage: follow_changes seen.token; set PORTRAIT_TOKEN_FILE to the file " +
			"of the access token")
	}
	client, err := portrait.NewClient(cmp.Or(os.Getenv("PORTRAIT_SERVER"), "127.0.0.1:7700"),
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
		// Save the token after the changes, and replace the file atomically.
		check(os.WriteFile(path+".new", []byte(response.ResumeToken), 0o600))
		check(os.Rename(path+".new", path))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
