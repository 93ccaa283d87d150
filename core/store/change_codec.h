// Encodes changes for the store as portrait.v1.ProfilePictureChange, the
// message that callers receive, so that stored bytes can be sent unchanged.
#ifndef PORTRAIT_CORE_STORE_CHANGE_CODEC_H_
#define PORTRAIT_CORE_STORE_CHANGE_CODEC_H_

#include "core/store/observation.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait {

v1::ProfilePictureChange ToProto(const Change& change);
Change FromProto(const v1::ProfilePictureChange& proto);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_CHANGE_CODEC_H_
