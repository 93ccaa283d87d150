// Records as callers see them.
#ifndef PORTRAIT_CORE_LOOKUP_RENDER_H_
#define PORTRAIT_CORE_LOOKUP_RENDER_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/lookup/freshness.h"
#include "core/session/work_source.h"
#include "portrait/store/v1/store.pb.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait {

// What is known of the contact, with the URLs `wanted` and no others. A URL
// that has expired is left out, whoever asks for it.
v1::ProfilePicture RenderProfilePicture(store::v1::ContactRecord record,
                                        const Wanted& wanted, v1::Source source,
                                        absl::Time now);

v1::LookupError RenderError(const LookupFailure& failure);

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_RENDER_H_
