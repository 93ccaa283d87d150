#include "core/store/change_codec.h"

#include "core/base/proto_time.h"

namespace portrait {

v1::ProfilePictureChange ToProto(const Change& change) {
  v1::ProfilePictureChange proto;
  proto.set_jid(change.jid);
  proto.set_phone_number(change.phone_number);
  proto.set_kind(change.kind);
  proto.set_old_id(change.old_id);
  proto.set_new_id(change.new_id);
  *proto.mutable_observe_time() = ToProto(change.observed_at);
  proto.set_sequence(change.sequence);
  return proto;
}

Change FromProto(const v1::ProfilePictureChange& proto) {
  return {.sequence = proto.sequence(),
          .jid = proto.jid(),
          .phone_number = proto.phone_number(),
          .kind = proto.kind(),
          .old_id = proto.old_id(),
          .new_id = proto.new_id(),
          .observed_at = FromProto(proto.observe_time())};
}

}  // namespace portrait
