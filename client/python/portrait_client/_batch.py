"""The request and the results of one batch."""

from __future__ import annotations

from typing import Iterable, List, Optional, Tuple, Union

from portrait_client._bulk_state import contact_text
from portrait_client.results import Item, Result
from portrait_client.v1 import profile_picture_pb2 as pb


def batch_request(items: Iterable[Union[str, Item]],
                  options: Optional[pb.LookupOptions]
                  ) -> Tuple[List[Result], pb.BatchGetProfilePicturesRequest]:
    """A result for each item, and the request. An item that cannot be sent has
    its result already; the others' indices are the tags of the request."""
    results = []
    request = pb.BatchGetProfilePicturesRequest(options=options)
    for index, each in enumerate(items):
        item = each if isinstance(each, Item) else Item(each)
        contact, problem = contact_text(item)
        if problem:
            results.append(Result(item, error=pb.LookupError(
                reason=pb.ERROR_REASON_INVALID_CONTACT, message=problem)))
        else:
            results.append(Result(item))
            request.items.add(tag=index, contact=contact,
                              existing_id=item.existing_id,
                              country=item.country)
    return results, request


def add_response(results: List[Result],
                 response: pb.BatchGetProfilePicturesResponse) -> List[Result]:
    for got in response.results:
        result = results[got.tag]
        if got.HasField("profile_picture"):
            result.picture = got.profile_picture
        elif got.HasField("error"):
            result.error = got.error
    return results
