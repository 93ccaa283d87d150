// Parses the LookupOptions of a call.
#ifndef PORTRAIT_SERVER_LOOKUP_OPTIONS_H_
#define PORTRAIT_SERVER_LOOKUP_OPTIONS_H_

#include "absl/status/statusor.h"
#include "core/lookup/lookup_engine.h"
#include "core/work/session_directory.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait {

// Returns the part of a LookupRequest that callers choose.
//
// Errors: INVALID_ARGUMENT naming the field: an invalid size, a negative age or
// invalid duration, a session that does not exist, a country that is not an ISO
// 3166 code.
absl::StatusOr<LookupRequest> ParseLookupOptions(
    const v1::LookupOptions& options, const SessionDirectory& sessions);

// Converts an item for the engine. A text that is too long is cut to just over
// its limit, so that it takes little memory until it is refused.
LookupItem MakeLookupItem(const v1::EnrichItem& item);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_LOOKUP_OPTIONS_H_
