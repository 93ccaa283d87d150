// A change as it is stored: portrait.v1.ProfilePictureChange, the message that
// callers get, so that it can be passed on as it stands.
#ifndef PORTRAIT_CORE_STORE_CHANGE_CODEC_H_
#define PORTRAIT_CORE_STORE_CHANGE_CODEC_H_

#include "core/store/observation.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait {

v1::ProfilePictureChange ToProto(const Change& change);
Change FromProto(const v1::ProfilePictureChange& proto);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_CHANGE_CODEC_H_
