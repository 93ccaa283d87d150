// BatchGet looks up at most 1000 contacts in one call. For more contacts, or to
// see each result as soon as it is available, see bulk_enricher.h.
//
//   v1::EnrichItem item;
//   item.set_contact("+13105551234");
//   ASSIGN_OR_RETURN(std::vector<v1::EnrichResult> results,
//                    BatchGet(*client, {item}));
#ifndef PORTRAIT_CLIENT_BATCH_GET_H_
#define PORTRAIT_CLIENT_BATCH_GET_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/portrait_client.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait::client {

struct BatchOptions {
  v1::LookupOptions lookup;
  // Limits the whole call with its retries. The server answers shortly before
  // it; an item that it could not look up until then has an error.
  absl::Duration timeout = absl::Minutes(1);
};

// Returns one result for each item, in the order of the items and with their
// tags. An item that cannot be sent (its contact is not valid UTF-8) has the
// error INVALID_CONTACT; without any other item there is no call. If the server
// is UNAVAILABLE, the call is repeated up to three times, after the delay that
// the server asks for. Blocks.
//
// Errors: those of BatchGetProfilePictures; a failed lookup is a result.
absl::StatusOr<std::vector<v1::EnrichResult>> BatchGet(
    PortraitClient& client, const std::vector<v1::EnrichItem>& items,
    const BatchOptions& options = {});

}  // namespace portrait::client

#endif  // PORTRAIT_CLIENT_BATCH_GET_H_
