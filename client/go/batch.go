package portrait

import (
	"context"

	v1 "portrait.dev/go/portrait/gen/portrait/v1"
)

// BatchGet looks up at most 1000 contacts in one call; the results are in the order
// of the items. For more contacts, or to see each result as soon as it is available,
// use [Client.Enrich]. options may be nil.
//
// The server answers shortly before the deadline of ctx or the client's timeout; an
// item that it could not look up until then has an error. BatchGet fails only if the
// call itself fails.
func (c *Client) BatchGet(ctx context.Context, items []Item,
	options *v1.LookupOptions) ([]Result, error) {
	results := make([]Result, len(items))
	request := &v1.BatchGetProfilePicturesRequest{Options: options}
	for i, item := range items {
		results[i].Item = item
		if problem := unsendable(item); problem != "" {
			results[i].Error = invalidContact(problem)
			continue
		}
		request.Items = append(request.Items, &v1.EnrichItem{
			Tag: uint64(i), Contact: item.Contact, ExistingId: item.ExistingID,
			Country: item.Country})
	}
	if len(request.Items) == 0 {
		return results, nil
	}
	response, err := c.Pictures.BatchGetProfilePictures(ctx, request)
	if err != nil {
		return nil, err
	}
	for _, got := range response.Results {
		if got.Tag < uint64(len(results)) {
			results[got.Tag].Picture = got.GetProfilePicture()
			results[got.Tag].Error = got.GetError()
		}
	}
	return results, nil
}
