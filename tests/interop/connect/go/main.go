// Calls portraitd by the Connect protocol, over HTTP/1.1, in JSON and binary.
//
//	judge BASE_URL TOKEN CONTACT
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"connectrpc.com/connect"
	portraitv1 "portrait.dev/go/portrait/gen/portrait/v1"
)

const service = "/portrait.v1.ProfilePictureService/"

func newRequest[T any](message *T, token string) *connect.Request[T] {
	request := connect.NewRequest(message)
	request.Header().Set("Authorization", "Bearer "+token)
	return request
}

func judge(base, token, contact string, options ...connect.ClientOption) error {
	ctx := context.Background()
	get := connect.NewClient[portraitv1.GetProfilePictureRequest, portraitv1.GetProfilePictureResponse](
		http.DefaultClient, base+service+"GetProfilePicture", options...)
	response, err := get.CallUnary(ctx, newRequest(&portraitv1.GetProfilePictureRequest{Contact: contact}, token))
	if err != nil {
		return err
	}
	if found := response.Msg.GetProfilePicture().GetPhoneNumber(); found != contact {
		return fmt.Errorf("got %s", found)
	}
	_, err = get.CallUnary(ctx, newRequest(&portraitv1.GetProfilePictureRequest{Contact: "x"}, token))
	if connect.CodeOf(err) != connect.CodeInvalidArgument {
		return fmt.Errorf("invalid contact: %w", err)
	}
	_, err = get.CallUnary(ctx, newRequest(&portraitv1.GetProfilePictureRequest{Contact: contact}, "pt_unknown"))
	if connect.CodeOf(err) != connect.CodeUnauthenticated {
		return fmt.Errorf("unknown token: %w", err)
	}

	watch := connect.NewClient[portraitv1.WatchProfilePictureChangesRequest, portraitv1.WatchProfilePictureChangesResponse](
		http.DefaultClient, base+service+"WatchProfilePictureChanges", options...)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	stream, err := watch.CallServerStream(watching,
		newRequest(&portraitv1.WatchProfilePictureChangesRequest{ResumeToken: "beginning"}, token))
	if err != nil {
		return err
	}
	for stream.Receive() {
		for _, change := range stream.Msg().GetChanges() {
			if change.GetPhoneNumber() != contact {
				return fmt.Errorf("change of %s", change.GetPhoneNumber())
			}
			return nil
		}
	}
	return fmt.Errorf("the stream ended: %w", stream.Err())
}

func main() {
	base, token, contact := os.Args[1], os.Args[2], os.Args[3]
	if err := judge(base, token, contact, connect.WithProtoJSON()); err != nil {
		log.Fatal("JSON: ", err)
	}
	if err := judge(base, token, contact); err != nil {
		log.Fatal("binary: ", err)
	}
	fmt.Println("ok")
}
