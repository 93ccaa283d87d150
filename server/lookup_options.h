// Reads the LookupOptions of a call.
#ifndef PORTRAIT_SERVER_LOOKUP_OPTIONS_H_
#define PORTRAIT_SERVER_LOOKUP_OPTIONS_H_

#include "absl/status/statusor.h"
#include "core/lookup/lookup_engine.h"
#include "core/work/session_directory.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait {

// The part of a LookupRequest that callers choose.
//
// Errors: INVALID_ARGUMENT naming the field: a size that is none, an age that
// is negative or no duration, a session that does not exist, a
// country that is no ISO 3166 code.
absl::StatusOr<LookupRequest> ParseLookupOptions(
    const v1::LookupOptions& options, const SessionDirectory& sessions);

// An item as the engine takes it. Over-long texts are cut to what is still
// over-long, so that they cost no memory while they wait to be refused.
LookupItem MakeLookupItem(const v1::EnrichItem& item);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_LOOKUP_OPTIONS_H_
