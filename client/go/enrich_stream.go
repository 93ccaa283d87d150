package portrait

import (
	"context"
	"errors"
	"io"

	v1 "portrait.dev/go/portrait/gen/portrait/v1"
)

// errEndedWell is the event of a stream that the server ended with OK.
var errEndedWell = errors.New("the server ended the stream")

// enrichEvent is a response, or the end of the stream.
type enrichEvent struct {
	response *v1.EnrichProfilePicturesResponse
	err      error
}

// enrichStream is one bulk stream. Its channels are unbuffered, so that gRPC flow
// control reaches both ends.
type enrichStream struct {
	requests chan *v1.EnrichProfilePicturesRequest // closed after the last request
	events   chan enrichEvent
	leave    context.CancelFunc
}

func openEnrichStream(ctx context.Context, service v1.ProfilePictureServiceClient) *enrichStream {
	ctx, cancel := context.WithCancel(ctx)
	s := &enrichStream{
		requests: make(chan *v1.EnrichProfilePicturesRequest),
		events:   make(chan enrichEvent),
		leave:    cancel,
	}
	go s.read(ctx, service)
	return s
}

func (s *enrichStream) read(ctx context.Context, service v1.ProfilePictureServiceClient) {
	stream, err := service.EnrichProfilePictures(ctx)
	if err == nil {
		go s.write(ctx, stream)
	}
	for {
		var event enrichEvent
		if event.err = err; err == nil {
			event.response, event.err = stream.Recv()
		}
		if event.err == io.EOF {
			event.err = errEndedWell
		}
		select {
		case s.events <- event:
		case <-ctx.Done():
			return
		}
		if event.err != nil {
			return
		}
	}
}

func (s *enrichStream) write(ctx context.Context, stream v1.ProfilePictureService_EnrichProfilePicturesClient) {
	for {
		select {
		case request, more := <-s.requests:
			if !more {
				stream.CloseSend()
				return
			}
			if stream.Send(request) != nil {
				return // Recv returns the error
			}
		case <-ctx.Done():
			return
		}
	}
}
